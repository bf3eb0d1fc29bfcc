"""Tills in the browser: added, given a code, revoked, reinstated; and what waits for a decision."""

from __future__ import annotations

import itertools
import re

import pytest
from browsing import Visitor, error_at, error_on
from offices import RunningOffice
from sqlalchemy import text

from activities.db.tasks import NewTask, open_task

_names = itertools.count(1)


@pytest.fixture
def till_id(manager: Visitor) -> str:
    """A till that was just added."""
    name = f"P{next(_names)}"
    answer = manager.send("/tills", store_id="S1", id=name, series=name)
    assert answer.headers["location"] == f"/tills/{name}", answer.text
    return name


def standing_of(office: RunningOffice, till_id: str) -> str:
    query = text("SELECT standing FROM tills WHERE id = :id")
    with office.database.begin() as connection:
        return str(connection.execute(query, {"id": till_id}).scalar_one())


def test_a_till_added_has_no_device_yet(manager: Visitor, till_id: str) -> None:
    assert "no device yet" in manager.http.get(f"/tills/{till_id}").text
    assert till_id in manager.http.get("/tills").text


def test_a_name_or_series_that_another_till_has_is_refused(manager: Visitor, till_id: str) -> None:
    name_taken = manager.send("/tills", store_id="S1", id=till_id, series="ZZ")
    series_taken = manager.send("/tills", store_id="S1", id="ZZ", series=till_id)

    assert (name_taken.status_code, series_taken.status_code) == (409, 409)
    assert f"There is a till '{till_id}' already" in error_at(name_taken, "id")
    assert f"begin with '{till_id}'" in error_at(series_taken, "series")
    assert 'value="ZZ"' in name_taken.text
    assert 'value="ZZ"' in series_taken.text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("id", ""),
        ("id", "a/b"),
        ("id", "a b"),
        ("series", ""),
        ("series", "B/"),
        ("store_id", "S8"),
    ],
)
def test_a_till_that_no_page_could_show_is_refused_and_what_was_typed_stays(
    admin: Visitor, field: str, text: str
) -> None:
    fields = {"store_id": "S1", "id": "odd-1", "series": "ODD"} | {field: text}

    answer = admin.send("/tills", **fields)

    assert answer.status_code in {404, 422}
    assert error_at(answer, field)
    assert f'value="{fields["series"]}"' in answer.text


def test_a_code_is_shown_large_and_once(manager: Visitor, till_id: str) -> None:
    page = f"/tills/{till_id}"

    shown = manager.send(page, f"{page}/code")

    (code,) = re.findall(r'class="code large">([^<]+)<', shown.text)
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", code)
    assert "within 10 minutes" in shown.text
    assert code not in manager.http.get(page).text


def test_a_till_is_revoked_and_reinstated_with_a_reason(
    manager: Visitor, till_id: str, staffed: RunningOffice
) -> None:
    page = f"/tills/{till_id}"

    manager.send(page, f"{page}/standing", standing="revoked", why="It was stolen.")
    revoked = standing_of(staffed, till_id)
    manager.send(page, f"{page}/standing", standing="trading", why="It was found.")

    assert (revoked, standing_of(staffed, till_id)) == ("revoked", "trading")


def test_nothing_is_revoked_without_a_reason(
    manager: Visitor, till_id: str, staffed: RunningOffice
) -> None:
    page = f"/tills/{till_id}"

    answer = manager.send(page, f"{page}/standing", standing="revoked", why=" ")

    assert "Say in a sentence why" in error_at(answer, "why")
    assert standing_of(staffed, till_id) == "trading"


def test_a_manager_of_another_store_cannot_revoke_it(till_id: str, staffed: RunningOffice) -> None:
    with Visitor(staffed) as other:
        other.log_in("max")

        answer = other.send("/tills", f"/tills/{till_id}/standing", standing="revoked", why="Mine")

    assert answer.status_code == 403
    assert standing_of(staffed, till_id) == "trading"


def test_what_waits_for_a_decision_is_in_the_inbox_until_somebody_decides(
    manager: Visitor, staffed: RunningOffice
) -> None:
    why = f"Till P{next(_names)} was copied."
    with staffed.database.begin() as connection:
        open_task(connection, NewTask("S1", "till_forked", why, why))
    before = manager.http.get("/inbox").text
    (action,) = re.findall(rf'{why}</p>\s*<form method="post" action="([^"]+)"', before)

    manager.send("/inbox", action, resolution="The copy was wiped.")

    assert why in before
    assert why not in manager.http.get("/inbox").text


def test_a_decision_without_words_is_told_at_its_own_task(
    manager: Visitor, staffed: RunningOffice
) -> None:
    with staffed.database.begin() as connection:
        for subject in ("first", "second"):
            open_task(connection, NewTask("S1", "till_forked", subject, f"The {subject} one."))
    before = manager.http.get("/inbox").text
    (action,) = re.findall(r'The second one.</p>\s*<form method="post" action="([^"]+)"', before)

    answer = manager.send("/inbox", action, resolution=" ")

    assert "Say in a sentence" in error_at(answer, "resolution")
    assert answer.text.count('aria-invalid="true"') == 1
    assert answer.text.index("The second one.") < answer.text.index('aria-invalid="true"')


def test_another_stores_inbox_is_another_one(manager: Visitor, staffed: RunningOffice) -> None:
    with staffed.database.begin() as connection:
        open_task(connection, NewTask("S9", "till_forked", "elsewhere", "It was elsewhere."))

    assert "It was elsewhere." not in manager.http.get("/inbox").text


def test_the_audit_shows_who_did_it(admin: Visitor, till_id: str) -> None:
    page = admin.http.get("/audit").text

    assert "till added" in page
    assert till_id in page
    assert "mia (manager) from 127.0.0.1" in page


def test_users_are_added_by_an_admin_who_gives_them_a_store_and_a_password(
    admin: Visitor, staffed: RunningOffice
) -> None:
    fields = {"id": "Nina", "name": "Nina", "role": "manager", "store_id": "S1"}

    short = admin.send("/users", **fields, password="short")
    added = admin.send("/users", **fields, password="a long enough one")

    assert "at least 12 characters" in error_at(short, "password")
    assert 'value="Nina"' in short.text
    assert '"short"' not in short.text
    assert added.status_code == 303
    with Visitor(staffed) as nina:
        assert nina.log_in("nina", "a long enough one").is_success
        assert nina.http.get("/tills").is_success
        assert nina.http.get("/users").status_code == 403


def test_a_change_of_a_user_is_refused_in_that_users_own_form(admin: Visitor) -> None:
    as_she_is = {"role": "manager", "store_id": "S1", "active": "yes"}

    short = admin.send("/users", "/users/mia", **as_she_is, password="too short")
    last = admin.send("/users", "/users/olga", role="ops", store_id="", active="yes")

    assert "at least 12 characters" in error_at(short, "password")
    assert 'href="#users-mia-password"' in short.text
    assert "too short" not in short.text
    assert error_on(last) == "olga is the last admin: make another one first. Nothing was changed."
    assert (short.text.count("<details open>"), last.text.count("<details open>")) == (1, 1)


@pytest.mark.parametrize("role", ["admin", "ops"])
def test_an_admin_or_ops_for_one_store_is_refused_in_a_sentence(admin: Visitor, role: str) -> None:
    fields = {"role": role, "store_id": "S1", "password": "a long enough one"}

    added = admin.send("/users", id="odd", name="Odd", **fields)
    changed = admin.send("/users", "/users/mia", active="yes", role=role, store_id="S1")

    for answer in (added, changed):
        assert answer.status_code == 422
        assert f"The role {role} is for every store, always" in error_at(answer, "store_id")


def test_a_new_office_gets_its_first_store_here(admin: Visitor) -> None:
    fields = {"id": "kiosk", "name": "Kiosk", "currency": "chf", "timezone": "Europe/Zurich"}

    added = admin.send("/stores", **fields)
    again = admin.send("/stores", **fields)

    assert added.status_code == 303
    assert "CHF · Europe/Zurich" in admin.http.get("/stores").text
    assert "There is a store 'kiosk' already" in error_at(again, "id")


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("currency", "EURO", "not an ISO 4217 currency"),
        ("timezone", "Mars/Olympus", "no time zone"),
        ("name", "", "name needs"),
        ("id", "a b/c", "short name"),
    ],
)
def test_a_store_that_cannot_be_says_why(admin: Visitor, field: str, text: str, said: str) -> None:
    fields = {"id": "other", "name": "Other", "currency": "EUR", "timezone": "Europe/Berlin"}

    answer = admin.send("/stores", **(fields | {field: text}))

    assert answer.status_code == 422
    assert said in error_at(answer, field)
    assert f'value="{(fields | {field: text})["timezone"]}"' in answer.text
