"""A task for a person is opened once, with all that the person needs to know."""

from __future__ import annotations

from books import Ask

from activities.db.engine import Database
from activities.db.tasks import NewTask, open_task
from domain.money import Money
from domain.roles import Role


def test_a_task_says_what_happened_to_what_and_who_has_to_look(books: Database, ask: Ask) -> None:
    task = NewTask("S1", "till_forked", "T1", "It was copied.", Role.OPS, "T1", Money(350, "EUR"))

    with books.begin() as connection:
        open_task(connection, task)

    assert ask(
        "SELECT kind, subject, why, owner_role, till_id, amount_minor, currency, resolved_at"
        " FROM exception_tasks"
    ) == [("till_forked", "T1", "It was copied.", "ops", "T1", 350, "EUR", None)]


def test_the_same_thing_found_again_opens_no_second_task(books: Database, ask: Ask) -> None:
    for why in ("first", "second"):
        with books.begin() as connection:
            open_task(connection, NewTask("S1", "till_forked", "T1", why))

    assert ask("SELECT why FROM exception_tasks") == [("first",)]


def test_another_subject_is_another_task(books: Database, ask: Ask) -> None:
    with books.begin() as connection:
        for subject in ("T1", "T2"):
            open_task(connection, NewTask("S1", "till_forked", subject, "It was copied."))

    assert ask("SELECT count(*) FROM exception_tasks") == [(2,)]
