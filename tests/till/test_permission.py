"""Until when a till may sell alone, whatever is done to its clock (promise 15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from builders import AT
from tills import OFFICE, open_journal
from waiting import until

from domain.events import StandingLearned
from domain.lease import LASTS, Lease, SignedLease, Standing, lease_text
from till_kivy.clock import HandClock
from till_kivy.errors import NotTheOffice, OfficeRefused
from till_kivy.journal import Journal
from till_kivy.keystore import Ed25519Signer
from till_kivy.permission import LeasedPermission, NotTrading
from till_kivy.till import Till, create
from till_kivy.till import open_journal as till_journal

HOUR = 3600.0
DAY = dt.timedelta(days=1)


def word(
    at: dt.datetime = AT,
    standing: Standing = Standing.TRADING,
    *,
    till_id: str = "T1",
    signer: Ed25519Signer = OFFICE,
) -> SignedLease:
    """Say what the office says: three days from now, or why not."""
    trading = standing is Standing.TRADING
    lease = Lease(till_id, standing, at, at + LASTS if trading else at, "" if trading else "stolen")
    return SignedLease(lease, signer.sign(lease_text(lease)))


@pytest.fixture
def clock() -> HandClock:
    return HandClock(AT)


@pytest.fixture
def journal(tmp_path: Path, clock: HandClock) -> Iterator[Journal]:
    opened = open_journal(tmp_path, clock=clock)
    opened.trust(OFFICE.public_key)
    yield opened
    opened.close()


@pytest.fixture
def permission(journal: Journal, clock: HandClock) -> LeasedPermission:
    given = LeasedPermission(journal, clock)
    given.learn(word())
    return given


def leased(folder: Path, clock: HandClock) -> None:
    """Give the till of a folder a lease, as its office would."""
    with closing(till_journal(folder, clock)) as journal:
        journal.trust(OFFICE.public_key)
        LeasedPermission(journal, clock).learn(word())


def latest(journal: Journal) -> dt.datetime:
    kept = journal.lease()
    assert kept is not None
    return kept.latest


Restart = Callable[[], LeasedPermission]


@pytest.fixture
def restart(journal: Journal, clock: HandClock) -> Restart:
    """Start the program again: what it counted in memory is gone."""
    return lambda: LeasedPermission(journal, clock)


def may_sell(permission: LeasedPermission) -> bool:
    try:
        permission.insist()
    except NotTrading:
        return False
    return True


def test_a_till_with_an_office_and_no_word_from_it_does_not_sell(
    journal: Journal, clock: HandClock
) -> None:
    with pytest.raises(NotTrading, match="Connect it to the office"):
        LeasedPermission(journal, clock).insist()


def test_a_till_sells_alone_for_three_days_and_then_stops(
    permission: LeasedPermission, clock: HandClock
) -> None:
    clock.advance(71.9 * HOUR)
    before = may_sell(permission)
    clock.advance(0.2 * HOUR)

    assert before
    with pytest.raises(NotTrading, match="too long"):
        permission.insist()


def test_a_clock_set_back_adds_nothing(permission: LeasedPermission, clock: HandClock) -> None:
    for _ in range(80):
        clock.advance(HOUR)
        clock.set(AT)

    assert not may_sell(permission)


def test_a_clock_set_back_before_each_start_adds_nothing(
    permission: LeasedPermission, clock: HandClock, restart: Restart
) -> None:
    for _ in range(73):
        clock.advance(HOUR)
        permission.note_time()
        clock.set(AT - 3650 * DAY)
        permission = restart()

    assert not may_sell(permission)


def test_starting_over_and_over_adds_nothing(
    permission: LeasedPermission, clock: HandClock, restart: Restart
) -> None:
    """Between two notes nothing is written: each start counts as the whole time between them."""
    for _ in range(75 * 60):
        clock.advance(55)
        clock.set(AT)
        permission = restart()

    assert not may_sell(permission)


def test_a_time_that_a_start_has_seen_is_not_forgotten_by_the_next(
    permission: LeasedPermission, clock: HandClock, restart: Restart
) -> None:
    clock.set(AT + dt.timedelta(hours=71))
    before = may_sell(restart())
    clock.set(AT)

    again = restart()
    clock.advance(HOUR)

    assert before
    assert not may_sell(again)


def test_an_open_till_keeps_count_without_its_office_too(
    tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("till_kivy.permission.NOTE_EVERY", dt.timedelta(milliseconds=10))
    create(tmp_path, "T1")
    leased(tmp_path, clock)
    with closing(Till.open(tmp_path, clock=clock)) as till:
        clock.advance(71 * HOUR)
        clock.set(AT)

        until(lambda: latest(till.journal) >= AT + dt.timedelta(hours=71))


def test_a_night_without_power_counts_when_the_clock_goes_on(
    permission: LeasedPermission, clock: HandClock, restart: Restart
) -> None:
    clock.set(AT + 4 * DAY)

    assert not may_sell(restart())


def test_a_clock_set_forward_stops_the_till_until_the_office_speaks_again(
    permission: LeasedPermission, clock: HandClock, restart: Restart
) -> None:
    clock.set(AT + 3650 * DAY)
    permission.note_time()
    stopped = may_sell(permission), may_sell(restart())

    permission.learn(word(AT + DAY))
    healed = may_sell(permission), may_sell(restart())

    assert (stopped, healed) == ((False, False), (True, True))


@pytest.mark.parametrize("years", [-10, 10])
def test_a_clock_that_is_ten_years_wrong_all_the_time_is_no_hindrance(
    journal: Journal, clock: HandClock, restart: Restart, years: int
) -> None:
    clock.set(AT + years * 365 * DAY)
    permission = LeasedPermission(journal, clock)

    permission.learn(word())
    clock.advance(71 * HOUR)
    before = may_sell(permission), may_sell(restart())
    clock.advance(2 * HOUR)

    assert before == (True, True)
    assert not may_sell(restart())


@pytest.mark.parametrize("standing", [Standing.REVOKED, Standing.FROZEN])
def test_a_till_that_is_stopped_stays_stopped_over_a_restart_and_a_clock_set_back(
    permission: LeasedPermission, clock: HandClock, restart: Restart, standing: Standing
) -> None:
    permission.learn(word(AT + DAY, standing))
    clock.set(AT)

    for stopped in (permission, restart()):
        with pytest.raises(NotTrading, match="stolen"):
            stopped.insist()


def test_a_reinstated_till_sells_again(permission: LeasedPermission) -> None:
    permission.learn(word(AT + DAY, Standing.REVOKED))

    permission.learn(word(AT + 2 * DAY))

    assert may_sell(permission)


def test_an_older_word_that_comes_late_changes_nothing(permission: LeasedPermission) -> None:
    permission.learn(word(AT + DAY, Standing.REVOKED))

    permission.learn(word(AT + DAY / 2))

    assert not may_sell(permission)


def test_only_the_tills_own_office_is_heard(permission: LeasedPermission) -> None:
    stranger = Ed25519Signer(b"s" * 32)

    with pytest.raises(NotTheOffice):
        permission.learn(word(AT + DAY, Standing.REVOKED, signer=stranger))
    with pytest.raises(OfficeRefused, match="T2"):
        permission.learn(word(AT + DAY, Standing.REVOKED, till_id="T2"))

    assert may_sell(permission)


def test_each_news_is_an_entry_of_the_journal(
    permission: LeasedPermission, journal: Journal
) -> None:
    for days in (1, 2, 3):
        permission.learn(word(AT + days * DAY, Standing.REVOKED))

    told = [journal.event_of(entry) for entry in journal.entries()]
    assert told == [
        StandingLearned.of(word()),
        StandingLearned.of(word(AT + DAY, Standing.REVOKED)),
    ]


def test_the_cashier_is_warned_half_a_day_ahead_in_the_stores_own_time(
    permission: LeasedPermission, clock: HandClock
) -> None:
    early = permission.warning("Europe/Berlin"), permission.brief("Europe/Berlin")
    clock.advance(61 * HOUR)

    assert early == ("", "")
    assert "2026-11-24 10:30" in permission.warning("Europe/Berlin")
    assert permission.brief("Europe/Berlin") == "Sells until 2026-11-24 10:30"


def test_a_till_that_has_to_stop_says_so_in_three_words(
    permission: LeasedPermission, clock: HandClock
) -> None:
    clock.advance(73 * HOUR)

    assert permission.brief("Europe/Berlin") == "Must not sell"
