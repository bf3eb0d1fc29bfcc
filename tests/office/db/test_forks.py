"""A copied till is found at the first fork, and both of it are frozen (promise 23)."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from books import Ask, PaperTill
from builders import AT, sale

from activities.db import forks, intake, standing
from activities.db.engine import Database
from activities.db.intake import Intake
from activities.db.standing import Desk
from activities.keys import OfficeKey
from domain.audit import Actor
from domain.canonical import canonical
from domain.journal import Entry, next_entry
from domain.lease import Standing

HOUR = dt.timedelta(hours=1)
MANAGER = Actor("mia", "manager")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(OfficeKey.at(tmp_path / "office"), b"p" * 32, AT)


def take_in(books: Database, desk: Desk, *entries: Entry) -> Intake:
    """Take entries in as the journal's route does."""
    with books.begin() as connection:
        taken = intake.take_in(connection, "T1", entries)
        if taken.fork is not None:
            forks.freeze(connection, desk, taken)
        return taken


STANDING = "SELECT standing FROM tills WHERE id = 'T1'"
TASKS = "SELECT kind, till_id, owner_role FROM exception_tasks"


def test_a_copy_that_sells_too_freezes_the_till_and_calls_a_manager(
    books: Database, till: PaperTill, desk: Desk, ask: Ask
) -> None:
    take_in(books, desk, *till.sell(3))
    clone = copy.copy(till)
    take_in(books, desk, *till.sell())

    taken = take_in(books, desk, *clone.sell())

    assert taken.fork is not None
    assert ask(STANDING) == [("frozen",)]
    assert ask(TASKS) == [("till_forked", "T1", "manager")]
    assert ask("SELECT actor, action FROM audit_entries") == [("office", "till_frozen")]


def test_a_copy_that_ran_ahead_is_found_when_the_other_one_comes(
    books: Database, till: PaperTill, desk: Desk, ask: Ask
) -> None:
    take_in(books, desk, *till.sell())
    clone = copy.copy(till)
    take_in(books, desk, *clone.sell(4))
    till.sell(4)

    taken = take_in(books, desk, *till.sell())

    assert taken.fork is not None
    assert ask(STANDING) == [("frozen",)]


def test_one_fork_opens_one_task_however_often_it_is_sent(
    books: Database, till: PaperTill, desk: Desk, ask: Ask
) -> None:
    clone = copy.copy(till)
    take_in(books, desk, *till.sell())
    other = clone.sell()

    for _ in range(3):
        take_in(books, desk, *other)

    assert ask("SELECT count(*) FROM exception_tasks") == [(1,)]
    assert ask("SELECT count(*) FROM audit_entries") == [(1,)]


def test_a_till_that_trades_again_and_forks_again_is_another_task(
    books: Database, till: PaperTill, desk: Desk, ask: Ask
) -> None:
    clone = copy.copy(till)
    take_in(books, desk, *till.sell())
    other = clone.sell()
    take_in(books, desk, *other)
    with books.begin() as connection:
        standing.change(connection, desk, MANAGER, till.id, (Standing.TRADING, "Copy found."))
    take_in(books, desk, *till.sell())
    trading = ask(STANDING)

    take_in(books, replace(desk, at=desk.at + HOUR), *other)

    assert trading == [("trading",)]
    assert ask(STANDING) == [("frozen",)]
    assert ask("SELECT count(*) FROM exception_tasks") == [(2,)]


def test_a_revoked_till_that_forks_stays_revoked(
    books: Database, till: PaperTill, desk: Desk, ask: Ask
) -> None:
    """As when its request was let in just before."""
    clone = copy.copy(till)
    take_in(books, desk, *till.sell())
    with books.begin() as connection:
        standing.change(connection, desk, MANAGER, till.id, (Standing.REVOKED, "stolen"))

    take_in(books, desk, *clone.sell())

    assert ask(STANDING) == [("revoked",)]


def test_sabotage_an_office_that_knows_entries_by_number_alone_sees_no_copy(
    books: Database, till: PaperTill, desk: Desk, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hash = intake._sort_out  # noqa: SLF001 -- what tells a fork from a repetition
    monkeypatch.setattr(
        intake,
        "_sort_out",
        lambda known, sent: by_hash(known, [e for e in sent if e.sequence > known.head.sequence]),
    )
    clone = copy.copy(till)
    take_in(books, desk, *till.sell())

    take_in(books, desk, *clone.sell())

    assert ask(STANDING) == [("trading",)]
    assert ask(TASKS) == []


def test_two_entries_of_one_place_in_one_batch_are_a_fork(
    books: Database, till: PaperTill, desk: Desk, ask: Ask
) -> None:
    clone = copy.copy(till)

    take_in(books, desk, *till.sell(), *clone.sell())

    assert ask(STANDING) == [("frozen",)]


def test_a_till_that_repeats_itself_is_no_copy(
    books: Database, till: PaperTill, desk: Desk, ask: Ask
) -> None:
    entries = till.sell(5)

    for batch in (entries[:3], entries[:3], entries[::-1], entries[2:], entries):
        take_in(books, desk, *batch)

    assert ask(STANDING) == [("trading",)]
    assert ask(TASKS) == []


def test_a_gap_is_no_fork(books: Database, till: PaperTill, desk: Desk, ask: Ask) -> None:
    first, _, last = till.sell(3)

    take_in(books, desk, first, last)

    assert ask(STANDING) == [("trading",)]


def test_a_stranger_cannot_make_a_till_look_copied(
    books: Database, till: PaperTill, desk: Desk, tmp_path: Path, ask: Ask
) -> None:
    before = till.head
    take_in(books, desk, *till.sell())
    stranger = OfficeKey.at(tmp_path / "stranger")
    forged = next_entry(before, "sale", canonical(sale("A1-000009")), AT, stranger)

    take_in(books, desk, forged)

    assert ask(STANDING) == [("trading",)]
    assert ask(TASKS) == []
