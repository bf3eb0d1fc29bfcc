"""Roles near a moment: neither a till's clock nor its older catalogue makes anybody a suspect."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from books import KEYLESS, Ask, PaperTill, corner_shop, load, take_in
from builders import ADA, AT, new_id, sale

from activities.db import door
from activities.db.door import NoSuchCashier
from activities.db.engine import Database
from activities.db.migrate import migrate, migrate_down
from activities.db.roles import TOLERANCE, roles_of
from api.engines.postgres import EmbeddedPostgres
from domain.approval import LASTS, ApprovalGiven
from domain.canonical import canonical
from domain.catalog import Employee, Person, Shop
from domain.events import Event, LineVoided, kind_of
from domain.journal import Entry, next_entry
from domain.money import Money
from domain.quantity import Quantity
from domain.roles import Action
from domain.sale import Sale

TASKS = "SELECT kind FROM exception_tasks ORDER BY kind"
SECOND = dt.timedelta(seconds=1)
NEAR, FAR = TOLERANCE - SECOND, TOLERANCE + SECOND
FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)
LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


@pytest.fixture
def staffed(books: Database) -> Database:
    """Books in which Anna and Marta are cashiers."""
    load(books, Shop(people=(_employee("anna", "cashier"), _employee("marta", "cashier"))))
    return books


def _employee(name: str, role: str) -> Employee:
    return Employee("S1", Person(name, name.title(), role, "no hash"))


def entry(till: PaperTill, event: Event, at: dt.datetime) -> Entry:
    """Write an entry by a till's clock that says this."""
    made = next_entry(till.head, kind_of(event), canonical(event), at, till.key)
    till.head = made.head
    return made


def change(ask: Ask, person: str, changed: str) -> dt.datetime:
    """Give somebody another role, or none; return since when."""
    ask(f"UPDATE people SET {changed} WHERE id = '{person}'")  # noqa: S608 -- ours
    newest = f"SELECT max(since) FROM person_roles WHERE person_id = '{person}'"  # noqa: S608 -- ours
    return dt.datetime.fromisoformat(str(ask(newest)[0][0]))


def leave_and_return(ask: Ask) -> dt.datetime:
    """Let Ada be gone for a day; return since when she works again."""
    change(ask, ADA.id, "active = false")
    ask("ALTER TABLE person_roles DISABLE TRIGGER USER")
    ask("UPDATE person_roles SET since = since - interval '1 day'")
    ask("ALTER TABLE person_roles ENABLE TRIGGER USER")
    return change(ask, ADA.id, "active = true")


def void(by: str, cents: int) -> LineVoided:
    return LineVoided(new_id(), new_id(), "TEA", Quantity.pieces(1), by, Money(cents, "EUR"))


def consent(at: dt.datetime) -> ApprovalGiven:
    """Let Marta consent to a void of Anna's."""
    amount, until = Money(6_000, "EUR"), at + LASTS
    return ApprovalGiven(new_id(), Action.VOID_LINE, new_id(), amount, "anna", "marta", until)


def keyless(sold_at: dt.datetime) -> Sale:
    return replace(sale("A0-000001", till_id=KEYLESS), sold_at=sold_at)


@pytest.mark.parametrize(
    ("early", "tasks"),
    [(NEAR, []), (FAR, [("approval_invalid",), ("approval_missing",)])],
)
def test_whoever_is_promoted_may_do_more_by_a_clock_that_is_behind(
    staffed: Database, till: PaperTill, ask: Ask, early: dt.timedelta, tasks: list[tuple[str]]
) -> None:
    at = change(ask, "marta", "role = 'supervisor'") - early

    take_in(staffed, [entry(till, event, at) for event in (consent(at), void("marta", 30_000))])

    assert ask(TASKS) == tasks


@pytest.mark.parametrize(
    ("late", "tasks"),
    [(NEAR, []), (FAR, [("approval_invalid",), ("approval_missing",)])],
)
def test_whoever_may_do_less_is_not_blamed_before_the_tills_know(
    staffed: Database, till: PaperTill, ask: Ask, late: dt.timedelta, tasks: list[tuple[str]]
) -> None:
    change(ask, "marta", "role = 'supervisor'")
    at = change(ask, "marta", "role = 'cashier'") + late

    take_in(staffed, [entry(till, event, at) for event in (consent(at), void("marta", 30_000))])

    assert ask(TASKS) == tasks


@pytest.mark.parametrize(("late", "tasks"), [(NEAR, []), (FAR, [("unknown_person",)])])
def test_whoever_has_just_left_is_no_stranger(
    books: Database, till: PaperTill, ask: Ask, late: dt.timedelta, tasks: list[tuple[str]]
) -> None:
    left = change(ask, ADA.id, "active = false")

    take_in(books, [entry(till, till.next_sale(), left + late)])

    assert ask(TASKS) == tasks


@pytest.mark.parametrize(("early", "tasks"), [(NEAR, []), (FAR, [("unknown_person",)])])
def test_whoever_comes_back_is_no_stranger_by_a_clock_that_is_behind(
    books: Database, till: PaperTill, ask: Ask, early: dt.timedelta, tasks: list[tuple[str]]
) -> None:
    back = leave_and_return(ask)

    take_in(books, [entry(till, till.next_sale(), back - early)])

    assert ask(TASKS) == tasks


def test_a_sale_by_the_api_may_be_of_anybody_who_works_here_or_has_just_left(
    books: Database, ask: Ask
) -> None:
    back = leave_and_return(ask)
    with books.begin() as connection:
        assert door.admitted(connection, keyless(back - FAR)) is None
    left = change(ask, ADA.id, "active = false")

    with books.begin() as connection:
        assert door.admitted(connection, keyless(left + NEAR)) is None
        with pytest.raises(NoSuchCashier):
            door.admitted(connection, keyless(left + FAR))


@pytest.mark.parametrize(
    ("moment", "roles"),
    [(FIRST, {"cashier"}), (LAST, set())],
)
def test_a_clock_at_either_end_of_time_stops_nothing(
    books: Database, ask: Ask, moment: dt.datetime, roles: set[str]
) -> None:
    change(ask, ADA.id, "active = false")

    with books.begin() as connection:
        found = roles_of(connection, "S1", [ADA.id])

    assert found.near(ADA.id, moment) == roles


def test_whoever_had_left_before_roles_were_noted_worked_here_until_then(
    postgres: EmbeddedPostgres, till: PaperTill
) -> None:
    url = postgres.url("left_before_roles")
    migrate(url)
    migrate_down(url, "0009")
    database = Database(url, as_owner=True)
    load(database, corner_shop(till))
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE people SET active = false")
    database.close()

    migrate(url)
    take_in(database, [entry(till, till.next_sale(), AT)])

    with database.begin() as connection:
        assert connection.exec_driver_sql(TASKS).all() == []
        assert not roles_of(connection, "S1", [ADA.id]).works_now(ADA.id)
    database.close()
