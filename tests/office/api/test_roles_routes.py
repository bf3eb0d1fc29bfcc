"""Every role at every route: let in exactly where the table says so (promise 32)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from browsing import Visitor, form_key, make_user
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from offices import RunningOffice, api_client, settings_for
from tills import open_journal

from activities.db import shop
from activities.db.users import User
from api.app import create_app
from api.auth.commands import CommandToken
from api.callers import (
    EVERYBODY,
    OPEN_PAGES,
    RouteWithoutRule,
    Rule,
    insist_on_rules,
    may,
    rules_of,
)
from api.pages.browser import PageRule
from domain.catalog import Shop, Till
from domain.roles import Action, Role, Verdict, verdict

FORBIDDEN = {401, 403}
FILLED = {
    "till_id": "M1",
    "store_id": "S1",
    "sale_id": "01936f2e-0000-7000-8000-000000000000",
    "task_id": "01936f2e-0000-7000-8000-000000000000",
    "person_id": "404",
    "user_id": "nobody",
    "sku": "TEA",
}
SUBMITTED = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Route:
    """One method of one path, and its rule; None is open to everybody."""

    method: str
    path: str
    rule: Rule | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def filled(self) -> str:
        return re.sub(r"{(\w+)(:path)?}", lambda found: FILLED[found[1]], self.path)


def routes() -> list[Route]:
    app = create_app(settings_for(Path("nowhere"), "postgresql://nobody@/none", 1))
    found = []
    for context in iter_route_contexts(app.routes):
        path = str(context.path)
        if path in OPEN_PAGES:
            continue
        (rule,) = rules_of(context)
        methods = sorted(set(context.methods or ()) - {"HEAD", "OPTIONS"})
        found += [Route(method, path, rule) for method in methods]
    return found


RULED = [route for route in routes() if route.rule is not None]
Ask = Callable[[Route, Role], httpx.Response]


@pytest.fixture(scope="module")
def ask(office: RunningOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ask a route in a role: people by token or in a browser, a till by its key."""
    with ExitStack() as opened:
        journal = open_journal(tmp_path_factory.mktemp("till"), "M1")
        opened.callback(journal.close)
        with office.database.begin() as connection:
            shop.load_shop(connection, Shop(tills=(Till("M1", "S1", "M1"),)))
            shop.enrol(connection, "M1", journal.public_key)
        till = office.as_till("M1", journal.signer)
        people: dict[Role, tuple[httpx.Client, Visitor]] = {}
        for role in set(Role) - {Role.TILL}:
            make_user(office, User(f"a-{role.value}", role.value, role))
            visitor = opened.enter_context(Visitor(office))
            visitor.log_in(f"a-{role.value}")
            client = api_client(office.settings, CommandToken(office.settings, "a test", role))
            opened.callback(client.close)
            people[role] = (client, visitor)

        def one(route: Route, role: Role) -> httpx.Response:
            url = office.settings.api_url + route.filled
            if role is Role.TILL:
                return till.request(route.method, url)
            client, visitor = people[role]
            if not isinstance(route.rule, PageRule):
                return client.request(route.method, url)
            if route.method == "GET":
                return visitor.http.get(route.filled)
            key = form_key(visitor.http.get("/nothing"))
            return visitor.http.post(route.filled, data={"form_key": key})

        yield one


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", RULED, ids=str)
def test_a_role_is_let_in_exactly_where_the_table_says_so(
    ask: Ask, route: Route, role: Role
) -> None:
    assert route.rule is not None
    allowed = verdict(role, route.rule.action) is Verdict.ALLOW
    if role is Role.TILL and isinstance(route.rule, PageRule):
        allowed = False  # a till has no browser

    answer = ask(route, role)

    # A stranger at a page is sent to log in; somebody allowed may be sent on after a form.
    let_in = answer.status_code not in FORBIDDEN and "/log-in" not in _sent_to(answer)
    assert let_in is allowed, f"{answer.status_code} {answer.text[:300]}"


def _sent_to(answer: httpx.Response) -> str:
    return str(answer.headers.get("location", ""))


def test_each_route_has_one_rule_and_the_open_ones_are_these() -> None:
    opened = {str(route) for route in routes() if route.rule is None}

    assert opened == {
        "GET /",
        "GET /.well-known/jwks.json",
        "GET /.well-known/oauth-authorization-server",
        "GET /api/v1/health",
        "GET /log-in",
        "GET /log-in/issuer",
        "GET /log-in/issuer/back",
        "GET /nothing",
        "GET /oauth/authorize",
        "POST /api/v1/enrolments",
        "POST /log-in",
        "POST /log-out",
        "POST /oauth/token",
    }


def test_every_action_at_the_office_is_asked_for_by_some_route() -> None:
    at_tills = {
        Action.SELL, Action.VOID_LINE, Action.VOID_TICKET, Action.PRINT_COPY, Action.CLOCK_TIME,
    }  # fmt: skip

    asked = {route.rule.action for route in RULED if route.rule is not None}

    assert asked == set(Action) - at_tills


@pytest.mark.parametrize("rules", [[], [EVERYBODY, may(Action.SELL)]])
def test_the_application_does_not_start_with_a_route_that_has_no_rule_or_two(
    rules: list[object],
) -> None:
    app, router = FastAPI(), APIRouter()

    @router.get("/new", dependencies=rules)  # type: ignore[arg-type]  # what Depends returns
    def new() -> str:
        return "open to all by mistake"

    app.include_router(router)

    with pytest.raises(RouteWithoutRule, match="/new"):
        insist_on_rules(app)
