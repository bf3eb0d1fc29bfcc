"""Promises 3 and 6 against the real office: a till sells on whatever is away, and everything
arrives once, in order, to the cent.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from faults.chaos import BadLine, Weather, bad_line
from fixtures_temporal import a_temporal, load_corner_shop
from loops import Loop
from offices import RunningOffice, settings_for
from tills import open_journal, sell
from waiting import until

from activities.db import shop
from activities.db.invariants import violations
from activities.db.migrate import migrate
from activities.db.tally import ledger_tally
from api.engines.postgres import EmbeddedPostgres
from api.engines.temporal import EmbeddedTemporal
from domain.catalog import Shop, Till
from domain.reconcile import Tally
from till_kivy.clock import SystemClock
from till_kivy.journal import Journal
from till_kivy.office import HttpOffice
from till_kivy.outbox import Outbox, Pace

BRISK = Pace(shortest_s=0.05, longest_s=0.5, idle_s=0.2)
FAIR = Weather(loss=0, replay=0, cut=0, longest_delay_s=0)
_numbers = itertools.count(1)


@dataclass
class Town:
    """An office with engines of its own, each of which can go away."""

    office: RunningOffice
    temporal: EmbeddedTemporal
    postgres: EmbeddedPostgres


@pytest.fixture(scope="module")
def town(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with a_temporal(folder) as temporal, EmbeddedPostgres(folder / "pg") as postgres:
        migrate(postgres.url())
        settings = settings_for(folder, postgres.url(), temporal.ports.grpc)
        office = RunningOffice.open(settings, loop)
        load_corner_shop(office)
        yield Town(office, temporal, postgres)
        office.close()


@dataclass
class SellingTill:
    """A till with an outbox, behind a line of its own."""

    journal: Journal
    outbox: Outbox
    line: BadLine

    def sell(self, times: int) -> None:
        for _ in range(times):
            sell(self.journal, series=self.journal.till_id)
            self.outbox.nudge()


@contextmanager
def selling(town: Town, folder: Path, seed: int, weather: Weather) -> Iterator[SellingTill]:
    """Enrol a new till and let its outbox run until the end of the block."""
    till_id = f"T-{next(_numbers)}"
    journal = open_journal(folder / till_id, till_id, SystemClock())
    with town.office.database.begin() as connection:
        shop.load_shop(connection, Shop(tills=(Till(till_id, "S1", till_id),)))
        shop.enrol(connection, till_id, journal.public_key)
    with (
        bad_line(town.office.settings.api_url, seed, weather) as line,
        HttpOffice(line.url, till_id, journal.signer, timeout=3.0) as office,
    ):
        outbox = Outbox(journal, office, SystemClock(), BRISK)
        outbox.start()
        yield SellingTill(journal, outbox, line)
        outbox.stop()
    journal.close()


def ledger_of(town: Town, till: SellingTill) -> list[Tally]:
    with town.office.database.begin() as connection:
        assert list(violations(connection)) == []
        tallies = ledger_tally(connection)
    return [tally for tally in tallies if tally.till_id == till.journal.till_id]


def test_each_sale_is_in_the_ledger_exactly_once_over_a_bad_line(
    town: Town, tmp_path: Path
) -> None:
    with selling(town, tmp_path, 3, Weather()) as till:
        for sales in (1, 1, 1, 2, 3, 30, 1, 1):
            till.sell(sales)
            assert till.outbox.drain(50), till.outbox.status()

        assert ledger_of(town, till) == till.journal.tally()
        assert till.journal.tally()[0].sales == 40
        assert till.journal.chain.countersigned == till.journal.head
        assert till.outbox.status().refused == 0


def cut_the_line(_: Town, till: SellingTill) -> Callable[[], None]:
    till.line.up = False
    return lambda: setattr(till.line, "up", True)


def stop_the_worker(town: Town, _: SellingTill) -> Callable[[], None]:
    town.office.stop_worker()
    return town.office.start_worker


def kill_temporal(town: Town, _: SellingTill) -> Callable[[], None]:
    town.temporal.kill()
    return town.temporal.start


def stop_postgresql(town: Town, _: SellingTill) -> Callable[[], None]:
    town.postgres.stop()
    return town.postgres.start


@pytest.mark.parametrize(
    "take_away", [cut_the_line, stop_the_worker, kill_temporal, stop_postgresql]
)
def test_the_till_sells_on_and_all_arrives_later_in_order(
    town: Town, tmp_path: Path, take_away: Callable[[Town, SellingTill], Callable[[], None]]
) -> None:
    with selling(town, tmp_path, 0, FAIR) as till:
        till.sell(2)
        assert till.outbox.drain(50), till.outbox.status()

        bring_back = take_away(town, till)
        till.sell(20)
        until(lambda: till.outbox.status().last_error)
        waiting = till.outbox.status()
        bring_back()

        assert waiting.unsent == 20
        assert till.outbox.drain(50), till.outbox.status()
        assert ledger_of(town, till) == till.journal.tally()
        assert till.journal.tally()[0].sales == 22


def test_a_day_of_sales_without_the_office_is_drained_in_five_minutes(
    town: Town, tmp_path: Path
) -> None:
    with selling(town, tmp_path, 0, FAIR) as till:
        till.line.up = False
        till.sell(2_000)
        till.line.up = True

        assert till.outbox.drain(300), till.outbox.status()
        assert ledger_of(town, till) == till.journal.tally()
