"""Logging in and out at the manager's page."""

from __future__ import annotations

import httpx
import pytest
from browsing import PASSWORD, Visitor, error_on, form_key, make_user
from offices import RunningOffice
from sqlalchemy import text

from activities import secrets
from activities.db.users import User
from api.pages.browser import COOKIE
from domain.roles import Role


def test_a_stranger_is_sent_to_log_in_and_then_back_where_they_wanted_to(visitor: Visitor) -> None:
    asked = visitor.http.get("/people?all=1")

    form = visitor.http.get(asked.headers["location"])
    answer = visitor.http.post(
        "/log-in", data={"login": "MIA", "password": PASSWORD, "next": "/people?all=1"}
    )

    assert asked.status_code == 303
    assert 'value="/people?all=1"' in form.text
    assert 'content="0; url=/people?all=1"' in answer.text
    assert visitor.http.get("/people").is_success


def test_the_cookie_is_for_the_office_alone_and_for_no_script(visitor: Visitor) -> None:
    cookie = visitor.log_in("mia").headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert PASSWORD not in cookie


@pytest.mark.parametrize(
    ("login", "password"), [("mia", "wrong"), ("mia", ""), ("nobody", PASSWORD), ("", PASSWORD)]
)
def test_what_does_not_fit_is_answered_alike_and_keeps_the_name_typed(
    visitor: Visitor, login: str, password: str
) -> None:
    answer = visitor.log_in(login, password)

    assert answer.status_code == 401
    assert error_on(answer).startswith("That log-in name and password do not fit")
    assert f'value="{login}"' in answer.text
    assert COOKIE not in visitor.http.cookies


def test_after_five_wrong_passwords_the_right_one_is_not_looked_at(
    staffed: RunningOffice, visitor: Visitor
) -> None:
    make_user(staffed, User("victim", "Victim", Role.OPS))

    for _ in range(5):
        visitor.log_in("victim", "wrong password")

    assert visitor.log_in("victim").status_code == 401


def test_a_try_is_in_the_books_for_all_to_see_before_the_password_is_looked_at(
    staffed: RunningOffice, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(staffed, User("counted", "Counted", Role.OPS))
    looks, seen = secrets.verify_password, []

    def look(pepper: bytes, kept: str, password: str) -> bool:
        seen.append(tries_of(staffed, "counted"))
        return looks(pepper, kept, password)

    monkeypatch.setattr(secrets, "verify_password", look)
    for _ in range(3):
        visitor.log_in("counted", "wrong password")

    assert seen == [1, 2, 3]


def tries_of(office: RunningOffice, user_id: str) -> int:
    """Read the count by a connection of its own: what a killed office would find again."""
    query = text("SELECT failures FROM users WHERE id = :id")
    with office.database.begin() as connection:
        return int(connection.execute(query, {"id": user_id}).scalar_one())


def test_a_user_taken_out_is_out_at_once(
    staffed: RunningOffice, visitor: Visitor, admin: Visitor
) -> None:
    make_user(staffed, User("leaver", "Leaver", Role.OPS))
    visitor.log_in("leaver")
    inside = visitor.http.get("/inbox").status_code

    admin.send("/users", "/users/leaver", role="ops", store_id="")

    assert inside == 200
    assert visitor.http.get("/inbox").status_code == 303
    assert visitor.log_in("leaver").status_code == 401


def test_who_logs_out_is_out_also_with_the_old_cookie(manager: Visitor) -> None:
    cookie = manager.http.cookies[COOKIE]

    manager.http.post("/log-out")

    manager.http.cookies.set(COOKIE, cookie)
    assert manager.http.get("/people").status_code == 303


@pytest.mark.parametrize(
    "trap", ["http://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_after_logging_in(visitor: Visitor, trap: str) -> None:
    answer = visitor.http.post("/log-in", data={"login": "mia", "password": PASSWORD, "next": trap})

    assert 'content="0; url=/"' in answer.text


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
def test_another_site_cannot_send_our_forms(
    manager: Visitor, staffed: RunningOffice, headers: dict[str, str]
) -> None:
    key = form_key(manager.http.get("/people/new"))
    fields = {"form_key": key, "store_id": "S1", "id": "66", "name": "Eve", "role": "cashier"}

    answer = manager.http.post("/people/new", data={**fields, "pin": "123456"}, headers=headers)

    assert answer.status_code == 403
    assert people_numbered(staffed, "66") == 0


@pytest.mark.parametrize("key", ["", "guessed"])
def test_a_form_without_its_pages_key_is_refused(
    manager: Visitor, staffed: RunningOffice, key: str
) -> None:
    fields = {"store_id": "S1", "id": "67", "name": "Eve", "role": "cashier", "pin": "123456"}

    answer = manager.http.post("/people/new", data={"form_key": key, **fields})

    assert answer.status_code == 403
    assert "did not come from a page" in error_on(answer)
    assert people_numbered(staffed, "67") == 0


def people_numbered(office: RunningOffice, number: str) -> int:
    query = text("SELECT count(*) FROM people WHERE id = :id")
    with office.database.begin() as connection:
        return int(connection.execute(query, {"id": number}).scalar_one())


def test_somebody_without_a_page_is_told_where_they_are_at_home(visitor: Visitor) -> None:
    visitor.log_in("ana")

    answer: httpx.Response = visitor.http.get("/nothing")

    assert "tillflow query" in answer.text


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/tills/T1/code", 405), ("/people/S1/404", 404)]
)
def test_a_person_is_told_on_a_page_that_there_is_none(
    manager: Visitor, path: str, status: int
) -> None:
    answer = manager.http.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert error_on(answer)


def test_a_task_that_cannot_be_is_told_on_a_page(manager: Visitor) -> None:
    answer = manager.send("/people/new", "/inbox/S1/no-uuid", resolution="done")

    assert answer.status_code == 422
    assert error_on(answer) == "There is no such page. Nothing was changed."


@pytest.mark.parametrize(
    ("sent_from", "back_at"),
    [("/tills/T1?x=1", "/tills/T1?x=1"), ("http://elsewhere/tills/T1", "/"), ("", "/")],
)
def test_a_form_sent_too_late_leads_back_to_its_page_after_logging_in(
    visitor: Visitor, sent_from: str, back_at: str
) -> None:
    here = visitor.office.settings.api_url if sent_from.startswith("/") else ""

    answer = visitor.http.post("/tills/T1/code", headers={"referer": here + sent_from})

    assert answer.status_code == 303
    assert httpx.URL(answer.headers["location"]).params["next"] == back_at


def test_a_program_gets_a_problem_where_a_person_gets_a_page(manager: Visitor) -> None:
    person = manager.http.get("/audit")
    program = manager.http.get("/audit", headers={"accept": "application/json"})

    assert (person.status_code, program.status_code) == (403, 403)
    assert person.headers["content-type"].startswith("text/html")
    assert program.headers["content-type"] == "application/problem+json"
