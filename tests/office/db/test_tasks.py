"""A task for a person is opened once, with all that the person needs to know."""

from __future__ import annotations

from pathlib import Path

import pytest
from books import Ask

from activities.db.engine import Database
from activities.db.tasks import NewTask, NoReason, NoSuchTask, open_task, open_tasks, resolve
from activities.db.users import Acting
from activities.keys import OfficeKey
from domain.audit import Actor
from domain.money import Money
from domain.roles import NotAllowed, Role


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


@pytest.fixture
def acting(tmp_path: Path) -> Acting:
    return Acting(OfficeKey.at(tmp_path / "office"), Actor("mia", "manager"))


def test_open_tasks_come_the_oldest_first_and_by_store(books: Database) -> None:
    with books.begin() as connection:
        open_task(connection, NewTask("S1", "till_forked", "T1", "It was copied."))
    with books.begin() as connection:
        open_task(connection, NewTask("S2", "till_forked", "T9", "It was copied."))
        everywhere, here = open_tasks(connection, None), open_tasks(connection, "S2")

    assert [task.subject for task in everywhere] == ["T1", "T9"]
    assert [task.subject for task in here] == ["T9"]


def test_what_operators_have_to_look_at_no_manager_resolves(
    books: Database, acting: Acting
) -> None:
    with books.begin() as connection:
        open_task(connection, NewTask("S1", "audit_broken", "3", "It was cut.", Role.OPS))
        (task,) = open_tasks(connection, "S1")

        with pytest.raises(NotAllowed):
            resolve(connection, acting, (task.store_id, task.id), "Never mind.")


def test_a_task_is_resolved_once_with_a_sentence(books: Database, acting: Acting, ask: Ask) -> None:
    with books.begin() as connection:
        open_task(connection, NewTask("S1", "till_forked", "T1", "It was copied."))
        (task,) = open_tasks(connection, "S1")
        place = (task.store_id, task.id)
        with pytest.raises(NoReason):
            resolve(connection, acting, place, "  ")

        resolve(connection, acting, place, "The copy was wiped.")

        with pytest.raises(NoSuchTask):
            resolve(connection, acting, place, "Again.")
    assert ask("SELECT resolved_by, resolution FROM exception_tasks") == [
        ("mia", "The copy was wiped.")
    ]
    assert ask("SELECT action, actor FROM audit_entries") == [("task_resolved", "mia")]
