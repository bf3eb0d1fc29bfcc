"""Reconciliation on a real Temporal server; the ledger is a twin that can be away."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from loops import Loop
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.worker import office_worker
from api.engines.temporal import EmbeddedTemporal
from workflows.client import TemporalServer, Word, connect, reconcile
from workflows.codec import PayloadKeys
from workflows.steps import Backlog, BacklogPosted

KEYS = PayloadKeys("test", {"test": b"k" * 32})
_tills = itertools.count(1)


@dataclass
class Books:
    """A ledger in memory that fails its first `away` calls and then posts in `chunks` calls."""

    away: int = 0
    chunks: list[BacklogPosted] = field(default_factory=lambda: [BacklogPosted(recorded=1)])
    calls: int = 0

    @activity.defn
    def post_backlog(self, backlog: Backlog) -> BacklogPosted:
        self.calls += 1
        if self.calls <= self.away:
            message = "the ledger is away"
            raise ApplicationError(message)
        return self.chunks[self.calls - self.away - 1]


@pytest.fixture
def client(temporal: EmbeddedTemporal, loop: Loop) -> Client:
    return loop.run(connect(TemporalServer(temporal.address), KEYS))


def settled(client: Client, loop: Loop, books: Books) -> Word[BacklogPosted]:
    """Post a backlog of a till of its own while a worker with these books is at work."""

    async def post() -> Word[BacklogPosted]:
        async with office_worker(client, [books.post_backlog]):
            return await reconcile(client, "S1", Backlog(f"R{next(_tills)}", 1, 9), wait_s=30)

    return loop.run(post())


def test_a_ledger_that_stays_away_is_tried_until_it_is_back(client: Client, loop: Loop) -> None:
    books = Books(away=4)

    word = settled(client, loop, books)

    assert word.said == BacklogPosted(recorded=1)
    assert books.calls == 5


def test_a_backlog_posted_in_several_calls_is_added_up(client: Client, loop: Loop) -> None:
    books = Books(
        chunks=[
            BacklogPosted(recorded=500, more=True),
            BacklogPosted(recorded=3, already=2, more=True),
            BacklogPosted(conflicts=1),
        ]
    )

    word = settled(client, loop, books)

    assert word.said == BacklogPosted(recorded=503, already=2, conflicts=1)
