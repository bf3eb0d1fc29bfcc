"""Programs that act for users: a code for one exchange, refresh tokens that are good once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from browsing import Visitor, make_user
from offices import RunningOffice

from activities.db import users
from activities.db.users import Acting, User
from activities.keys import OfficeKey
from domain.audit import Actor
from domain.roles import Role

BACK = "http://127.0.0.1:43117/callback"
VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)


@pytest.fixture
def user(office: RunningOffice) -> Iterator[Visitor]:
    """A manager who is logged in in a browser."""
    make_user(office, User("mia", "Mia", Role.MANAGER, "S1"))
    with Visitor(office) as visitor:
        visitor.log_in("mia")
        yield visitor


def authorize(user: Visitor, **other: str) -> httpx.Response:
    asked = {
        "response_type": "code",
        "client_id": "tillflow-cli",
        "redirect_uri": BACK,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "state": "xyz",
    }
    return user.http.get("/oauth/authorize", params=asked | other)


def told(answer: httpx.Response) -> dict[str, str]:
    """Return what the browser brings to the program."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(BACK)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def exchange(user: Visitor, code: str, **other: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": "tillflow-cli",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }
    return user.http.post("/oauth/token", data=form | other)


def refresh(user: Visitor, token: str, client_id: str = "tillflow-cli") -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": token}
    return user.http.post("/oauth/token", data=form)


def read_tills(user: Visitor, token: str) -> httpx.Response:
    return httpx.get(
        f"{user.office.settings.api_url}/api/v1/tills",
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )


def logged_in(user: Visitor) -> dict[str, Any]:
    answer = exchange(user, told(authorize(user))["code"])
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def test_a_program_gets_a_token_for_the_user_who_is_logged_in(user: Visitor) -> None:
    back = told(authorize(user))
    tokens = exchange(user, back["code"]).json()

    assert back["state"] == "xyz"
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    assert read_tills(user, tokens["access_token"]).is_success


def test_who_is_not_logged_in_is_sent_to_log_in_and_back(office: RunningOffice) -> None:
    with Visitor(office) as stranger:
        answer = authorize(stranger)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/log-in?next=%2Foauth%2Fauthorize")


def test_a_code_is_good_once_and_its_second_use_ends_what_came_of_it(user: Visitor) -> None:
    code = told(authorize(user))["code"]
    tokens = exchange(user, code).json()

    again = exchange(user, code)

    assert (again.status_code, again.json()["error"]) == (401, "invalid_grant")
    assert refresh(user, tokens["refresh_token"]).status_code == 401


@pytest.mark.parametrize(
    "other",
    [
        {"code_verifier": "w" * 64},
        {"client_id": "another-program"},
        {"redirect_uri": "http://127.0.0.1:43117/elsewhere"},
    ],
)
def test_a_stolen_code_is_worth_nothing_and_then_to_nobody(
    user: Visitor, other: dict[str, str]
) -> None:
    code = told(authorize(user))["code"]

    stolen = exchange(user, code, **other)

    assert stolen.status_code == 401
    assert exchange(user, code).status_code == 401


def test_a_refresh_token_is_exchanged_for_the_next(user: Visitor) -> None:
    first = logged_in(user)

    second = refresh(user, first["refresh_token"]).json()
    third = refresh(user, second["refresh_token"]).json()

    assert len({one["refresh_token"] for one in (first, second, third)}) == 3
    assert read_tills(user, third["access_token"]).is_success


def test_a_refresh_token_used_twice_ends_the_whole_log_in(user: Visitor) -> None:
    first = logged_in(user)
    second = refresh(user, first["refresh_token"]).json()

    replayed = refresh(user, first["refresh_token"])

    assert (replayed.status_code, replayed.json()["error"]) == (401, "invalid_grant")
    assert refresh(user, second["refresh_token"]).status_code == 401


def test_another_program_cannot_use_a_refresh_token(user: Visitor) -> None:
    assert refresh(user, logged_in(user)["refresh_token"], "another").status_code == 401


def test_a_user_taken_out_gets_no_further_token(user: Visitor, office: RunningOffice) -> None:
    make_user(office, User("leaver", "Leaver", Role.OPS))
    with Visitor(office) as leaver:
        leaver.log_in("leaver")
        tokens = logged_in(leaver)
        acting = Acting(
            OfficeKey.at(office.settings.office_key_file), Actor("owner", Role.ADMIN.value)
        )
        with office.database.begin() as connection:
            gone = User("leaver", "Leaver", Role.OPS, active=False)
            users.change(connection, acting, gone)

        assert refresh(leaver, tokens["refresh_token"]).status_code == 401
        assert read_tills(leaver, tokens["access_token"]).status_code == 401


@pytest.mark.parametrize(
    "redirect_uri", ["http://evil.example/callback", "http://127.0.0.1:43117/elsewhere", ""]
)
def test_nobody_is_sent_to_an_address_that_is_not_the_programs(
    user: Visitor, redirect_uri: str
) -> None:
    answer = authorize(user, redirect_uri=redirect_uri)

    assert answer.status_code >= 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_a_request_without_its_protection_is_told_so(
    user: Visitor, other: dict[str, str], error: str
) -> None:
    assert told(authorize(user, **other))["error"] == error


@pytest.mark.parametrize("grant", ["password", "implicit", ""])
def test_no_other_way_to_a_token_is_open(user: Visitor, grant: str) -> None:
    answer = user.http.post("/oauth/token", data={"grant_type": grant, "username": "mia"})

    assert answer.status_code == 400
    assert answer.json()["error"] == "unsupported_grant_type"


def test_the_issuer_says_what_it_can_do_and_shows_public_keys_alone(user: Visitor) -> None:
    about = user.http.get("/.well-known/oauth-authorization-server").json()
    keys = user.http.get("/.well-known/jwks.json").json()["keys"]

    assert about["code_challenge_methods_supported"] == ["S256"]
    assert keys
    assert all("d" not in key and key["alg"] == "EdDSA" for key in keys)
