"""A device that is no till yet, at its window: the code, what the office says, then the people."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from little_http import LittleServer, serving
from little_office import LittleOffice
from quiet_ports import quiet_port
from till.window_harness import Hands, new_window
from tills import OFFICE
from waiting import until

from domain.lease import LASTS, Lease, SignedLease, Standing, lease_text
from till_kivy import sample
from till_kivy.enrolling import Enrolled, is_till

CODE = "K7QM-4T9X-2HRP"
TILL = sample.TILL.id
PEPPER = b"p" * 32


@pytest.fixture
def server() -> Iterator[LittleServer]:
    """An office that makes any device the sample shop's till."""
    now = dt.datetime.now(dt.UTC)
    lease = Lease(TILL, Standing.TRADING, now, now + LASTS)
    word = SignedLease(lease, OFFICE.sign(lease_text(lease)))
    office = LittleOffice({TILL: ""})
    shop, pin = sample.snapshot(), sample.hash_pin(sample.PIN, PEPPER)
    people = tuple(replace(person, pin_hash=pin) for person in shop.people)
    office.catalogue = replace(shop, people=people)
    with serving(office) as server:
        server.enrolled = Enrolled(TILL, "corner", "C1", OFFICE.public_key, PEPPER.hex(), word)
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "device"


@pytest.fixture
def hands(folder: Path, server: LittleServer) -> Iterator[Hands]:
    with new_window(folder, server.url) as hands:
        yield hands


def refuse(server: LittleServer, sentence: str) -> None:
    """Let the office say no to whatever comes."""
    server.scripted = (403, {}, json.dumps({"detail": sentence}))


def answered(hands: Hands) -> bool:
    """Let the window look whether the office has answered."""
    hands.app.refresh()
    hands.app.settle()
    return not hands.app.desk.asking


def give(hands: Hands, code: str = CODE) -> None:
    hands.type(code)
    hands.press("enter")
    until(lambda: answered(hands))


def sees_people(hands: Hands) -> bool:
    hands.app.refresh()
    hands.app.settle()
    return hands.sees("Anna Berger")


def test_a_code_that_the_office_takes_leads_to_the_people_who_work_here(
    hands: Hands, folder: Path, server: LittleServer
) -> None:
    give(hands)

    selling = Hands(hands.app.selling, None, hands.watch)
    until(lambda: sees_people(selling))
    selling.log_in()
    assert is_till(folder)
    assert selling.sees("Anna Berger")
    assert [asked["code"] for asked in server.asked] == [CODE.replace("-", "")]


def test_a_code_is_touched_letter_by_letter_and_mistakes_are_taken_back(hands: Hands) -> None:
    for letter in "K7QMZ":
        hands.tap(letter)
    hands.press("backspace")
    half = hands.texts()
    hands.tap("Clear")
    hands.tap("4")

    assert "K7QM" in half
    assert "K7QM" not in hands.texts()
    assert hands.sees("4")


def test_letters_that_codes_do_not_have_are_read_as_meant_or_not_at_all(hands: Hands) -> None:
    hands.type("oil?u7")

    assert "0117" in hands.texts()


def test_a_code_that_was_scanned_is_given_at_once(hands: Hands, server: LittleServer) -> None:
    hands.wedge(CODE)
    until(lambda: answered(hands))

    assert len(server.asked) == 1


def test_half_a_code_is_not_given(hands: Hands, server: LittleServer) -> None:
    hands.type("K7QM")
    hands.tap("Go on")

    assert hands.sees("12 letters and digits")
    assert server.asked == []


def test_what_the_office_says_of_a_code_stands_on_the_screen_and_another_may_be_typed(
    hands: Hands, server: LittleServer, folder: Path
) -> None:
    refuse(server, "That code has ended: it was good for ten minutes. Have a new one made.")
    give(hands)
    refused = hands.texts()
    server.scripted = None
    hands.press("escape")

    give(hands)

    assert any("it was good for ten minutes" in text for text in refused)
    assert is_till(folder)


def test_an_office_that_is_away_is_asked_again_with_the_same_code(
    hands: Hands, server: LittleServer, folder: Path
) -> None:
    server.scripted = (503, {}, "")
    give(hands)
    away = hands.sees("then give the same code again")
    server.scripted = None

    hands.tap("Go on")
    until(lambda: answered(hands))

    assert away
    assert is_till(folder)


def test_nothing_can_be_typed_while_the_office_is_asked(folder: Path) -> None:
    with new_window(folder, f"http://127.0.0.1:{quiet_port()}") as hands:
        hands.type(CODE)
        hands.press("enter")
        hands.press("escape", "enter")
        hands.type("0")

        assert hands.sees("is being asked")
        assert "2HRP" in hands.texts()


def test_an_answer_that_no_office_gives_makes_no_till(
    hands: Hands, server: LittleServer, folder: Path
) -> None:
    server.scripted = (201, {}, json.dumps({"till_id": TILL, "pin_pepper": "salt"}))

    give(hands)

    assert hands.sees("no Tillflow office")
    assert not is_till(folder)


def test_a_window_of_another_size_asks_again(hands: Hands) -> None:
    hands.app.resize(1280, 800)

    give(hands)

    assert hands.app.selling is not None
