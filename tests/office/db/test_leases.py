"""Sales that a till made after its permission to trade had ended are put before a person."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from books import Ask, PaperTill
from builders import AT

from activities.db import intake, standing
from activities.db.engine import Database
from activities.db.leases import look_for_sales_without_lease
from activities.keys import OfficeKey
from domain.events import StandingLearned
from domain.journal import Entry
from domain.lease import Lease, Standing

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def office_key(tmp_path: Path) -> OfficeKey:
    return OfficeKey.at(tmp_path / "office")


def learned(key: OfficeKey, until: dt.datetime) -> StandingLearned:
    lease = Lease("T1", Standing.TRADING, until - 72 * HOUR, until)
    return StandingLearned.of(standing.signed(key, lease))


def take_in(books: Database, key: OfficeKey, *entries: Entry) -> None:
    with books.begin() as connection:
        taken = intake.take_in(connection, "T1", entries)
        look_for_sales_without_lease(connection, taken, key.public_key)


TASKS = "SELECT kind, subject FROM exception_tasks"
FOUND = [("sold_without_lease", f"T1 on {AT.date()}")]


def test_a_sale_within_its_lease_is_no_task(
    books: Database, till: PaperTill, office_key: OfficeKey, ask: Ask
) -> None:
    take_in(books, office_key, till.record(learned(office_key, AT + HOUR)), *till.sell(3))

    assert ask(TASKS) == []


def test_sales_after_its_end_are_one_task_a_day(
    books: Database, till: PaperTill, office_key: OfficeKey, ask: Ask
) -> None:
    take_in(books, office_key, till.record(learned(office_key, AT - HOUR)), *till.sell(3))

    assert ask(TASKS) == FOUND
    assert ask("SELECT count(*) FROM journal_entries WHERE kind = 'sale'") == [(3,)]


def test_the_lease_of_an_earlier_batch_counts(
    books: Database, till: PaperTill, office_key: OfficeKey, ask: Ask
) -> None:
    take_in(books, office_key, till.record(learned(office_key, AT - HOUR)))

    take_in(books, office_key, *till.sell())

    assert ask(TASKS) == FOUND


def test_a_lease_renewed_in_between_counts_from_then_on(
    books: Database, till: PaperTill, office_key: OfficeKey, ask: Ask
) -> None:
    old, new = learned(office_key, AT - HOUR), learned(office_key, AT + HOUR)

    take_in(books, office_key, till.record(old), till.record(new), *till.sell())

    assert ask(TASKS) == []


def test_a_lease_that_the_till_wrote_for_itself_gives_nothing(
    books: Database, till: PaperTill, office_key: OfficeKey, ask: Ask
) -> None:
    genuine, forged = learned(office_key, AT - HOUR), learned(till.key, AT + HOUR)

    take_in(books, office_key, till.record(genuine), till.record(forged), *till.sell())

    assert ask(TASKS) == FOUND


def test_a_till_that_never_had_a_lease_is_left_alone(
    books: Database, till: PaperTill, office_key: OfficeKey, ask: Ask
) -> None:
    take_in(books, office_key, *till.sell())

    assert ask(TASKS) == []
