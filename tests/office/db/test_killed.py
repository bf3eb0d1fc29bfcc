"""PostgreSQL killed in the middle: what was acknowledged is there, and the rest can be repeated."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from books import PaperTill, corner_shop, load, post_all, take_in
from waiting import until

from activities.db import invariants
from activities.db.engine import Database, DatabaseAway
from activities.db.migrate import migrate
from activities.db.tally import ledger_tally
from api.engines.postgres import EmbeddedPostgres, PostgresProblem
from domain.journal import Entry

BATCHES = 60
KILLS = 3
BACK_S = 10


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    with (
        tempfile.TemporaryDirectory(prefix="tillflow-pg-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as server,
    ):
        migrate(server.url())
        yield server


class Sender:
    """Sends a till's batches one after the other, each again until it is acknowledged."""

    def __init__(self, database: Database, till: PaperTill) -> None:
        self._database = database
        self._till = till
        self.acknowledged = 0
        self.times_away = 0

    def run(self) -> None:
        for _ in range(BATCHES):
            batch = self._till.sell(3)
            until(partial(self._sent, batch), 30)
            self.acknowledged += len(batch)

    def has_sent(self, share: int) -> bool:
        return self.acknowledged >= BATCHES * 3 * share // (KILLS + 1)

    def _sent(self, batch: Sequence[Entry]) -> bool:
        try:
            take_in(self._database, batch)
            post_all(self._database, self._till)
        except DatabaseAway:
            self.times_away += 1
            return False
        return True


def _kill(postgres: EmbeddedPostgres) -> None:
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGKILL)


def _start(postgres: EmbeddedPostgres) -> bool:
    """Start it again; what a killed server leaves behind needs a moment to go."""
    try:
        postgres.start()
    except PostgresProblem:
        return False
    return True


def test_a_killed_postgresql_loses_and_doubles_nothing_and_is_back_in_seconds(
    own_postgres: EmbeddedPostgres, till: PaperTill
) -> None:
    database = Database(own_postgres.url(), as_owner=True)
    load(database, corner_shop(till))
    sender = Sender(database, till)
    thread = threading.Thread(target=sender.run)
    thread.start()

    for share in range(1, KILLS + 1):
        until(partial(sender.has_sent, share))
        _kill(own_postgres)
        until(partial(_start, own_postgres), BACK_S)
    thread.join(60)

    with database.begin() as connection:
        (tally,) = ledger_tally(connection)
        wrong = list(invariants.violations(connection))
    database.close()
    assert sender.times_away
    assert (tally.sales, wrong) == (sender.acknowledged, [])
    assert sender.acknowledged == BATCHES * 3
