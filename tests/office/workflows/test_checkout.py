"""Checkout on a real Temporal server; the ledger is a twin that can be away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from builders import sale
from loops import Loop
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.worker import office_worker
from api.engines.temporal import EmbeddedTemporal
from domain.canonical import content_hash
from domain.ledger import Outcome, Posted
from domain.sale import Sale
from workflows import ids
from workflows.client import (
    BrokenOff,
    TemporalServer,
    WorkflowsAway,
    client_for_requests,
    commit_sale,
    connect,
)
from workflows.codec import PayloadKeys

KEYS = PayloadKeys("test", {"test": b"k" * 32})


class Books:
    """A ledger in memory, with the promise's signature; `away` counts the tries it fails."""

    def __init__(self, away: int = 0, outcome: Outcome = Outcome.RECORDED) -> None:
        self.away = away
        self.outcome = outcome
        self.tries: list[bool] = []

    @activity.defn
    def post_sale(self, sale: Sale) -> Posted:
        self.tries.append(activity.info().is_local)
        if len(self.tries) <= self.away:
            message = "the ledger is away"
            raise ApplicationError(message)
        return Posted(sale.id, self.outcome, content_hash(sale))


@pytest.fixture
def client(temporal: EmbeddedTemporal, loop: Loop) -> Client:
    return loop.run(connect(TemporalServer(temporal.address), KEYS))


@pytest.fixture
def check_out(client: Client, loop: Loop) -> Callable[..., list[Posted]]:
    """Post some sales at once while a worker with the given books is at work."""

    async def at_once(books: Books, sales: tuple[Sale, ...]) -> list[Posted]:
        async with office_worker(client, [books.post_sale]):
            words = await asyncio.gather(*(commit_sale(client, one) for one in sales))
            return [word.said for word in words]

    def run(books: Books, *sales: Sale) -> list[Posted]:
        return loop.run(at_once(books, sales))

    return run


def test_whoever_commits_a_sale_gets_the_ledgers_word(check_out: Callable[..., Any]) -> None:
    sold = sale()

    (posted,) = check_out(Books(), sold)

    assert posted == Posted(sold.id, Outcome.RECORDED, content_hash(sold))


def test_a_sale_committed_by_eight_at_once_is_posted_once(check_out: Callable[..., Any]) -> None:
    sold, books = sale(), Books()

    answers = check_out(books, *[sold] * 8)

    assert len(set(answers)) == 1
    assert len(books.tries) == 1


def test_another_sale_of_the_same_id_is_answered_with_the_first_ones_hash(
    check_out: Callable[..., Any],
) -> None:
    first = sale()
    check_out(Books(), first)

    (answer,) = check_out(Books(), replace(first, reference="another"))

    assert answer.content_hash == content_hash(first)


def test_a_ledger_that_stays_away_is_tried_until_it_is_back(check_out: Callable[..., Any]) -> None:
    books = Books(away=5)

    (posted,) = check_out(books, sale())

    assert posted.outcome is Outcome.RECORDED
    assert books.tries == [True, True, True, False, False, False]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.RECORDED, "posted"),
        (Outcome.ALREADY, "posted"),
        (Outcome.CONFLICT, "conflict"),
        (Outcome.REFUSED, "refused"),
        (Outcome.UNSIGNED, "refused"),
    ],
)
def test_a_closed_checkout_shows_how_it_ended(
    check_out: Callable[..., Any], client: Client, loop: Loop, outcome: Outcome, state: str
) -> None:
    sold = sale()

    check_out(Books(outcome=outcome), sold)

    described = loop.run(client.get_workflow_handle(ids.sale(sold.id)).describe())
    assert described.search_attributes["State"] == [state]


def test_a_checkout_tells_operators_what_it_is_about(
    check_out: Callable[..., Any], client: Client, loop: Loop
) -> None:
    sold = sale("A1-000777")

    check_out(Books(), sold)

    described = loop.run(client.get_workflow_handle(ids.sale(sold.id)).describe())
    assert loop.run(described.memo()) == {"summary": "A1-000777: 1 lines, 3.50 EUR, S1"}
    assert loop.run(described.static_summary()) == "A1-000777: 1 lines, 3.50 EUR, S1"


def test_after_its_end_a_checkout_is_not_run_again_and_keeps_its_word(
    check_out: Callable[..., Any], client: Client, loop: Loop
) -> None:
    sold, books = sale(), Books()
    first = check_out(books, sold)
    loop.run(client.get_workflow_handle(ids.sale(sold.id)).result())

    assert check_out(books, sold) == first
    assert len(books.tries) == 1


def test_a_checkout_that_was_broken_off_names_the_one_to_start_next(
    check_out: Callable[..., Any], client: Client, loop: Loop
) -> None:
    sold = sale()
    with pytest.raises(WorkflowsAway):
        loop.run(commit_sale(client, sold, wait_s=0.5))
    loop.run(client.get_workflow_handle(ids.sale(sold.id)).terminate())

    with pytest.raises(BrokenOff) as broken:
        check_out(Books(), sold)

    assert broken.value.next_id.startswith(f"{ids.sale(sold.id)}-after-")


def test_without_a_worker_the_client_is_sent_away_and_the_sale_is_posted_later(
    check_out: Callable[..., Any], client: Client, loop: Loop
) -> None:
    sold = sale()
    with pytest.raises(WorkflowsAway, match="goes on by itself"):
        loop.run(commit_sale(client, sold, wait_s=0.5))

    (posted,) = check_out(Books(), sold)

    assert posted.outcome is Outcome.RECORDED


def test_a_server_that_is_not_there_is_said_to_be_away(loop: Loop) -> None:
    nowhere = loop.run(client_for_requests(TemporalServer("127.0.0.1:1"), KEYS))

    with pytest.raises(WorkflowsAway, match="refused"):
        loop.run(commit_sale(nowhere, sale()))
