"""Tasks for people: what the office found and cannot decide by itself."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from activities.db.engine import Connection
from domain.money import Money
from domain.roles import Role


@dataclass(frozen=True, slots=True)
class NewTask:
    """What happened, to what; the same kind and subject open one task, however often found."""

    store_id: str
    kind: str
    subject: str
    why: str
    owner: Role = Role.MANAGER
    till_id: str = ""
    amount: Money | None = None


_OPEN = sa.text("""
    INSERT INTO exception_tasks
        (store_id, id, kind, subject, till_id, why, owner_role, amount_minor, currency)
    VALUES
        (:store_id, :id, :kind, :subject, :till_id, :why, :owner_role, :amount_minor, :currency)
    ON CONFLICT ON CONSTRAINT task_is_opened_once DO NOTHING
""")


def open_task(connection: Connection, task: NewTask) -> None:
    """Put a task before its owner; one that is there already, resolved or not, stays as it is."""
    row = {
        "store_id": task.store_id,
        "id": uuid7(),
        "kind": task.kind,
        "subject": task.subject,
        "till_id": task.till_id,
        "why": task.why,
        "owner_role": task.owner.value,
        "amount_minor": task.amount.minor if task.amount else None,
        "currency": task.amount.currency if task.amount else None,
    }
    connection.execute(_OPEN, row)
