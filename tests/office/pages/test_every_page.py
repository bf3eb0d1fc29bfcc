"""Every role at every page: let in exactly where the table says so (promise 32)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from browsing import Visitor, form_key, make_user
from offices import RunningOffice
from walking import ALL, PAGES, Page

from activities.db.users import User
from domain.roles import Action, Role, Verdict, verdict

PEOPLE = [role for role in Role if role is not Role.TILL]
FILLED = {
    "till_id": "T1",
    "store_id": "S1",
    "task_id": "01936f2e-0000-7000-8000-000000000000",
    "person_id": "404",
    "user_id": "nobody",
}


Ask = Callable[[Page, Role | None], httpx.Response]


@pytest.fixture(scope="module")
def ask(office: RunningOffice) -> Iterator[Ask]:
    """Open a page, or send an empty form of it, as each role; None has not logged in."""
    with ExitStack() as opened:
        people: dict[Role | None, Visitor] = {None: opened.enter_context(Visitor(office))}
        for role in PEOPLE:
            make_user(office, User(f"a-{role.value}", role.value, role))
            people[role] = opened.enter_context(Visitor(office))
            people[role].log_in(f"a-{role.value}")

        def one(page: Page, role: Role | None) -> httpx.Response:
            visitor = people[role]
            if page.method == "GET":
                return visitor.http.get(page.at(FILLED))
            key = form_key(visitor.http.get("/nothing")) if role else "none"
            return visitor.http.post(page.at(FILLED), data={"form_key": key})

        yield one


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_role_is_let_in_exactly_where_the_table_says_so(ask: Ask, page: Page, role: Role) -> None:
    assert page.rule is not None
    allowed = verdict(role, page.rule.action) is Verdict.ALLOW

    answer = ask(page, role)

    assert (answer.status_code not in {401, 403}) is allowed, answer.text[:300]
    assert "/log-in" not in answer.headers.get("location", "")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_who_has_not_logged_in_is_sent_to_do_so(ask: Ask, page: Page) -> None:
    answer = ask(page, None)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/log-in?next=")


def test_the_pages_that_are_open_to_everybody_are_these() -> None:
    programs = ("/api/", "/oauth/", "/codec/", "/.well-known/")
    opened = {str(page) for page in ALL if page.rule is None and not page.path.startswith(programs)}

    assert opened == {
        "GET /",
        "GET /log-in",
        "GET /log-in/issuer",
        "GET /log-in/issuer/back",
        "GET /nothing",
        "POST /consent",
        "POST /log-in",
        "POST /log-out",
    }


def test_every_action_at_the_office_is_asked_for_by_some_route() -> None:
    at_tills = {
        Action.SELL, Action.VOID_LINE, Action.VOID_TICKET, Action.PRINT_COPY, Action.CLOCK_TIME,
    }  # fmt: skip

    assert {page.rule.action for page in ALL if page.rule} == set(Action) - at_tills
