"""Every role at every route: let in or not, as one table says, and no route without a rule.

Promise 32; its sabotages are at the end.
"""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import RouteContext
from fastapi.staticfiles import StaticFiles
from forging import Forger
from offices import RunningOffice
from roles_page import PAGE, an_application, page, routes

from api.auth.commands import CommandToken
from api.callers import EVERYBODY, RouteWithoutRule, insist_on_rules, may, rules_of
from api.pages.browser import PageRule
from domain.roles import Action, Role, Verdict, verdict

APP = an_application()
FOR_PROGRAMS = ("/api/", "/oauth/", "/codec/", "/.well-known/")
"""What is open to everybody elsewhere is listed in tests/office/pages."""


def walked(app: FastAPI) -> dict[str, RouteContext]:
    """Every route by its name, but for the manager's pages: tests/office/pages walks those."""
    return {
        f"{method} {path}": route
        for method, path, route in routes(app)
        if not any(isinstance(rule, PageRule) for rule in rules_of(route))
    }


ROUTES = walked(APP)
PEOPLE = [role for role in Role if role is not Role.TILL]
OUTSIDE = {401, 403}


@pytest.fixture(scope="module")
def forger(office: RunningOffice) -> Forger:
    return Forger.at(office)


@pytest.fixture(scope="module")
def everyone(office: RunningOffice, forger: Forger) -> dict[Role | None, httpx.Client]:
    """The API as each role, and as nobody."""
    people: dict[Role | None, httpx.Client] = {
        role: office.asked_by(CommandToken(office.settings, f"a {role}", role)) for role in PEOPLE
    }
    till = office.as_till(forger.till_id, forger.signer)
    return people | {Role.TILL: till, None: office.asked_by(httpx.Auth())}


def ask(client: httpx.Client, name: str, till_id: str) -> httpx.Response:
    """Ask for a route with parameters of the right shape and nothing in the body."""
    method, path = name.split(" ")
    filled = path.replace("{till_id}", till_id).replace("{sale_id}", str(uuid.uuid4()))
    filled = re.sub(r"\{[^}]+\}", "x", filled)
    return client.request(method, client.base_url.join(filled), follow_redirects=False)


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("role", Role)
def test_a_role_is_let_in_exactly_where_the_table_says(
    everyone: dict[Role | None, httpx.Client], forger: Forger, name: str, role: Role
) -> None:
    (rule,) = rules_of(ROUTES[name])

    answer = ask(everyone[role], name, forger.till_id)

    if rule is None:
        assert "urn:tillflow:problem:not-allowed" not in answer.text
    elif verdict(role, rule.action) is Verdict.ALLOW:
        assert answer.status_code not in OUTSIDE, answer.text
    else:
        assert answer.status_code == 403, answer.text
        assert answer.json()["type"] == "urn:tillflow:problem:not-allowed"
        assert f"The role {role} may not" in answer.json()["detail"]


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if any(rules_of(route))])
def test_who_does_not_say_who_asks_is_let_in_nowhere(
    everyone: dict[Role | None, httpx.Client], forger: Forger, name: str
) -> None:
    answer = ask(everyone[None], name, forger.till_id)

    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"] == 'DPoP algs="EdDSA", Bearer'
    assert "This needs a token" in answer.json()["detail"]


def test_the_routes_that_are_open_to_everybody_are_these() -> None:
    named = [
        name
        for name, route in ROUTES.items()
        if rules_of(route) == {None} and str(route.path).startswith(FOR_PROGRAMS)
    ]

    assert sorted(named) == [
        "GET /.well-known/jwks.json",
        "GET /.well-known/oauth-authorization-server",
        "GET /api/v1/health",
        "GET /oauth/authorize",
        "POST /api/v1/enrolments",
        "POST /oauth/token",
    ]


def test_the_page_of_the_documentation_says_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(APP), "Run `make roles`."


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data"])
def test_a_form_is_taken_as_a_form_alone(
    everyone: dict[Role | None, httpx.Client], kind: str
) -> None:
    nobody = everyone[None]

    answer = nobody.post(
        nobody.base_url.join("/oauth/token"), content="grant_type=x", headers={"content-type": kind}
    )

    assert answer.status_code == 415
    assert "send application/x-www-form-urlencoded" in answer.json()["detail"]


def an_api_with(router: APIRouter) -> FastAPI:
    """The API with a room of its own that somebody added."""
    app = an_application()
    app.include_router(router)
    return app


def test_a_new_route_without_a_rule_keeps_the_api_from_starting() -> None:
    router = APIRouter(prefix="/api/v2")

    @router.get("/secrets")
    def secrets() -> None:
        """Forget to say who may ask."""

    with pytest.raises(RouteWithoutRule, match="/api/v2/secrets"):
        insist_on_rules(an_api_with(router))


def test_a_new_route_with_two_rules_keeps_the_api_from_starting() -> None:
    router = APIRouter(prefix="/api/v2")

    @router.get("/secrets", dependencies=[EVERYBODY, may(Action.READ_AUDIT)])
    def secrets() -> None:
        """Say two things."""

    with pytest.raises(RouteWithoutRule, match="/api/v2/secrets"):
        insist_on_rules(an_api_with(router))


def test_a_plain_page_without_a_rule_keeps_the_api_from_starting() -> None:
    app = an_application()
    app.add_route("/plain", lambda _: Response())

    with pytest.raises(RouteWithoutRule, match="/plain"):
        insist_on_rules(app)


@pytest.mark.parametrize("path", ["/static", "/static-offline-docs", "/docs", "/plain"])
def test_an_application_mounted_anywhere_keeps_the_api_from_starting(path: str) -> None:
    app, mounted = an_application(), FastAPI()

    @mounted.get("/secrets", dependencies=[EVERYBODY])
    def secrets() -> None:
        """Hide behind a path that is open."""

    app.mount(path, mounted)

    with pytest.raises(RouteWithoutRule, match=path):
        insist_on_rules(app)


def test_a_folder_that_nobody_listed_keeps_the_api_from_starting(tmp_path: Path) -> None:
    app = an_application()
    app.mount("/exports", StaticFiles(directory=tmp_path))

    with pytest.raises(RouteWithoutRule, match="/exports"):
        insist_on_rules(app)


def test_a_page_under_the_documentations_name_keeps_the_api_from_starting() -> None:
    app = an_application()
    app.add_route("/docs", lambda _: Response(), methods=["POST"])

    with pytest.raises(RouteWithoutRule, match="/docs"):
        insist_on_rules(app)


@pytest.mark.parametrize("prefix", ["/api/v2", "/reports", ""])
@pytest.mark.parametrize("browser", [True, False])
def test_a_new_route_with_a_rule_is_welcome_and_walked(prefix: str, *, browser: bool) -> None:
    router = APIRouter()

    @router.get(f"{prefix}/sums", dependencies=[may(Action.READ_AUDIT, browser=browser)])
    def sums() -> None:
        """Say who may ask."""

    app = an_api_with(router)
    insist_on_rules(app)
    assert f"GET {prefix}/sums" in walked(app)


def test_a_route_that_no_test_could_ask_for_is_named() -> None:
    router = APIRouter()

    @router.websocket("/live", dependencies=[EVERYBODY])
    async def live() -> None:
        """Speak something else than HTTP's methods."""

    with pytest.raises(AssertionError, match="/live has no method"):
        walked(an_api_with(router))
