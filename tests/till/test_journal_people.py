"""What the journal's file remembers of people, by itself and when an older file is brought up."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import AT, new_id
from tills import open_journal

from domain.events import ClockedIn, ClockedOut, LineVoided
from domain.money import Money
from domain.quantity import Quantity
from till_kivy.errors import KeysUnusable
from till_kivy.journal_people import PinTries
from till_kivy.journal_schema import UPGRADES, connect, upgrade
from till_kivy.keystore import PIN_PEPPER, FileKeyStore

KEY = bytes(32)


def test_tries_are_counted_by_person_and_pin_and_outlast_the_program(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    counts = [
        journal.count_pin_try("anna", "old"),
        journal.count_pin_try("anna", "old"),
        journal.count_pin_try("deniz", "x"),
        journal.count_pin_try("anna", "new"),
    ]
    journal.close()

    again = open_journal(tmp_path)

    assert counts == [1, 2, 1, 1]
    assert again.pin_tries() == {"anna": PinTries("new", 1), "deniz": PinTries("x", 1)}
    again.forget_pin_tries("anna")
    assert again.pin_tries() == {"deniz": PinTries("x", 1)}
    again.close()


def test_who_is_at_work_follows_the_entries(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)

    for event in (ClockedIn("anna"), ClockedIn("deniz"), ClockedOut("anna"), ClockedOut("marta")):
        journal.append(event)

    assert journal.at_work() == {"deniz": AT}
    journal.close()


def test_what_leaves_a_ticket_adds_up_unless_somebody_approved(tmp_path: Path) -> None:
    journal, ticket, other = open_journal(tmp_path), new_id(), new_id()

    def off(minor: int | None, approval: bool = False) -> LineVoided:
        amount = None if minor is None else Money(minor, "EUR")
        consent = new_id() if approval else None
        return LineVoided(ticket, new_id(), "TEA", Quantity.pieces(1), "anna", amount, consent)

    for event in (off(300), off(5_000, approval=True), off(40), off(None)):
        journal.append(event)

    assert journal.taken_off_minor(ticket) == 340
    assert journal.taken_off_minor(other) == 0
    journal.close()


@pytest.mark.parametrize("version", range(1, len(UPGRADES)))
def test_a_file_of_before_people_were_remembered_is_brought_up(
    tmp_path: Path, version: int
) -> None:
    connection = connect(tmp_path / "journal.sqlite", KEY)
    upgrade(connection, UPGRADES[:version])

    upgrade(connection)

    for table in ("pin_tries", "at_work", "taken_off"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608 -- constants
    connection.close()


def test_a_till_that_was_given_no_pepper_has_an_empty_one(tmp_path: Path) -> None:
    assert FileKeyStore(tmp_path).pin_pepper() == b""


def test_a_till_reads_the_pepper_it_was_given(tmp_path: Path) -> None:
    (tmp_path / PIN_PEPPER).write_text("ab" * 32)

    assert FileKeyStore(tmp_path).pin_pepper() == b"\xab" * 32


def test_a_spoilt_pepper_is_told_and_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / PIN_PEPPER).write_text("ab" * 31)

    with pytest.raises(KeysUnusable, match="has 31 bytes, expected 32"):
        FileKeyStore(tmp_path).pin_pepper()
