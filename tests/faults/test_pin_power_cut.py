"""Promise 16 by a VFS shim: no state that a power cut leaves has fewer looks than were taken."""

from __future__ import annotations

import random
from contextlib import closing, suppress
from pathlib import Path

import pytest
from builders import AT
from faults.power_cut import Cut, Deed, Kind, cuts
from faults.shim import PlainSqlite, journal_on, recording
from faults.tills_found import laid_out

from domain.catalog import Person
from domain.pins import MOST_TRIES
from till_kivy.clock import HandClock
from till_kivy.journal import Journal
from till_kivy.keystore import FileKeyStore
from till_kivy.pins import PinGuard, PinIsLocked, WrongPin

ANNA = Person("anna", "Anna", "cashier", "no hash: it fits no PIN")
LOOK = "looking\n"


class Watched(PinGuard):
    """Says each time that it looks at a PIN."""

    def __init__(self, journal: Journal, deeds: list[Deed]) -> None:
        super().__init__(journal, HandClock(AT), b"pepper")
        self._deeds = deeds

    def _fits(self, person: Person, pin: str) -> bool:
        self._deeds.append(Deed(Kind.SAY, content=LOOK.encode()))
        return super()._fits(person, pin)


def guessed(folder: Path, synchronous: str = "FULL") -> list[Deed]:
    """Type PINs until none is looked at any more, and write down what SQLite does to the disk."""
    keys = FileKeyStore(folder)
    keys.create()
    with recording() as (deeds, driver), closing(journal_on(folder, keys, driver)) as journal:
        writer = journal._writer  # noqa: SLF001 -- sabotage reaches where nobody else may
        writer.execute(f"PRAGMA synchronous = {synchronous}")
        guard = Watched(journal, deeds)
        for number in range(MOST_TRIES + 2):
            with suppress(WrongPin, PinIsLocked):
                guard.look(ANNA, f"{number:06d}")
    return deeds


def looks_given_back(folder: Path, cut: Cut) -> int:
    """Start on what the cut left, and count the looks that it forgot."""
    with (
        laid_out(cut.files, folder / "cut") as place,
        closing(journal_on(place, FileKeyStore(folder), PlainSqlite())) as journal,
    ):
        tried = journal.pin_tries().get(ANNA.id)
    return cut.said.count(LOOK) - (tried.count if tried else 0)


@pytest.mark.seeds(1, 17)
def test_a_power_cut_at_any_write_gives_no_look_back(tmp_path: Path, seed: int) -> None:
    deeds = guessed(tmp_path)

    given = [looks_given_back(tmp_path, cut) for cut in cuts(deeds, random.Random(seed), each=3)]

    assert sum(deed.kind is Kind.SAY for deed in deeds) == MOST_TRIES
    assert len(given) > 50
    assert max(given) == 0


def test_sabotage_a_till_that_looks_before_its_count_is_on_the_disk_is_caught(
    tmp_path: Path,
) -> None:
    deeds = guessed(tmp_path, "NORMAL")

    given = [looks_given_back(tmp_path, cut) for cut in cuts(deeds, random.Random(2), each=0)]

    assert max(given) > 0
