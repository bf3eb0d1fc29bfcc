"""What the office does about a till whose journal goes on in two ways: stop both, call a person."""

from __future__ import annotations

import datetime as dt

from activities.db import standing
from activities.db.engine import Connection
from activities.db.intake import Intake
from activities.db.standing import Desk
from activities.db.tasks import NewTask, open_task
from domain.audit import Actor
from domain.canonical import utc_text
from domain.journal import Entry, Head

_WHY = "Its journal goes on in two ways: this till was copied, or restored from an older state."
_OFFICE = Actor("office", "office")


def freeze(connection: Connection, desk: Desk, taken: Intake) -> None:
    """Freeze a till at its first fork and put a task before a manager.

    Both devices have the same name and key, so both are refused from their next request on. What a
    till that does not trade sends is no news; one that was let trade again and forks once more is.
    """
    assert taken.fork is not None, "there is no fork to freeze a till for"
    till_id = taken.fork.till_id
    if standing.freeze(connection, desk, _OFFICE, till_id, _WHY):
        open_task(connection, _task(taken.store_id, taken.fork, taken.head, desk.at))


def _task(store_id: str, fork: Entry, head: Head, at: dt.datetime) -> NewTask:
    return NewTask(
        store_id=store_id,
        kind="till_forked",
        subject=f"{fork.till_id} epoch {fork.epoch} entry {fork.sequence}, found {utc_text(at)}",
        till_id=fork.till_id,
        why=(
            f"Till {fork.till_id} signed a second entry {fork.sequence} "
            f"({fork.hash[:16]}…, {fork.kind}); the office holds another journal up to entry "
            f"{head.sequence} ({head.hash[:16]}…). Both devices stopped. Find out which one is "
            "genuine and switch the other off before the till may trade again; the other's entry "
            "is in quarantine."
        ),
    )
