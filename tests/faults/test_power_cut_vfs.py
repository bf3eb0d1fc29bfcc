"""Promise 2 by a VFS shim: every state that SQLite's own syncs allow, under the journal's code."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import pytest
from builders import new_id
from faults.power_cut import Deed, Disk, Kind, cuts
from faults.selling_till import SMALL_WAL, sell_one
from faults.shim import PlainSqlite, journal_on, recording
from faults.tills_found import Survey

from till_kivy.keystore import FileKeyStore

PLAIN = PlainSqlite()


def recorded(folder: Path, sales: int, synchronous: str = "FULL") -> list[Deed]:
    """Sell, and write down what SQLite does to the disk and what the till says."""
    keys = FileKeyStore(folder)
    keys.create()
    with recording() as (deeds, driver), closing(journal_on(folder, keys, driver)) as journal:
        writer = journal._writer  # noqa: SLF001 -- sabotage reaches where nobody else may
        writer.execute(SMALL_WAL)
        writer.execute(f"PRAGMA synchronous = {synchronous}")
        for _ in range(sales):
            sell_one(
                journal,
                new_id(),
                lambda text: deeds.append(Deed(Kind.SAY, content=f"{text}\n".encode())),
                early=False,
            )
    return deeds


@pytest.mark.seeds(1, 17)
def test_no_state_that_sqlites_syncs_allow_loses_an_acknowledged_sale(
    tmp_path: Path, seed: int
) -> None:
    deeds = recorded(tmp_path, sales=15)
    survey = Survey(tmp_path, PLAIN)

    found = list(survey.problems(cuts(deeds, random.Random(seed), each=3)))

    assert found == []
    assert survey.states > 250


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_sabotage_a_journal_that_does_not_wait_for_the_disk_is_caught(
    tmp_path: Path, synchronous: str
) -> None:
    deeds = recorded(tmp_path, sales=10, synchronous=synchronous)

    found = Survey(tmp_path, PLAIN).problems(cuts(deeds, random.Random(2), each=0))

    assert any("acknowledged sales are lost" in problem for problem in found)


def test_the_vfs_sees_all_that_is_written(tmp_path: Path) -> None:
    """Else the states would be made up: with nothing lost they must be the real files."""
    deeds = recorded(tmp_path, sales=5)
    disk = Disk()
    for deed in deeds:
        if deed.kind is not Kind.SAY:
            disk.take(deed)

    everything = disk.after(disk.cached)

    assert everything == {p.name: p.read_bytes() for p in tmp_path.glob("journal.sqlite*")}
    assert {deed.kind for deed in deeds} == set(Kind)
