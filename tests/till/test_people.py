"""Logging in: a person and six digits, each try written down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from counter import CROISSANT, Counter

from domain.events import LoggedIn, LoggedOut, LogInRefused
from till_kivy import sample
from till_kivy.hardware.protocols import Cue
from till_kivy.people import WrongPin


def test_the_right_pin_lets_a_person_work(counter: Counter) -> None:
    counter.register.log_in("anna", sample.PIN)

    person = counter.register.view().person

    assert person is not None
    assert (person.id, person.name) == ("anna", "Anna Berger")
    assert counter.events(LoggedIn) == [LoggedIn("anna")]


@pytest.mark.parametrize(
    "pin",
    ["246811", "000000", "24681", "2468100", "", "\uff12\uff14\uff16\uff18\uff11\uff10", "abcdef"],
)
def test_a_wrong_pin_is_refused_and_written_down(counter: Counter, pin: str) -> None:
    with pytest.raises(WrongPin, match="does not fit"):
        counter.register.log_in("anna", pin)

    assert counter.register.view().person is None
    assert counter.events(LogInRefused) == [LogInRefused("anna")]
    assert counter.sound.played[-1] is Cue.REFUSED


def test_an_unknown_person_hears_the_same_sentence_as_a_wrong_pin(counter: Counter) -> None:
    with pytest.raises(WrongPin) as unknown:
        counter.register.log_in("nobody", sample.PIN)
    with pytest.raises(WrongPin) as wrong:
        counter.register.log_in("anna", "000000")

    assert str(unknown.value) == str(wrong.value)


def test_a_hash_that_cannot_be_read_fits_no_pin(tmp_path: Path) -> None:
    shop = sample.snapshot()
    spoiled = tuple(replace(person, pin_hash="$argon2id$broken") for person in shop.people)
    counter = Counter.open(tmp_path, replace(shop, people=spoiled))

    with pytest.raises(WrongPin):
        counter.log_in()

    assert counter.events(LogInRefused) == [LogInRefused("anna")]
    counter.close()


def test_a_failed_log_in_leaves_the_one_who_works_there(counter: Counter) -> None:
    counter.log_in()

    with pytest.raises(WrongPin):
        counter.register.log_in("marta", "000000")

    counter.register.scan(CROISSANT)
    assert counter.register.view().items == 1


def test_another_person_takes_over(counter: Counter) -> None:
    counter.log_in("anna")
    counter.register.log_out()

    counter.log_in("marta")

    person = counter.register.view().person
    assert person is not None
    assert person.role == "Supervisor"
    assert counter.events(LoggedOut) == [LoggedOut("anna")]


def test_logging_out_twice_is_harmless(counter: Counter) -> None:
    counter.log_in()
    counter.register.log_out()

    counter.register.log_out()

    assert len(counter.events(LoggedOut)) == 1


def test_the_screen_never_gets_a_pin_hash(counter: Counter) -> None:
    view = counter.register.view()

    assert [person.id for person in view.people] == ["anna", "deniz", "marta", "oliver"]
    assert "argon2" not in repr(view)
