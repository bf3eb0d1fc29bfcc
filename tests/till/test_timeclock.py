"""The time clock: people come and go by their own PIN or badge, in the till's journal."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from builders import AT
from counter import Counter

from domain.events import ClockedIn, ClockedOut
from domain.roles import NotAllowed
from till_kivy import sample
from till_kivy.people import Badge, Pin, UnknownBadge, WrongPin

ANNAS_BADGE = Badge(sample.badge("anna"))
ANNAS_PIN = Pin("anna", sample.PIN)


def at_work(counter: Counter) -> dict[str, str]:
    """Who the screen says is at work, and since when."""
    people = counter.register.view().people
    return {person.id: person.at_work_since for person in people if person.at_work_since}


@pytest.mark.parametrize("shown", [ANNAS_BADGE, ANNAS_PIN])
def test_somebody_comes_and_goes(counter: Counter, shown: Pin | Badge) -> None:
    counter.register.clock(shown)
    counter.clock.advance(3600)

    assert at_work(counter) == {"anna": "10:30"}
    counter.register.clock(shown)

    assert at_work(counter) == {}
    assert counter.events(ClockedIn) == [ClockedIn("anna")]
    assert counter.events(ClockedOut) == [ClockedOut("anna")]
    assert [entry.at for entry in counter.entries()][-2:] == [AT, AT + dt.timedelta(hours=1)]


def test_who_comes_is_not_logged_in_and_who_sells_need_not_have_come(counter: Counter) -> None:
    counter.register.clock(ANNAS_BADGE)
    assert counter.register.view().person is None

    counter.log_in("deniz")

    assert at_work(counter) == {"anna": "10:30"}


def test_nobody_comes_without_their_own_pin_or_badge(counter: Counter) -> None:
    with pytest.raises(WrongPin):
        counter.register.clock(Pin("anna", "000000"))
    with pytest.raises(UnknownBadge):
        counter.register.clock(Badge("TFB?"))

    assert counter.events(ClockedIn) == []
    assert counter.journal.pin_tries()["anna"].count == 1


def test_who_came_at_another_till_may_go_at_this_one(counter: Counter) -> None:
    counter.register.clock_out(ANNAS_BADGE)

    assert counter.events(ClockedOut) == [ClockedOut("anna")]


def test_a_restart_knows_who_is_at_work(counter: Counter) -> None:
    counter.register.clock(ANNAS_BADGE)

    again = counter.restart()

    assert at_work(again) == {"anna": "10:30"}
    again.register.clock(ANNAS_BADGE)
    assert at_work(again) == {}
    again.close()


def test_a_role_without_working_hours_does_not_come(tmp_path: Path) -> None:
    shop = sample.snapshot()
    people = tuple(replace(person, role="analyst") for person in shop.people)
    counter = Counter.open(tmp_path, replace(shop, people=people))

    with pytest.raises(NotAllowed, match="may not clock time"):
        counter.register.clock(ANNAS_BADGE)

    assert counter.events(ClockedIn) == []
    counter.close()


def test_people_come_and_go_while_the_till_is_locked(counter: Counter) -> None:
    counter.log_in("deniz")
    counter.register.lock()

    counter.register.clock(ANNAS_BADGE)

    assert at_work(counter) == {"anna": "10:30"}
    assert counter.register.view().locked
