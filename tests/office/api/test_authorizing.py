"""The browser's part of a log-in by a program: who is asked what, and sent where, and with what."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from browsing import Visitor, error_on, form_key, make_user, sent_on_to
from forging import Forger, b64
from joserfc import jwt
from joserfc.jwk import KeySet
from offices import RunningOffice
from sqlalchemy import text

from activities.db.users import User
from api.clients import CLI, Clients, place_of
from domain.roles import Role

CALLBACK = "http://127.0.0.1:51234/callback"
VERIFIER = "v" * 43
CHALLENGE = b64(hashlib.sha256(VERIFIER.encode()).digest())
ASKED = {
    "response_type": "code",
    "client_id": CLI,
    "redirect_uri": CALLBACK,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "xyz",
}


@pytest.fixture(scope="module")
def user(office: RunningOffice) -> User:
    made = User("bob", "Bob", Role.MANAGER, "S1")
    make_user(office, made)
    return made


@pytest.fixture(scope="module")
def logged_in(office: RunningOffice, user: User) -> Iterator[Visitor]:
    with Visitor(office) as opened:
        assert opened.log_in(user.id).is_success
        yield opened


@pytest.fixture
def web(logged_in: Visitor, office: RunningOffice) -> Visitor:
    """A browser in which the user is logged in, who has allowed nothing so far."""
    with office.database.begin() as connection:
        connection.execute(text("DELETE FROM authorization_codes"))
    return logged_in


@pytest.fixture
def stranger(office: RunningOffice) -> Iterator[Visitor]:
    with Visitor(office) as opened:
        yield opened


def authorize(web: Visitor, **changes: str) -> httpx.Response:
    return web.http.get("/oauth/authorize", params=ASKED | changes)


def sent_back(url: str) -> tuple[str, dict[str, list[str]]]:
    place, _, query = url.partition("?")
    return place, parse_qs(query)


def codes(office: RunningOffice) -> int:
    with office.database.begin() as connection:
        return int(
            connection.execute(text("SELECT count(*) FROM authorization_codes")).scalar_one()
        )


def test_who_is_logged_in_is_asked_first_and_told_which_program_and_where_to(
    web: Visitor, office: RunningOffice, user: User
) -> None:
    page = authorize(web)

    said = html.unescape(page.text)
    assert page.status_code == 200
    assert f"<strong>{CLI}</strong> on this device wants to act as" in said
    assert f"<strong>{user.name}</strong> (manager)" in said
    assert f"<code>{CALLBACK}</code>" in said
    assert codes(office) == 0


def test_who_allows_it_is_sent_back_with_a_code_that_works(web: Visitor, forger: Forger) -> None:
    place, said = sent_back(sent_on_to(web.answer(ASKED, "allow")))

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


def test_who_refuses_is_sent_back_without_a_code(web: Visitor, office: RunningOffice) -> None:
    place, said = sent_back(sent_on_to(web.answer(ASKED, "refuse")))

    assert place == CALLBACK
    assert said == {"error": ["access_denied"], "state": ["xyz"], "iss": ["tillflow"]}
    assert codes(office) == 0


def test_the_audit_says_who_allowed_which_program_and_where_it_was(
    web: Visitor, office: RunningOffice, user: User
) -> None:
    asked = ASKED | {"redirect_uri": "http://127.0.0.1:777/callback"}

    web.answer(asked, "refuse")
    web.answer(asked, "allow")

    query = text("""
        SELECT actor, subject, store_id, address FROM audit_entries
        WHERE action = 'program_allowed' AND after = :after
    """)
    after = json.dumps({"redirect_uri": asked["redirect_uri"]}, separators=(",", ":"))
    with office.database.begin() as connection:
        found = connection.execute(query, {"after": after}).all()
    assert found == [(user.id, CLI, "S1", "127.0.0.1")]


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        ("", {}),
        ("guessed", {}),
        (None, {"origin": "http://evil.example"}),
        (None, {"sec-fetch-site": "cross-site"}),
    ],
)
def test_only_the_page_itself_can_allow_a_program(
    web: Visitor, office: RunningOffice, key: str | None, headers: dict[str, str]
) -> None:
    given = form_key(authorize(web)) if key is None else key

    sent = ASKED | {"answer": "allow", "form_key": given}
    answer = web.http.post("/consent", data=sent, headers=headers)

    assert answer.status_code == 403
    assert "did not come from a page" in error_on(answer)
    assert codes(office) == 0


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"redirect_uri": "https://evil.example/callback"}, 400),
        ({"client_id": "office"}, 400),
        ({"code_challenge": "short"}, 200),
        ({"answer": "perhaps"}, 422),
    ],
)
def test_an_answer_is_looked_at_as_the_question_was(
    web: Visitor, office: RunningOffice, changed: dict[str, str], status: int
) -> None:
    answer = web.answer(ASKED, "allow", **changed)

    assert answer.status_code == status
    assert codes(office) == 0
    assert "code=" not in answer.text


def test_an_answer_of_nobody_leads_to_the_log_in(stranger: Visitor) -> None:
    answer = stranger.http.post("/consent", data=ASKED | {"answer": "allow"})

    assert answer.headers["location"].startswith("/log-in?next=")


def test_who_is_not_logged_in_is_sent_to_do_so_and_comes_back(stranger: Visitor) -> None:
    place, said = sent_back(authorize(stranger).headers["location"])

    assert place == "/log-in"
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
    web: Visitor, changes: dict[str, str], error: str
) -> None:
    _, said = sent_back(authorize(web, **changes).headers["location"])

    assert (said["error"], said["state"]) == ([error], ["xyz"])
    assert "code" not in said


@pytest.mark.parametrize(
    "redirect_uri",
    ["http://[::1]:9/callback", "http://127.0.0.1/callback", "http://127.0.0.1:65535/callback"],
)
def test_a_program_on_the_users_machine_listens_on_any_port(
    web: Visitor, redirect_uri: str
) -> None:
    answer = web.answer(ASKED | {"redirect_uri": redirect_uri}, "allow")

    assert sent_back(sent_on_to(answer))[0] == redirect_uri


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
    web: Visitor, client_id: str, redirect_uri: str
) -> None:
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


@pytest.mark.parametrize(
    ("redirect_uri", "place"),
    [
        (CALLBACK, "on this device"),
        ("http://[::1]:9/callback", "on this device"),
        ("com.example.reports:/back", "on this device"),
        ("https://reports.example:8443/back", "at reports.example:8443"),
        ("http://127.0.0.1@evil.example/back", "at 127.0.0.1@evil.example"),
    ],
)
def test_the_user_is_told_where_the_program_is(redirect_uri: str, place: str) -> None:
    assert place_of(redirect_uri) == place


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
