"""The browser's part of a log-in by a program: who is sent where, and with what."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from forging import Forger, add_user, b64
from joserfc import jwt
from joserfc.jwk import KeySet
from offices import RunningOffice

from api.callers import Caller, NoBrowsers
from api.clients import CLI, Clients
from domain.roles import Role

CALLBACK = "http://127.0.0.1:51234/callback"
VERIFIER = "v" * 43
CHALLENGE = b64(hashlib.sha256(VERIFIER.encode()).digest())
_numbers = itertools.count(1)


@pytest.fixture
def user(office: RunningOffice) -> str:
    return add_user(office, f"bob{next(_numbers)}", store_id="S1")


class OneBrowser:
    """A browser in which somebody may be logged in: what the manager's pages bring."""

    def __init__(self) -> None:
        self.user: Caller | None = None

    def caller(self, request: Request) -> Caller | None:
        return self.user

    def log_in(self, request: Request) -> Response:
        return RedirectResponse(f"/login?{urlencode({'next': str(request.url)})}", 303)


@pytest.fixture
def browser() -> OneBrowser:
    return OneBrowser()


@pytest.fixture
def web(office: RunningOffice, browser: OneBrowser) -> Iterator[httpx.Client]:
    office.app.state.browsers = browser
    yield office.asked_by(httpx.Auth())
    office.app.state.browsers = NoBrowsers()


def authorize(web: httpx.Client, **changes: str) -> httpx.Response:
    asked = {
        "response_type": "code",
        "client_id": CLI,
        "redirect_uri": CALLBACK,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "state": "xyz",
    }
    return web.get(web.base_url.join("/oauth/authorize"), params=asked | changes)


def sent_back(answer: httpx.Response) -> tuple[str, dict[str, list[str]]]:
    assert answer.status_code == 303, answer.text
    place, _, query = answer.headers["location"].partition("?")
    return place, parse_qs(query)


def test_who_is_logged_in_is_sent_back_with_a_code_that_works(
    web: httpx.Client, browser: OneBrowser, forger: Forger, user: str
) -> None:
    browser.user = Caller(user, Role.MANAGER, "S1")

    place, said = sent_back(authorize(web))

    assert place == CALLBACK
    assert (said["state"], said["iss"]) == (["xyz"], ["tillflow"])
    form = {
        "grant_type": "authorization_code",
        "client_id": CLI,
        "redirect_uri": CALLBACK,
        "code": said["code"][0],
        "code_verifier": VERIFIER,
    }
    assert forger.exchange(form).is_success


def test_who_is_not_logged_in_is_sent_to_do_so_and_comes_back(web: httpx.Client) -> None:
    place, said = sent_back(authorize(web))

    assert place == "/login"
    assert urlsplit(said["next"][0]).path == "/oauth/authorize"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_what_cannot_be_answered_with_a_code_is_sent_back_as_an_error(
    web: httpx.Client, changes: dict[str, str], error: str
) -> None:
    _, said = sent_back(authorize(web, **changes))

    assert (said["error"], said["state"]) == ([error], ["xyz"])
    assert "code" not in said


@pytest.mark.parametrize(
    "redirect_uri",
    ["http://[::1]:9/callback", "http://127.0.0.1/callback", "http://127.0.0.1:65535/callback"],
)
def test_a_program_on_the_users_machine_listens_on_any_port(
    web: httpx.Client, browser: OneBrowser, user: str, redirect_uri: str
) -> None:
    browser.user = Caller(user, Role.MANAGER)

    assert sent_back(authorize(web, redirect_uri=redirect_uri))[0] == redirect_uri


@pytest.mark.parametrize(
    ("client_id", "redirect_uri"),
    [
        (CLI, "https://evil.example/callback"),
        (CLI, "http://127.0.0.1:1/elsewhere"),
        (CLI, "http://127.0.0.1@evil.example/callback"),
        (CLI, "http://127.0.0.1:x/callback"),
        (CLI, "http://127.0.0.1:99999/callback"),
        (CLI, "https://127.0.0.1:1/callback"),
        (CLI, "http://localhost:1/callback"),
        (CLI, "http://127.0.0.1:1/callback#here"),
        (CLI, "http://[::1/callback"),
        ("nobody", CALLBACK),
        ("office", CALLBACK),
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_listed(
    web: httpx.Client, browser: OneBrowser, user: str, client_id: str, redirect_uri: str
) -> None:
    browser.user = Caller(user, Role.MANAGER)

    answer = authorize(web, client_id=client_id, redirect_uri=redirect_uri)

    assert answer.status_code == 400
    assert "TILLFLOW_OAUTH_CLIENTS" in answer.json()["detail"]
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("redirect_uri", "listed"),
    [
        ("https://reports.example/back?x=1", True),
        ("https://reports.example:8443/back?x=1", False),
        ("https://reports.example/back", False),
        ("https://reports.example/back?x=1&y=2", False),
        ("http://127.0.0.1:51234/callback", False),
    ],
)
def test_a_program_of_the_settings_has_exactly_the_addresses_given(
    redirect_uri: str, *, listed: bool
) -> None:
    clients = Clients({"reporting": ("https://reports.example/back?x=1",)})

    assert clients.may_be_sent_to("reporting", redirect_uri) is listed


def test_the_settings_cannot_take_a_name_that_is_taken() -> None:
    clients = Clients(dict.fromkeys((CLI, "office"), ("https://evil.example/",)))

    assert not clients.may_be_sent_to(CLI, "https://evil.example/")
    assert not clients.may_be_sent_to("office", "https://evil.example/")
    assert clients.may_be_sent_to(CLI, CALLBACK)


def test_an_office_without_pages_says_that_nobody_is_logged_in(office: RunningOffice) -> None:
    answer = authorize(office.asked_by(httpx.Auth()))

    assert answer.status_code == 401
    assert "Nobody is logged in" in answer.json()["detail"]


# ---------------------------------------------------------------- what others may know of us


def test_anybody_can_verify_a_token_by_the_published_keys(forger: Forger) -> None:
    url = forger.office.settings.api_url
    published: Any = forger.http.get(f"{url}/.well-known/jwks.json").json()
    about = forger.http.get(f"{url}/.well-known/oauth-authorization-server").json()

    (key,) = published["keys"]
    assert "d" not in key
    assert about["token_endpoint"] == f"{url}/oauth/token"
    assert about["jwks_uri"] == f"{url}/.well-known/jwks.json"
    with pytest.warns(match="EdDSA"):
        found = jwt.decode(forger.token(), KeySet.import_key_set(published), ["EdDSA"])
    assert found.claims["sub"] == forger.till_id
