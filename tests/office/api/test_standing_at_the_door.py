"""What the books say of a till counts on its very next request, whatever token it has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import httpx
import pytest
from forging import Forger
from offices import RunningOffice
from pydantic import TypeAdapter
from sqlalchemy import text
from waiting import until

from activities.keys import OfficeKey, verify
from api.callers import Caller, NoBrowsers
from domain.lease import SignedLease, Standing, lease_text
from domain.roles import Role

_LEASE = TypeAdapter(SignedLease)
_JSON = {"content-type": "application/json"}


@pytest.fixture
def till(forger: Forger) -> httpx.Client:
    """The API as a till that has a token already."""
    client = forger.office.as_till(forger.till_id, forger.signer)
    assert snapshot(forger, client).is_success
    return client


def snapshot(forger: Forger, till: httpx.Client) -> httpx.Response:
    return till.get(f"/tills/{forger.till_id}/snapshot")


def journal(forger: Forger, till: httpx.Client) -> httpx.Response:
    return till.post(f"/tills/{forger.till_id}/journal", json={"entries": []})


def put(forger: Forger, change: str) -> None:
    statement = f"UPDATE tills SET {change} WHERE id = '{forger.till_id}'"  # noqa: S608 -- ours
    with forger.office.database.begin() as connection:
        connection.execute(text(statement))


def stop(forger: Forger, standing: Standing) -> None:
    put(forger, f"standing = '{standing}', standing_why = 'It was stolen.'")


def assert_stopped(forger: Forger, answer: httpx.Response, standing: Standing) -> None:
    """A problem with the office's signed word that the till may not trade from now on."""
    problem = answer.json()
    word = _LEASE.validate_python(problem["lease"])
    key = OfficeKey.at(forger.office.settings.office_key_file).public_key
    assert answer.status_code == 403, answer.text
    assert problem["type"] == "urn:tillflow:problem:till-not-trading"
    assert f"Till {forger.till_id} is {standing}" in problem["detail"]
    assert (word.lease.till_id, word.lease.standing) == (forger.till_id, standing)
    assert word.lease.until == word.lease.granted_at
    assert abs(word.lease.until - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert word.lease.why == "It was stolen."
    assert verify(key, lease_text(word.lease), word.signature)


@pytest.mark.parametrize("standing", [Standing.REVOKED, Standing.FROZEN])
def test_a_till_that_may_not_trade_is_told_so_by_the_office_on_its_next_request(
    forger: Forger, till: httpx.Client, standing: Standing
) -> None:
    stop(forger, standing)

    assert_stopped(forger, snapshot(forger, till), standing)
    assert_stopped(forger, journal(forger, till), standing)


def test_a_revoked_till_gets_no_new_token_but_the_same_word(forger: Forger) -> None:
    stop(forger, Standing.REVOKED)

    answer = snapshot(forger, forger.office.as_till(forger.till_id, forger.signer))

    assert_stopped(forger, answer, Standing.REVOKED)


def test_a_till_that_was_reinstated_goes_on_with_the_token_it_has(
    forger: Forger, till: httpx.Client
) -> None:
    stop(forger, Standing.FROZEN)
    snapshot(forger, till)

    put(forger, "standing = 'trading'")

    assert snapshot(forger, till).is_success


def test_a_till_whose_lease_is_over_may_bring_its_journal_and_nothing_else(
    forger: Forger, till: httpx.Client
) -> None:
    put(forger, "lease_until = now() - interval '1 second'")

    refused = snapshot(forger, till)

    assert refused.status_code == 403
    assert f"The lease of till {forger.till_id} ended at" in refused.json()["detail"]
    assert journal(forger, till).is_success


def test_a_lease_counts_until_its_last_moment(forger: Forger, till: httpx.Client) -> None:
    put(forger, "lease_until = now() + interval '1 second'")

    assert snapshot(forger, till).is_success
    until(lambda: snapshot(forger, till).status_code == 403)


# ---------------------------------------------------------------- browsers


class OneBrowser(NoBrowsers):
    """A browser in which an operator is logged in."""

    def caller(self, request: object) -> Caller | None:
        return Caller("olga", Role.OPS)


@pytest.fixture
def browser(office: RunningOffice) -> Iterator[httpx.Client]:
    office.app.state.browsers = OneBrowser()
    yield office.asked_by(httpx.Auth())
    office.app.state.browsers = NoBrowsers()


def test_temporals_ui_shows_payloads_to_an_operator_who_is_logged_in(
    browser: httpx.Client,
) -> None:
    url, headers = browser.base_url.join("/codec/decode"), {"origin": "http://127.0.0.1:8421"}

    answer = browser.post(url, json={"payloads": []}, headers=headers)

    assert answer.status_code == 200, answer.text
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-origin"] == "http://127.0.0.1:8421"


def test_a_browsers_log_in_opens_no_route_that_did_not_ask_for_it(browser: httpx.Client) -> None:
    assert browser.get("/stores").status_code == 401
    assert browser.post("/transactions", json={}, headers=_JSON).status_code == 401
