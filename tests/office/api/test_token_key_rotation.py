"""The keys that sign tokens are replaced while two APIs answer, and no request is lost.

Promise 47 for token keys; its sabotage, an API that would have to be restarted, is at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import httpx
import pytest
from forging import Forger
from offices import Program, RunningOffice, api_client, begin, is_well, run_program
from quiet_ports import quiet_port
from waiting import until

from activities.db import audit
from activities.token_keys import TokenKeys

ROTATIONS = 4


@pytest.fixture
def here(office: RunningOffice) -> Forger:
    """A till at the API of this process."""
    begin(office.settings)
    return Forger.at(office)


@pytest.fixture
def elsewhere(here: Forger) -> Iterator[Forger]:
    """The same till at an API in a process of its own, with the same keys."""
    settings = here.office.settings.model_copy(update={"api_port": quiet_port()})
    with Program("api", settings=settings), api_client(settings) as http:
        until(lambda: is_well(http), 30)
        yield replace(here, url=settings.api_url)


def rotate(forger: Forger, *words: str) -> str:
    done = run_program(
        "activities", "rotate-keys", "tokens", *words, settings=forger.office.settings
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def buy(forger: Forger) -> str:
    answer = forger.buy(forger.assertion())
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def use(forger: Forger, token: str) -> httpx.Response:
    return forger.ask(token, forger.proof(token))


def refusals(seller: Forger, user: Forger, stop: Event) -> list[str]:
    """Buy tokens at one API and use them at the other, old and new, until told to stop."""
    bought, refused = [buy(seller)], []
    while not stop.is_set():
        bought.append(buy(seller))
        answers = [use(user, bought[0]), use(user, bought[-1]), use(seller, bought[-1])]
        refused += [answer.text for answer in answers if answer.status_code != 200]
    assert len(bought) > ROTATIONS
    return refused


def test_keys_are_rotated_under_load_without_a_lost_request(
    here: Forger, elsewhere: Forger
) -> None:
    first, stop = set(TokenKeys(here.office.settings.token_keys_dir).verifying()), Event()
    with ThreadPoolExecutor(4) as pool:
        pairs = [(here, elsewhere), (elsewhere, here)] * 2
        loads = [pool.submit(refusals, seller, user, stop) for seller, user in pairs]

        for _ in range(ROTATIONS):
            rotate(here, "--after", "0")

        stop.set()
        refused = [one for load in loads for one in load.result(30)]
    now = set(TokenKeys(here.office.settings.token_keys_dir).verifying())
    assert refused == []
    assert len(now - first) == ROTATIONS
    assert first <= now


def test_after_a_theft_old_tokens_are_worth_nothing_and_new_ones_are_bought_at_once(
    here: Forger, elsewhere: Forger
) -> None:
    old = buy(here)

    said = rotate(here, "--retire-others")

    assert "signs now" in said
    assert [use(api, old).status_code for api in (here, elsewhere)] == [401, 401]
    assert [use(api, buy(here)).status_code for api in (here, elsewhere)] == [200, 200]


def test_a_rotation_is_in_the_audit(here: Forger) -> None:
    said = rotate(here)

    with here.office.database.begin() as connection:
        last = audit.last_entry(connection)
    assert last is not None
    assert (last.action, last.actor, last.after) == (
        "token_key_made",
        "operator",
        '{"others_retired":false}',
    )
    assert said == f"Token key {last.subject} signs in 60 s.\n"


def test_an_api_that_had_to_be_restarted_would_be_noticed(
    here: Forger, elsewhere: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = TokenKeys(here.office.settings.token_keys_dir)._names()  # noqa: SLF001 -- its sabotage
    monkeypatch.setattr(TokenKeys, "_names", lambda _: known)

    rotate(here, "--after", "0")

    assert "which is not in use" in use(here, buy(elsewhere)).text
