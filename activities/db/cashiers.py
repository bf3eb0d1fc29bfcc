"""Looking at who made a till's sales: somebody who did not work in the store is a person's task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from activities.db.engine import Connection
from activities.db.roles import roles_of
from activities.db.tasks import NewTask, open_task
from domain.journal import Entry
from domain.sale import Sale

KIND = "unknown_person"


@dataclass(frozen=True, slots=True)
class Made:
    """A sound sale of a till's journal and the entry that brought it."""

    entry: Entry
    sale: Sale

    @property
    def subject(self) -> str:
        """What one task is about: a till, a person, a business day."""
        return f"{self.entry.till_id}/{self.sale.cashier_id}/{self.sale.business_date}"


def look_for_unknown_people(connection: Connection, store_id: str, made: Iterable[Made]) -> None:
    """Open a task per till, person and business day; one query for all sales of a batch."""
    by_subject: dict[str, list[Made]] = {}
    for one in made:
        by_subject.setdefault(one.subject, []).append(one)
    if not by_subject:
        return
    people = {sold[0].sale.cashier_id for sold in by_subject.values()}
    roles = roles_of(connection, store_id, people)
    for sold in by_subject.values():
        unknown = [one for one in sold if not roles.near(one.sale.cashier_id, one.entry.at)]
        if unknown:
            open_task(connection, _task(store_id, unknown[0]))


def _task(store_id: str, made: Made) -> NewTask:
    return NewTask(
        store_id=store_id,
        kind=KIND,
        subject=made.subject,
        till_id=made.entry.till_id,
        why=(
            f"Till {made.entry.till_id}, entry {made.entry.sequence}: sale "
            f"{made.sale.receipt_number} was made by {made.sale.cashier_id!r}, who did not work in "
            "this store then. It stands, as do others of that day. Find out who was at the till."
        ),
    )
