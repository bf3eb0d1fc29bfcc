"""How a program gets to act for a user: a code, PKCE, refresh tokens that are good once."""

from __future__ import annotations

import hashlib
import itertools
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from forging import Forger, add_user, b64
from offices import RunningOffice
from sqlalchemy import text

from activities.db import tokens as books
from activities.db.tokens import CodeAsked
from api.clients import CLI

CALLBACK = "http://127.0.0.1:51234/callback"
VERIFIER = "v" * 43
CHALLENGE = b64(hashlib.sha256(VERIFIER.encode()).digest())
ASKED = CodeAsked(CLI, CALLBACK, CHALLENGE)
_numbers = itertools.count(1)


@pytest.fixture
def user(office: RunningOffice) -> str:
    return add_user(office, f"ada{next(_numbers)}", store_id="S1")


def code_for(office: RunningOffice, user: str) -> str:
    with office.database.begin() as connection:
        return books.make_code(connection, user, ASKED)


def exchanged(forger: Forger, code: str, /, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": CLI,
        "redirect_uri": CALLBACK,
        "code": code,
        "code_verifier": VERIFIER,
    }
    return forger.exchange(form | changes)


def refreshed(forger: Forger, token: str, /, **changes: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": CLI, "refresh_token": token}
    return forger.exchange(form | changes)


def tills(forger: Forger, token: str) -> httpx.Response:
    return forger.http.get("/tills", headers={"Authorization": f"Bearer {token}"})


def assert_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"] == "invalid_grant"
    assert "Log in again" in answer.json()["error_description"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_code_is_exchanged_for_tokens_of_the_user(forger: Forger, user: str) -> None:
    answer = exchanged(forger, code_for(forger.office, user))

    given = answer.json()
    assert answer.status_code == 200, answer.text
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
    assert tills(forger, given["access_token"]).is_success
    assert refreshed(forger, given["refresh_token"]).is_success


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"redirect_uri": "http://127.0.0.1:51235/callback"},
        {"client_id": "another"},
        {"code": "guessed"},
    ],
)
def test_a_code_is_worth_nothing_to_another(
    forger: Forger, user: str, changes: dict[str, str]
) -> None:
    code = code_for(forger.office, user)

    assert_refused(exchanged(forger, code, **changes))


def test_a_code_that_was_tried_with_a_wrong_verifier_is_burnt(forger: Forger, user: str) -> None:
    code = code_for(forger.office, user)
    exchanged(forger, code, code_verifier="w" * 43)

    assert_refused(exchanged(forger, code))


def test_a_code_used_twice_ends_what_came_of_it(forger: Forger, user: str) -> None:
    code = code_for(forger.office, user)
    given = exchanged(forger, code).json()

    assert_refused(exchanged(forger, code))
    assert_refused(refreshed(forger, given["refresh_token"]))


def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_log_in(
    forger: Forger, user: str
) -> None:
    first = exchanged(forger, code_for(forger.office, user)).json()["refresh_token"]
    second = refreshed(forger, first).json()["refresh_token"]

    assert_refused(refreshed(forger, first))
    assert_refused(refreshed(forger, second))


def test_of_many_who_refresh_at_once_one_gets_through_and_the_log_in_ends(
    forger: Forger, user: str
) -> None:
    token = exchanged(forger, code_for(forger.office, user)).json()["refresh_token"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: refreshed(forger, token), range(16)))

    (won,) = (answer for answer in answers if answer.is_success)
    assert_refused(refreshed(forger, won.json()["refresh_token"]))


def test_a_refresh_token_is_no_other_programs(forger: Forger, user: str) -> None:
    token = exchanged(forger, code_for(forger.office, user)).json()["refresh_token"]

    assert_refused(refreshed(forger, token, client_id="another"))


@pytest.mark.parametrize("table", ["authorization_codes", "refresh_tokens"])
def test_what_is_over_is_not_exchanged(forger: Forger, user: str, table: str) -> None:
    code = code_for(forger.office, user)
    given = exchanged(forger, code).json() if table == "refresh_tokens" else {}
    expire = f"UPDATE {table} SET expires_at = now() WHERE user_id = '{user}'"  # noqa: S608 -- ours
    run(forger, expire)

    refresh_token = given.get("refresh_token")
    assert_refused(refreshed(forger, refresh_token) if refresh_token else exchanged(forger, code))


def test_a_user_who_may_not_log_in_any_more_is_out_at_once(forger: Forger, user: str) -> None:
    given = exchanged(forger, code_for(forger.office, user)).json()
    late = code_for(forger.office, user)

    run(forger, f"UPDATE users SET active = false WHERE id = '{user}'")  # noqa: S608 -- ours

    assert tills(forger, given["access_token"]).status_code == 401
    assert_refused(refreshed(forger, given["refresh_token"]))
    assert_refused(exchanged(forger, late))


def test_a_role_that_was_taken_away_is_gone_on_the_next_request(forger: Forger, user: str) -> None:
    given = exchanged(forger, code_for(forger.office, user)).json()

    run(forger, f"UPDATE users SET role = 'cashier' WHERE id = '{user}'")  # noqa: S608 -- ours

    answer = tills(forger, given["access_token"])
    assert answer.status_code == 403
    assert "The role cashier may not read tills" in answer.json()["detail"]


def test_ended_log_ins_get_no_new_tokens(forger: Forger, user: str) -> None:
    token = exchanged(forger, code_for(forger.office, user)).json()["refresh_token"]

    with forger.office.database.begin() as connection:
        books.end_log_ins(connection, user)

    assert_refused(refreshed(forger, token))


def run(forger: Forger, statement: str) -> None:
    with forger.office.database.begin() as connection:
        connection.execute(text(statement))


def test_what_is_refused_by_its_age_is_cleared_away(forger: Forger, user: str) -> None:
    given = exchanged(forger, code_for(forger.office, user)).json()
    code_for(forger.office, user)
    run(forger, "UPDATE authorization_codes SET expires_at = now()")
    run(forger, "UPDATE refresh_tokens SET expires_at = now()")
    run(forger, "INSERT INTO spent_tokens VALUES ('old', now())")
    kept = forger.assertion()

    assert forger.buy(kept).is_success
    assert forger.buy(forger.assertion()).is_success  # codes go after their refresh tokens

    with forger.office.database.begin() as connection:
        left = "SELECT count(*) FROM authorization_codes, refresh_tokens"
        assert connection.scalar(text(left)) == 0
        assert connection.scalar(text("SELECT count(*) FROM spent_tokens")) == 4
    assert_refused(refreshed(forger, given["refresh_token"]))
    assert forger.buy(kept).status_code == 401


# ---------------------------------------------------------------- malformed requests


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "client_id": CLI}, "invalid_request"),
        ({"grant_type": "refresh_token", "client_id": CLI}, "invalid_request"),
    ],
)
def test_a_malformed_request_for_a_token_is_told_in_the_words_of_the_standard(
    forger: Forger, form: dict[str, str], error: str
) -> None:
    answer = forger.exchange(form)

    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"].endswith("No token was given.")


def test_a_field_that_comes_twice_might_mean_two_things(forger: Forger) -> None:
    url = f"{forger.office.settings.api_url}/oauth/token"
    kind = {"content-type": "application/x-www-form-urlencoded"}

    answer = forger.http.post(
        url, content="grant_type=refresh_token&grant_type=password", headers=kind
    )

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
