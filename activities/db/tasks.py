"""Tasks for people: what the office found and cannot decide by itself, until somebody does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from activities.db.engine import Connection
from activities.db.users import Acting
from domain.audit import Act
from domain.errors import DomainError, NotFound
from domain.money import Money
from domain.roles import Action, NotAllowed, Role


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


class NoSuchTask(NotFound):
    """A task that is not there, or that somebody has resolved."""

    def __init__(self, task_id: UUID) -> None:
        super().__init__(f"There is no open task {task_id}: it may have been resolved already.")


class NoReason(DomainError):
    """A decision without a sentence that says what was decided."""

    field = "resolution"

    def __init__(self) -> None:
        super().__init__("Say in a sentence what was found out or done. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Task:
    """An open task as people see it."""

    store_id: str
    id: UUID
    kind: str
    subject: str
    till_id: str
    why: str
    owner: Role
    amount: Money | None
    opened_at: dt.datetime


def open_tasks(connection: Connection, store_id: str | None) -> list[Task]:
    """Return what is open in a store, or in all, the oldest first."""
    return [_task(row) for row in connection.execute(_TASKS, {"store_id": store_id})]


def resolve(
    connection: Connection, acting: Acting, place: tuple[str, UUID], resolution: str
) -> None:
    """Write down what somebody decided; raises `NoSuchTask` or `NoReason`."""
    store_id, task_id = place
    if not resolution.strip():
        raise NoReason
    row = {"store_id": store_id, "id": task_id, "by": acting.actor.id, "what": resolution.strip()}
    owner = connection.scalar(_OWNER, row)
    if owner == Role.OPS and acting.actor.role == Role.MANAGER:
        raise NotAllowed(acting.actor.role, Action.RESOLVE_TASKS)
    if not connection.execute(_RESOLVE, row).rowcount:
        raise NoSuchTask(task_id)
    after = {"resolution": resolution.strip()}
    acting.record(connection, Act("task_resolved", str(task_id), store_id, after=after))


def _task(row: sa.Row[tuple[object, ...]]) -> Task:
    amount = None if row.amount_minor is None else Money(row.amount_minor, row.currency)
    return Task(
        row.store_id,
        row.id,
        row.kind,
        row.subject,
        row.till_id,
        row.why,
        Role(row.owner_role),
        amount,
        row.opened_at,
    )


_TASKS = sa.text("""
    SELECT store_id, id, kind, subject, till_id, why, owner_role, amount_minor, currency, opened_at
    FROM exception_tasks
    WHERE resolved_at IS NULL AND (CAST(:store_id AS text) IS NULL OR store_id = :store_id)
    ORDER BY opened_at, id
""")
_OWNER = sa.text("SELECT owner_role FROM exception_tasks WHERE store_id = :store_id AND id = :id")
_RESOLVE = sa.text("""
    UPDATE exception_tasks SET resolved_at = now(), resolved_by = :by, resolution = :what
    WHERE store_id = :store_id AND id = :id AND resolved_at IS NULL
""")
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
        "subject": _storable(task.subject),
        "till_id": task.till_id,
        "why": _storable(task.why),
        "owner_role": task.owner.value,
        "amount_minor": task.amount.minor if task.amount else None,
        "currency": task.amount.currency if task.amount else None,
    }
    connection.execute(_OPEN, row)


def _storable(text: str) -> str:
    """Write what PostgreSQL cannot hold, and somebody's journal may, in a way that it can."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
