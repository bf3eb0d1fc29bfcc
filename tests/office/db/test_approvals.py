"""What tills say of approvals, held against the office's books: honest tills open no task."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from books import Ask, PaperTill, load, take_in
from builders import AT, new_id

from activities.db.engine import Database
from domain.approval import LASTS, ApprovalGiven
from domain.catalog import Employee, Person, Shop
from domain.events import Event, LineVoided, LoggedIn, TicketVoided
from domain.journal import Entry
from domain.money import Money
from domain.quantity import Quantity
from domain.roles import Action

TASKS = "SELECT kind, subject, till_id, amount_minor FROM exception_tasks ORDER BY subject"
WHY = "SELECT why FROM exception_tasks"
TICKET = new_id()
PEOPLE = {
    "anna": "cashier",
    "deniz": "cashier",
    "marta": "supervisor",
    "oliver": "manager",
    "ana": "analyst",
}


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


def consent(
    cents: int = 6_000, approval_id: UUID | None = None, by: str = "marta"
) -> ApprovalGiven:
    """Let a supervisor consent to a void of Anna's."""
    amount, until = euros(cents), AT + LASTS
    return ApprovalGiven(
        approval_id or new_id(), Action.VOID_LINE, TICKET, amount, "anna", by, until
    )


def void(
    cents: int | None, approval_id: UUID | None = None, by: str = "anna", ticket: UUID = TICKET
) -> LineVoided:
    """Take a line off a ticket, Anna's unless another is named."""
    amount = None if cents is None else euros(cents)
    return LineVoided(ticket, new_id(), "TEA", Quantity.pieces(1), by, amount, approval_id)


@pytest.fixture
def staffed(books: Database) -> Database:
    """The corner shop's books with people in them."""
    people = tuple(
        Employee("S1", Person(own, own.title(), role, "no hash")) for own, role in PEOPLE.items()
    )
    load(books, Shop(people=people))
    return books


def tell(database: Database, till: PaperTill, *events: Event) -> Sequence[Entry]:
    """Write entries and send them together."""
    entries = [till.record(event) for event in events]
    taken = take_in(database, entries)
    assert (taken.head, taken.refused) == (till.head, ())
    return entries


def test_what_people_may_do_and_what_was_approved_opens_no_task(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    given, whole = consent(), replace(consent(), action=Action.VOID_TICKET, id=new_id())

    tell(
        staffed,
        till,
        LoggedIn("anna"),
        void(5_000),
        given,
        void(6_000, given.id),
        TicketVoided(new_id(), 1, euros(2_000), "anna"),
        void(50_000, by="marta", ticket=new_id()),
        void(99_999_999, by="oliver", ticket=new_id()),
        whole,
        TicketVoided(TICKET, 3, euros(6_000), "anna", whole.id),
    )

    assert ask(TASKS) == []


def test_an_approval_of_an_earlier_batch_is_found(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    given = consent()
    tell(staffed, till, given)

    tell(staffed, till, void(6_000, given.id))

    assert ask(TASKS) == []


def test_the_same_batch_again_opens_nothing_twice(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    entries = tell(staffed, till, void(6_000))

    take_in(staffed, entries)

    assert ask(TASKS) == [("approval_missing", "T1/1/1", "T1", 6_000)]


def test_a_void_above_the_limit_without_an_approval_is_a_task_and_stays_in_the_chain(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    tell(staffed, till, void(5_001), TicketVoided(new_id(), 1, euros(2_001), "anna"))

    assert [row[:2] for row in ask(TASKS)] == [
        ("approval_missing", "T1/1/1"),
        ("approval_missing", "T1/1/2"),
    ]
    assert "void line of 50.01 EUR with an approval only" in ask(WHY)[0][0]
    assert ask("SELECT count(*) FROM journal_entries") == [(2,)]


def test_small_voids_of_one_ticket_add_up_until_somebody_consents(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    tell(staffed, till, void(3_000))
    given = consent(2_001)

    tell(staffed, till, given, void(2_001, given.id), void(2_000), void(4_000, ticket=new_id()))
    assert ask(TASKS) == []
    tell(staffed, till, void(1))

    assert [row[:2] for row in ask(TASKS)] == [("approval_missing", "T1/1/6")]
    assert "void line of 50.01 EUR with an approval only" in ask(WHY)[0][0]


def test_a_void_of_less_than_nothing_makes_no_room_for_more(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    tell(staffed, till, void(-4_000), void(4_000))

    assert [row[:2] for row in ask(TASKS)] == [("approval_missing", "T1/1/2")]


def test_what_was_taken_off_counts_when_the_rest_of_the_ticket_is_dropped(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    tell(staffed, till, void(1_500), TicketVoided(TICKET, 2, euros(501), "anna"))

    assert [row[:2] for row in ask(TASKS)] == [("approval_missing", "T1/1/2")]


Batch = Callable[[], tuple[Event, ...]]


def _by_a_cashier() -> tuple[Event, ...]:
    return (consent(by="deniz"),)


def _by_oneself() -> tuple[Event, ...]:
    return (replace(consent(), requested_by="marta"),)


def _by_a_stranger() -> tuple[Event, ...]:
    return (consent(by="nobody"),)


def _for_a_stranger() -> tuple[Event, ...]:
    return (replace(consent(), requested_by="nobody"),)


def _above_their_own_limit() -> tuple[Event, ...]:
    return (consent(50_001),)


def _for_an_hour() -> tuple[Event, ...]:
    return (replace(consent(), until=AT + dt.timedelta(hours=1)),)


def _given_twice() -> tuple[Event, ...]:
    given = consent()
    return (given, given)


def _used_twice() -> tuple[Event, ...]:
    given = consent()
    return (given, void(6_000, given.id), void(6_000, given.id))


def _never_given() -> tuple[Event, ...]:
    return (void(6_000, new_id()),)


def _used_before_it_was_given() -> tuple[Event, ...]:
    given = consent()
    return (void(6_000, given.id), given)


def _for_another_amount() -> tuple[Event, ...]:
    given = consent()
    return (given, void(6_001, given.id))


def _for_another_ticket() -> tuple[Event, ...]:
    given = consent()
    return (given, replace(void(6_000, given.id), basket_id=new_id()))


def _for_somebody_else() -> tuple[Event, ...]:
    given = consent()
    return (given, void(6_000, given.id, by="deniz"))


def _for_another_act() -> tuple[Event, ...]:
    given = consent()
    return (given, TicketVoided(TICKET, 1, euros(6_000), "anna", given.id))


def _too_late() -> tuple[Event, ...]:
    given = replace(consent(), until=AT - dt.timedelta(seconds=1))
    return (given, void(6_000, given.id))


def _void_by_a_stranger() -> tuple[Event, ...]:
    return (void(100, by="nobody"),)


def _void_of_no_amount_by_a_stranger() -> tuple[Event, ...]:
    return (void(None, by="nobody"),)


def _void_by_somebody_who_may_not() -> tuple[Event, ...]:
    return (void(100, by="ana"),)


@pytest.mark.parametrize(
    ("batch", "entry", "word"),
    [
        (_by_a_cashier, 1, "role cashier may not approve"),
        (_by_oneself, 1, "Nobody approves what they asked for"),
        (_by_a_stranger, 1, "'nobody' worked in this store"),
        (_for_a_stranger, 1, "'nobody' worked in this store"),
        (_above_their_own_limit, 1, "may not approve to void line of 500.01 EUR"),
        (_for_an_hour, 1, "was to last longer"),
        (_given_twice, 2, "was given before"),
        (_used_twice, 3, "was used before"),
        (_never_given, 1, "is not in the till's journal"),
        (_used_before_it_was_given, 1, "is not in the till's journal"),
        (_for_another_amount, 2, "was given for 60.00 EUR, not for 60.01 EUR"),
        (_for_another_ticket, 2, "given for something else"),
        (_for_somebody_else, 2, "given for something else"),
        (_for_another_act, 2, "given for something else"),
        (_too_late, 2, "was good until"),
        (_void_by_a_stranger, 1, "'nobody' worked in this store"),
        (_void_of_no_amount_by_a_stranger, 1, "'nobody' worked in this store"),
        (_void_by_somebody_who_may_not, 1, "role analyst may not void line"),
    ],
)
def test_what_the_books_do_not_bear_out_is_a_task_that_names_till_and_entry(
    staffed: Database, till: PaperTill, ask: Ask, batch: Batch, entry: int, word: str
) -> None:
    tell(staffed, till, *batch())

    ((kind, subject, till_id, _),) = ask(TASKS)
    assert (kind, subject, till_id) == ("approval_invalid", f"T1/1/{entry}", "T1")
    why = ask(WHY)[0][0]
    assert why.startswith(f"Till T1, entry {entry} (")
    assert word in why


def test_an_approval_used_in_an_earlier_batch_is_used_up(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    given = consent()
    tell(staffed, till, given, void(6_000, given.id))

    tell(staffed, till, void(6_000, given.id))

    assert [row[1] for row in ask(TASKS)] == ["T1/1/3"]


def test_another_tills_approval_is_none(
    staffed: Database, till: PaperTill, other_till: PaperTill, ask: Ask
) -> None:
    given = consent()
    take_in(staffed, [other_till.record(given)], "T2")

    tell(staffed, till, void(6_000, given.id))

    assert [row[1] for row in ask(TASKS)] == ["T1/1/1"]


BEFORE, AFTER = AT - dt.timedelta(hours=1), AT + dt.timedelta(hours=1)


def become(ask: Ask, person: str, change: str, since: dt.datetime) -> None:
    """Give somebody another role, or none, at a moment of the past."""
    ask("ALTER TABLE person_roles DISABLE TRIGGER USER")
    ask(f"UPDATE person_roles SET since = '{BEFORE - dt.timedelta(days=1)}'")  # noqa: S608 -- ours
    ask(f"UPDATE people SET {change} WHERE id = '{person}'")  # noqa: S608 -- ours
    ask(
        f"UPDATE person_roles SET since = '{since}' "  # noqa: S608 -- ours
        "WHERE id = (SELECT max(id) FROM person_roles)"
    )
    ask("ALTER TABLE person_roles ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("change", "event"),
    [
        ("active = false", consent()),
        ("role = 'cashier'", consent()),
        ("active = false", void(100, by="marta")),
        ("role = 'cashier'", void(6_000, by="marta")),
    ],
)
def test_people_are_judged_by_the_role_that_they_had_at_the_time_of_the_entry(
    staffed: Database, till: PaperTill, ask: Ask, change: str, event: Event
) -> None:
    become(ask, "marta", change, AFTER)
    tell(staffed, till, event)
    assert ask(TASKS) == []

    become(ask, "marta", change.replace("false", "true").replace("cashier", "supervisor"), AFTER)
    become(ask, "marta", change, BEFORE)
    tell(staffed, till, event)

    assert len(ask(TASKS)) == 1


def test_whoever_is_promoted_could_do_no_more_before(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    become(ask, "anna", "role = 'supervisor'", AFTER)

    tell(staffed, till, void(6_000))

    assert [row[0] for row in ask(TASKS)] == ["approval_missing"]


def test_a_void_without_an_amount_counts_as_the_largest(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    given = consent()

    tell(staffed, till, void(None, by="oliver"), void(None), given, void(None, given.id))

    assert [row[:2] for row in ask(TASKS)] == [
        ("approval_missing", "T1/1/2"),
        ("approval_invalid", "T1/1/4"),
    ]
    assert "void line of any amount with an approval only" in ask(WHY)[0][0]


@pytest.mark.parametrize(
    "event",
    [
        void(2**70),
        replace(void(1), amount=Money(1, "no currency")),
        void(6_000, by="no\0body"),
        consent(by="half \N{SNOWMAN} \0"),
    ],
)
def test_no_entry_stops_the_rest_whatever_it_says(
    staffed: Database, till: PaperTill, ask: Ask, event: Event
) -> None:
    tell(staffed, till, event, LoggedIn("anna"))

    assert len(ask(TASKS)) == 1
    assert ask("SELECT count(*) FROM journal_entries") == [(2,)]


def test_what_cannot_be_read_is_left_to_quarantine(
    staffed: Database, till: PaperTill, ask: Ask
) -> None:
    spoilt = [till.write("approval_given", "{}"), till.write("line_voided", "no json")]

    taken = take_in(staffed, [*spoilt, till.record(void(6_000, new_id()))])

    assert [refused.sequence for refused in taken.refused] == [1, 2]
    assert [row[1] for row in ask(TASKS)] == ["T1/1/3"]
