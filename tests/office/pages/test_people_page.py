"""People at the tills, as a manager adds and changes them in a browser."""

from __future__ import annotations

import itertools
import re

import pytest
from browsing import Visitor, error_at, error_on
from offices import RunningOffice

from activities.db import people, queries
from activities.db.people import Member
from activities.keys import PinPepper
from domain import pins
from domain.catalog import Person

_numbers = itertools.count(100)


@pytest.fixture
def ada(manager: Visitor, staffed: RunningOffice) -> Member:
    """A cashier who was just added."""
    number = str(next(_numbers))
    fields = {"store_id": "S1", "id": number, "name": "Ada", "role": "cashier", "pin": "135791"}
    answer = manager.send("/people/new", **fields)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/people/S1/{number}"
    return member(staffed, number)


def member(office: RunningOffice, number: str) -> Member:
    with office.database.begin() as connection:
        return people.member(connection, "S1", number)


def at_tills(office: RunningOffice, number: str) -> Person | None:
    with office.database.begin() as connection:
        known = queries.snapshot(connection, "T1").people
    return next((person for person in known if person.id == number), None)


def test_a_cashier_added_here_is_known_at_the_tills(ada: Member, staffed: RunningOffice) -> None:
    person = at_tills(staffed, ada.id)

    assert person is not None
    assert (person.name, person.role) == ("Ada", "cashier")
    assert person.pin_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("pin", "12345", "A PIN has 6 digits"),
        ("pin", "abcdef", "A PIN has 6 digits"),
        ("name", " ", "Name needs"),
        ("id", "a/b", "The number is 'a/b'"),
        ("role", "manager", "may not make or change a manager"),
        ("role", "pirate", "The role at tills is 'pirate'"),
    ],
)
def test_a_form_that_cannot_be_taken_says_why_at_the_field_and_keeps_what_was_typed(
    manager: Visitor, staffed: RunningOffice, field: str, text: str, said: str
) -> None:
    number = str(next(_numbers))
    fields = {"store_id": "S1", "id": number, "name": "Eve", "role": "cashier", "pin": "135791"}

    sent = fields | {field: text}
    answer = manager.send("/people/new", **sent)

    assert said in error_at(answer, field)
    assert error_on(answer) == ""
    assert f'href="#people-new-{field}"' in answer.text
    assert at_tills(staffed, number) is None
    assert sent["pin"] not in answer.text
    assert all(f'value="{sent[kept]}"' in answer.text for kept in ("id", "name"))


def test_a_person_for_another_store_is_refused_on_a_page_of_its_own(manager: Visitor) -> None:
    fields = {"id": "1", "name": "Eve", "role": "cashier", "pin": "135791"}

    answer = manager.send("/people/new", store_id="S9", **fields)

    assert answer.status_code == 403
    assert "works for store 'S1', not for 'S9'" in error_on(answer)


def test_a_number_taken_is_told(ada: Member, manager: Visitor) -> None:
    fields = {"store_id": "S1", "id": ada.id, "name": "Eve", "role": "cashier", "pin": "135791"}

    answer = manager.send("/people/new", **fields)

    assert answer.status_code == 409
    assert "is taken" in error_at(answer, "id")


def test_a_change_that_cannot_be_is_told_at_its_field_and_stays_typed(
    ada: Member, manager: Visitor
) -> None:
    page = f"/people/S1/{ada.id}"

    no_name = manager.send(page, name="", role="supervisor", active="yes")
    no_pin = manager.send(page, f"{page}/pin", pin="1234")

    assert "Name needs" in error_at(no_name, "name")
    assert '<option value="supervisor" selected>' in no_name.text
    assert "A PIN has 6 digits" in error_at(no_pin, "pin")
    assert 'value="Ada"' in no_pin.text


def test_name_and_role_are_changed_and_somebody_who_left_is_unknown_to_the_tills(
    ada: Member, manager: Visitor, staffed: RunningOffice
) -> None:
    page = f"/people/S1/{ada.id}"

    manager.send(page, name="Ada L.", role="supervisor", active="yes")
    changed = at_tills(staffed, ada.id)
    manager.send(page, name="Ada L.", role="supervisor")

    assert changed is not None
    assert (changed.name, changed.role) == ("Ada L.", "supervisor")
    assert at_tills(staffed, ada.id) is None
    assert "no longer works here" in manager.http.get(page).text


def test_another_pin_replaces_the_first(
    ada: Member, manager: Visitor, staffed: RunningOffice
) -> None:
    before = at_tills(staffed, ada.id)

    manager.send(f"/people/S1/{ada.id}", f"/people/S1/{ada.id}/pin", pin="246802")

    after = at_tills(staffed, ada.id)
    assert before is not None
    assert after is not None
    assert after.pin_hash != before.pin_hash


def test_a_badge_is_shown_once_as_a_barcode_and_known_at_the_tills_by_its_mark(
    ada: Member, manager: Visitor, staffed: RunningOffice
) -> None:
    page = f"/people/S1/{ada.id}"

    shown = manager.send(page, f"{page}/badge")

    (badge,) = re.findall(r">(TFB[0-9A-Z]+)<", shown.text)
    person = at_tills(staffed, ada.id)
    pepper = PinPepper.at(staffed.settings.pin_pepper_file).of_store("S1")
    assert "data:image/svg+xml;base64," in shown.text
    assert person is not None
    assert person.badge_mark == pins.badge_mark(pepper, badge)
    assert badge not in manager.http.get(page).text


def test_a_badge_taken_away_opens_nothing(
    ada: Member, manager: Visitor, staffed: RunningOffice
) -> None:
    page = f"/people/S1/{ada.id}"
    manager.send(page, f"{page}/badge")

    manager.send(page, f"{page}/no-badge")

    person = at_tills(staffed, ada.id)
    assert person is not None
    assert person.badge_mark == ""


def test_a_manager_of_another_store_sees_and_changes_nobody_here(
    ada: Member, visitor: Visitor, staffed: RunningOffice
) -> None:
    with Visitor(staffed) as other:
        other.log_in("max")

        listed = other.http.get("/people")
        page = other.http.get(f"/people/S1/{ada.id}")

    assert f"number {ada.id}" not in listed.text
    assert page.status_code == 403


def test_what_is_typed_is_text_and_no_page(manager: Visitor) -> None:
    number = str(next(_numbers))
    name = "<script>alert(1)</script>"
    fields = {"store_id": "S1", "id": number, "name": name, "role": "cashier", "pin": "135791"}

    manager.send("/people/new", **fields)

    assert "<script>" not in manager.http.get("/people").text
