"""Sales by people who do not work in the store: they stand, and somebody is told once a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from books import Ask, PaperTill, load, take_in
from builders import ADA, STORE

from activities.db.engine import Database
from domain.catalog import Employee, Shop
from domain.journal import Entry

TASKS = "SELECT kind, subject, till_id FROM exception_tasks ORDER BY subject"


def sell_as(till: PaperTill, *cashiers: str, days: int = 0) -> Sequence[Entry]:
    """Sell once as each of these people."""
    sales = [replace(till.next_sale(), cashier_id=cashier) for cashier in cashiers]
    later = dt.timedelta(days=days)
    moved = [replace(one, business_date=one.business_date + later) for one in sales]
    return [till.record(one) for one in moved]


def test_sales_of_the_stores_people_open_no_task(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    take_in(books, sell_as(till, ADA.id, ADA.id))

    assert ask(TASKS) == []


def test_a_stranger_at_a_till_is_one_task_a_day_however_much_is_sold(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    take_in(books, sell_as(till, "eve", ADA.id, "eve", "mallory"))
    take_in(books, sell_as(till, "eve"))
    taken = take_in(books, sell_as(till, "eve", days=1))

    assert ask(TASKS) == [
        ("unknown_person", "T1/eve/2026-11-21", "T1"),
        ("unknown_person", "T1/eve/2026-11-22", "T1"),
        ("unknown_person", "T1/mallory/2026-11-21", "T1"),
    ]
    assert "A1-000001 was made by 'eve', who did not work in this store then" in why(ask)
    assert (taken.head, taken.waiting) == (till.head, 6)


def test_people_of_another_store_are_strangers_here(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    bob = replace(ADA, id="bob")
    load(books, Shop(stores=(replace(STORE, id="S2"),), people=(Employee("S2", bob),)))

    take_in(books, sell_as(till, "bob"))

    assert len(ask(TASKS)) == 1


def test_a_name_that_no_book_can_hold_stops_nothing(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    take_in(books, sell_as(till, "e\0ve", ADA.id))

    assert ask("SELECT count(*) FROM journal_entries") == [(2,)]
    assert len(ask(TASKS)) == 1


def why(ask: Ask) -> str:
    return str(ask("SELECT why FROM exception_tasks ORDER BY subject")[0][0])
