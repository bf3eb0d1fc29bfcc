"""Promise 3: each sale is in the office exactly once, in order, over a line that loses 30 %,
repeats 50 %, reorders, cuts and delays (and sabotage is caught).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from builders import AT
from faults.chaos import BadLine, Weather, bad_line
from little_http import LittleServer, serving
from little_office import LittleOffice
from tills import open_journal, sell

from till_kivy.clock import HandClock
from till_kivy.journal import Journal
from till_kivy.office import HttpOffice
from till_kivy.outbox import Outbox, Pace

QUICK = Pace(shortest_s=0.005, longest_s=0.05, idle_s=0.05)
TILLS = ("T1", "T2", "T3")


@pytest.fixture
def journals(tmp_path: Path) -> Iterator[dict[str, Journal]]:
    opened = {till: open_journal(tmp_path / till, till) for till in TILLS}
    yield opened
    for journal in opened.values():
        journal.close()


@contextmanager
def server_of(journals: dict[str, Journal], *, unique: bool = True) -> Iterator[LittleServer]:
    keys = {till: journal.public_key for till, journal in journals.items()}
    with serving(LittleOffice(keys, unique=unique)) as server:
        yield server


def sell_and_send(journals: dict[str, Journal], url: str, sales: int) -> None:
    """Sell on all tills while their outboxes send, until the office holds all."""
    with ExitStack() as ends:
        outboxes = {}
        for till, journal in journals.items():
            office = ends.enter_context(HttpOffice(url, till, journal.signer, timeout=2.0))
            outboxes[till] = Outbox(journal, office, HandClock(AT), QUICK)
            outboxes[till].start()
            ends.callback(outboxes[till].stop)
        for count in range(sales):
            for till, journal in journals.items():
                sell(journal)
                outboxes[till].nudge()
            if count % 3 == 0:  # else everything would go in one batch
                assert_drained(outboxes)
        assert_drained(outboxes)


def assert_drained(outboxes: dict[str, Outbox]) -> None:
    assert [till for till, outbox in outboxes.items() if not outbox.drain(40)] == []


def wrong(office: LittleOffice, journals: dict[str, Journal]) -> list[str]:
    """Hold the office's books against the tills'."""
    found = [
        f"the chain of {till} is not the till's"
        for till, journal in journals.items()
        if office.chains[till] != journal.entries(limit=10_000)
    ]
    sold = {
        sale.sale_id for journal in journals.values() for sale in journal.noted_sales().values()
    }
    if office.posted.keys() != sold:
        found.append("a sale is missing or made up")
    if set(office.posted.values()) != {1}:
        found.append("a sale was posted twice")
    return found


@pytest.mark.parametrize("seed", range(3))
def test_each_sale_arrives_exactly_once_and_in_order(
    journals: dict[str, Journal], seed: int
) -> None:
    with server_of(journals) as server, bad_line(server.url, seed) as line:
        sell_and_send(journals, line.url, sales=30)

    assert wrong(server.office, journals) == []
    assert_everything_happened(line)


def assert_everything_happened(line: BadLine) -> None:
    lost = {"request lost", "answer lost", "answer cut"}
    assert lost | {"request repeated", "request reordered"} <= line.happened.keys()


def test_nothing_is_refused_for_good_because_of_the_line(journals: dict[str, Journal]) -> None:
    with server_of(journals) as server, bad_line(server.url, seed=7) as line:
        sell_and_send(journals, line.url, sales=10)

    assert [journal.unsent.refused for journal in journals.values()] == [0, 0, 0]
    assert [journal.chain.countersigned for journal in journals.values()] == [
        journal.head for journal in journals.values()
    ]


def test_sabotage_an_office_without_a_unique_key_is_caught(journals: dict[str, Journal]) -> None:
    with server_of(journals, unique=False) as server, bad_line(server.url, seed=1) as line:
        sell_and_send(journals, line.url, sales=20)

    assert "a sale was posted twice" in wrong(server.office, journals)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_each_sale_arrives_exactly_once_in_any_weather(
    journals: dict[str, Journal], seed: int
) -> None:
    storm = Weather(loss=0.6, replay=0.8, cut=0.3, longest_delay_s=0.01)
    with server_of(journals) as server, bad_line(server.url, seed, storm) as line:
        sell_and_send(journals, line.url, sales=50)

    assert wrong(server.office, journals) == []
