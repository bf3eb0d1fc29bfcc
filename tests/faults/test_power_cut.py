"""Promise 2: the power goes at any write; no acknowledged sale is lost and nobody has to help."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from faults.power_cut import CALLS, Cut, Deed, Disk, Kind, Recording, cuts
from faults.selling_till import NORMAL
from faults.tills_found import Said, Survey, command, environment, strace

from till_kivy.keystore import FileKeyStore

LONGEST_WRITE = "8192"


def recorded(folder: Path, sales: int, sabotage: str = "") -> list[Deed]:
    """Let a till sell and write down what it does to its disk."""
    FileKeyStore(folder).create()
    trace = folder.parent / f"{folder.name}.strace"
    subprocess.run(
        [
            *(strace(), "-f", "-qqq", "-xx", "-s", LONGEST_WRITE, "-o", str(trace)),
            *("-e", f"trace={CALLS}", "-e", "signal=none"),
            *command("sell", folder, sales),
        ],
        env=environment(sabotage),
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=600,
    )
    deeds = list(Recording(folder).deeds(trace))
    trace.unlink()
    return deeds


def test_a_power_cut_at_any_write_loses_no_acknowledged_sale(tmp_path: Path) -> None:
    deeds = recorded(tmp_path, sales=25)
    survey = Survey(tmp_path)

    found = list(survey.problems(cuts(deeds, random.Random(1), each=5)))

    assert found == []
    assert survey.states > 600


@pytest.mark.timeout(1800)
@pytest.mark.seeds(0, 4)
def test_thousands_of_power_cuts_lose_no_acknowledged_sale(tmp_path: Path, seed: int) -> None:
    deeds = recorded(tmp_path, sales=100)
    survey = Survey(tmp_path)

    found = list(survey.problems(cuts(deeds, random.Random(seed), each=20)))

    assert found == []
    assert survey.states > 6_000


def test_sabotage_a_till_that_does_not_wait_for_the_disk_is_caught(tmp_path: Path) -> None:
    deeds = recorded(tmp_path, sales=10, sabotage=NORMAL)

    found = Survey(tmp_path).problems(cuts(deeds, random.Random(2), each=0))

    assert any("acknowledged sales are lost" in problem for problem in found)


def test_the_recording_holds_the_whole_of_what_was_written(tmp_path: Path) -> None:
    """Else the states would be made up: with nothing lost they must be the real files."""
    deeds = recorded(tmp_path, sales=5)
    disk = Disk()
    for deed in deeds:
        if deed.kind is not Kind.SAY:
            disk.take(deed)

    end = Cut(len(deeds), disk.after(disk.cached), said_in(deeds))

    assert list(Survey(tmp_path).problems([end])) == []
    assert len(Said.of(said_in(deeds)).acknowledged) == 5


def said_in(deeds: list[Deed]) -> str:
    return "".join(deed.content.decode() for deed in deeds if deed.kind is Kind.SAY)


def test_the_model_forgets_what_was_not_synced() -> None:
    disk = Disk()
    for deed in (
        Deed(Kind.CREATE, "a"),
        Deed(Kind.SYNC_FOLDER),
        Deed(Kind.WRITE, "a", 0, b"kept"),
        Deed(Kind.SYNC, "a"),
        Deed(Kind.WRITE, "a", 4, b"lost"),
        Deed(Kind.CREATE, "b"),
    ):
        disk.take(deed)

    assert disk.after([]) == {"a": b"kept"}
    assert disk.after(disk.cached) == {"a": b"keptlost", "b": b""}
