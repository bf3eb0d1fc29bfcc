"""Guessing PINs: five looks, each counted before it is taken, then half an hour of none."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from builders import AT
from counter import Counter

from domain.events import LogInRefused, PinLocked
from domain.pins import LOCKED_FOR
from till_kivy import sample
from till_kivy.catalog import SqliteCatalog
from till_kivy.errors import JournalRefused
from till_kivy.keystore import FileKeyStore
from till_kivy.people import Badge, Pin, Staff, WrongPin
from till_kivy.pins import PinIsLocked

HALF_AN_HOUR_S = LOCKED_FOR.total_seconds()


def guess(counter: Counter, times: int, person_id: str = "anna") -> None:
    """Type so many wrong PINs."""
    for number in range(times):
        with pytest.raises((WrongPin, PinIsLocked)):
            counter.register.log_in(person_id, f"{number:06d}")


def test_the_fifth_wrong_pin_locks_and_the_right_one_is_not_looked_at(counter: Counter) -> None:
    guess(counter, 4)
    with pytest.raises(PinIsLocked, match="not looked at for 30 min"):
        counter.register.log_in("anna", "999999")

    with pytest.raises(PinIsLocked):
        counter.log_in()

    assert counter.register.view().person is None
    assert counter.events(LogInRefused) == [LogInRefused("anna")] * 5
    assert counter.events(PinLocked) == [PinLocked("anna", AT + LOCKED_FOR)]


def test_four_wrong_pins_and_a_right_one_leave_five_tries_again(counter: Counter) -> None:
    guess(counter, 4)
    counter.log_in()

    guess(counter, 4)

    counter.log_in()
    assert counter.events(PinLocked) == []


def test_one_persons_wrong_pins_lock_nobody_else(counter: Counter) -> None:
    guess(counter, 5)

    counter.log_in("deniz")

    assert counter.register.view().person is not None


def test_five_new_tries_come_with_the_end_of_the_half_hour(counter: Counter) -> None:
    guess(counter, 5)
    counter.clock.advance(HALF_AN_HOUR_S - 1)
    with pytest.raises(PinIsLocked, match="for 1 min"):
        counter.log_in()

    counter.clock.advance(1)
    guess(counter, 5)

    with pytest.raises(PinIsLocked):
        counter.log_in()
    assert len(counter.events(PinLocked)) == 2


@pytest.mark.parametrize("days", [-3650, -1, 1, 3650])
def test_a_clock_that_somebody_sets_neither_shortens_nor_lengthens_the_lock(
    counter: Counter, days: int
) -> None:
    guess(counter, 5)

    counter.clock.set(AT + dt.timedelta(days=days))
    with pytest.raises(PinIsLocked):
        counter.log_in()
    counter.clock.advance(HALF_AN_HOUR_S)

    counter.log_in()


def test_a_restart_gives_no_try_back_and_begins_the_half_hour_again(counter: Counter) -> None:
    guess(counter, 5)
    counter.clock.advance(HALF_AN_HOUR_S - 1)

    again = counter.restart()

    with pytest.raises(PinIsLocked, match="for 30 min"):
        again.log_in()
    assert len(again.events(PinLocked)) == 2
    again.clock.advance(HALF_AN_HOUR_S)
    again.log_in()
    again.close()


def test_wrong_pins_of_before_a_restart_count(counter: Counter) -> None:
    guess(counter, 3)

    again = counter.restart()
    guess(again, 2)

    with pytest.raises(PinIsLocked):
        again.log_in()
    again.close()


def test_a_pin_that_the_office_sets_anew_opens_the_lock(counter: Counter) -> None:
    guess(counter, 5)

    with_new_pin(counter, "anna", "135790")

    counter.register.log_in("anna", "135790")
    guess(counter, 4)
    counter.register.log_in("anna", "135790")


def test_a_restart_begins_no_lock_of_a_pin_that_is_no_more(counter: Counter) -> None:
    guess(counter, 5)
    with_new_pin(counter, "anna", "135790")

    again = counter.restart()

    assert len(again.events(PinLocked)) == 1
    again.register.log_in("anna", "135790")
    again.close()


def with_new_pin(counter: Counter, person_id: str, pin: str) -> None:
    """Let the office send a catalogue in which somebody has another PIN."""
    shop = sample.snapshot(version=2)
    new = sample.hash_pin(pin)
    people = tuple(
        replace(own, pin_hash=new) if own.id == person_id else own for own in shop.people
    )
    counter.catalog.replace(replace(shop, people=people))


def test_a_badge_opens_what_a_locked_pin_does_not(counter: Counter) -> None:
    guess(counter, 5)

    counter.register.log_in_by(Badge(sample.badge("anna")))

    assert counter.register.view().person is not None
    counter.register.log_out()
    with pytest.raises(PinIsLocked):
        counter.log_in()


@pytest.mark.parametrize("text", ["", "24681", "2468100", "abcdef"])
def test_what_is_no_pin_is_no_guess(counter: Counter, text: str) -> None:
    for _ in range(7):
        with pytest.raises(WrongPin):
            counter.register.log_in("anna", text)

    counter.log_in()


def test_unknown_names_are_not_counted_so_nobody_fills_the_disk_with_them(
    counter: Counter,
) -> None:
    for number in range(7):
        with pytest.raises(WrongPin):
            counter.register.log_in(f"nobody-{number}", "000000")

    assert counter.journal.pin_tries() == {}


def test_a_look_that_the_disk_does_not_count_is_not_taken(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(_person: str, _of: str) -> int:
        raise JournalRefused(OSError("disk full"))

    monkeypatch.setattr(counter.journal, "count_pin_try", full_disk)

    with pytest.raises(JournalRefused):
        counter.log_in()

    assert counter.register.view().person is None


def test_pins_are_looked_at_through_the_tills_own_pepper(tmp_path: Path) -> None:
    pepper = bytes(range(32))
    counter = Counter.open(tmp_path)
    catalog = SqliteCatalog(
        tmp_path / "catalog.sqlite", FileKeyStore(tmp_path).journal_key(), pepper
    )
    shop = sample.snapshot(version=2)
    people = tuple(replace(own, pin_hash=sample.hash_pin("135790", pepper)) for own in shop.people)
    catalog.replace(replace(shop, people=people))
    staff = Staff(catalog, counter.journal, counter.clock)

    person = staff.proved(Pin("anna", "135790"))

    assert person.id == "anna"
    with pytest.raises(WrongPin):
        counter.register.log_in("anna", "135790")
    catalog.close()
    counter.close()


def test_neither_pins_nor_badges_are_in_what_is_printed_of_them() -> None:
    shown = f"{Pin('anna', '246810')!r} {Badge('TFBSECRET')!r}"

    assert "246810" not in shown
    assert "SECRET" not in shown
