"""Promise 2 by a VFS shim: every state that SQLite's own syncs allow, under the journal's code."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from builders import AT, new_id, sale
from faults.power_cut import Deed, Disk, Kind, cuts
from faults.shim import VFS_NAME, RecordingVfs, plain_journal
from faults.test_power_cut import different, put
from faults.tills_found import Said, wrong_in

from till_kivy.clock import HandClock
from till_kivy.keystore import Ed25519Signer

SIGNER = Ed25519Signer(b"v" * 32)
CLOCK = HandClock(AT)


def recorded(folder: Path, sales: int, synchronous: str = "FULL") -> list[Deed]:
    """Sell, and write down what SQLite does to the disk and what the till says."""
    folder.mkdir()
    deeds: list[Deed] = []
    vfs = RecordingVfs(deeds)
    journal = plain_journal(folder / "journal.sqlite", SIGNER, CLOCK, VFS_NAME)
    writer = journal._writer  # noqa: SLF001 -- sabotage reaches where nobody else may
    writer.execute(f"PRAGMA synchronous = {synchronous}")
    writer.execute("PRAGMA wal_autocheckpoint = 20")
    for _ in range(sales):
        sale_id = new_id()
        journal.append_sale("A1", partial(sale, sale_id=sale_id))
        deeds.append(Deed(Kind.SAY, content=f"{sale_id}\n".encode()))
    journal.close()
    vfs.unregister()
    return deeds


def problems(deeds: list[Deed], folder: Path, each: int, seed: int = 1) -> Iterator[str]:
    """Put state after state on a real disk and open the journal there; count them in `folder`."""
    for cut in different(cuts(deeds, random.Random(seed), each)):
        place = folder / "cut"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        put(cut.files, place)
        journal = plain_journal(place / "journal.sqlite", SIGNER, CLOCK)
        found = list(wrong_in(journal, Said.of(cut.said)))
        journal.close()
        yield from (f"cut at deed {cut.at}: {problem}" for problem in found or [""])


def told(problems: Iterator[str]) -> tuple[int, list[str]]:
    """Return how many states were looked at, and what was wrong."""
    all_of_them = list(problems)
    return len(all_of_them), [problem for problem in all_of_them if not problem.endswith(": ")]


def test_no_state_that_sqlites_syncs_allow_loses_an_acknowledged_sale(tmp_path: Path) -> None:
    deeds = recorded(tmp_path / "till", sales=20)

    states, found = told(problems(deeds, tmp_path, each=3))

    assert found == []
    assert states > 400


@pytest.mark.seeds(1, 5)
def test_nor_does_any_of_thousands(tmp_path: Path, seed: int) -> None:
    deeds = recorded(tmp_path / "till", sales=80)

    states, found = told(problems(deeds, tmp_path, each=6, seed=seed))

    assert found == []
    assert states > 2_000


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_sabotage_a_journal_that_does_not_wait_for_the_disk_is_caught(
    tmp_path: Path, synchronous: str
) -> None:
    deeds = recorded(tmp_path / "till", sales=10, synchronous=synchronous)

    _, found = told(problems(deeds, tmp_path, each=0))

    assert any("acknowledged sales are lost" in problem for problem in found)


def test_the_recording_holds_the_whole_of_what_was_written(tmp_path: Path) -> None:
    deeds = recorded(tmp_path / "till", sales=5)
    disk = Disk()
    for deed in deeds:
        if deed.kind is not Kind.SAY:
            disk.take(deed)

    kept = disk.after(disk.cached)

    assert {"journal.sqlite"} <= kept.keys()
    assert kept["journal.sqlite"] == (tmp_path / "till" / "journal.sqlite").read_bytes()
