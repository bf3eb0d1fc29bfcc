"""The lease is renewed about every hour, and sooner after a failure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from builders import AT
from tills import OFFICE, open_journal
from waiting import until

from domain.lease import LASTS, Lease, SignedLease, Standing, lease_text
from till_kivy.clock import HandClock, SystemClock
from till_kivy.errors import OfficeAway
from till_kivy.journal import Journal
from till_kivy.permission import LeasedPermission
from till_kivy.renewal import Renewal


@dataclass
class Landlord:
    """An office that gives leases, unless it is away so many times first.

    `stopped` are the answers, counted from 1, by which the till may not trade.
    """

    away: int = 0
    asked: list[float] = field(default_factory=list)
    clock: HandClock = field(default_factory=lambda: HandClock(AT))
    stopped: set[int] = field(default_factory=set)

    def renew_lease(self) -> SignedLease:
        self.asked.append(self.clock.steady_s())
        if len(self.asked) <= self.away:
            raise OfficeAway("nobody answers")
        at = AT + dt.timedelta(seconds=len(self.asked))
        if len(self.asked) in self.stopped:
            lease = Lease("T1", Standing.FROZEN, at, at, "It was copied.")
        else:
            lease = Lease("T1", Standing.TRADING, at, at + LASTS)
        return SignedLease(lease, OFFICE.sign(lease_text(lease)))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(tmp_path)
    opened.trust(OFFICE.public_key)
    yield opened
    opened.close()


def nothing() -> None:
    """Do nothing when a till may trade again."""


def renewal_of(
    landlord: Landlord, journal: Journal, again: Callable[[], None] = nothing
) -> Renewal:
    permission = LeasedPermission(journal, landlord.clock)
    return Renewal(landlord, permission, landlord.clock, again)


@pytest.mark.parametrize("away", [0, 1])
def test_a_till_gets_its_lease_soon_after_it_starts(journal: Journal, away: int) -> None:
    clock = SystemClock()
    permission = LeasedPermission(journal, clock)
    renewal = Renewal(Landlord(away), permission, clock, nothing)

    renewal.start()
    until(lambda: journal.lease() is not None)
    renewal.stop()

    permission.insist()


def test_the_lease_is_renewed_within_the_hour_and_not_all_the_time(journal: Journal) -> None:
    landlord = Landlord()
    renewal = renewal_of(landlord, journal)

    for _ in range(4 * 60):
        renewal._step()  # noqa: SLF001 -- what the thread repeats, by a clock in the hand
        landlord.clock.advance(60)

    assert len(landlord.asked) in {4, 5}
    assert all(3_200 < later - one <= 3_660 for one, later in pairwise(landlord.asked))


def test_an_office_that_is_away_is_asked_every_minute_at_least(journal: Journal) -> None:
    landlord = Landlord(away=1_000)
    renewal = renewal_of(landlord, journal)

    for _ in range(60):
        pause = renewal._step()  # noqa: SLF001 -- what the thread repeats
        landlord.clock.advance(max(pause, 0.1))

    assert all(later - one <= 61 for one, later in pairwise(landlord.asked))


def test_a_till_that_may_trade_again_is_told_so_once(journal: Journal) -> None:
    told: list[str] = []
    landlord = Landlord(stopped={2, 3})
    renewal = renewal_of(landlord, journal, lambda: told.append("again"))

    for _ in range(5):
        renewal._step()  # noqa: SLF001 -- what the thread repeats
        landlord.clock.advance(3600)

    assert told == ["again"]
    assert len(landlord.asked) == 5
