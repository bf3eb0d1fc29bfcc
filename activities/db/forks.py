"""What the office does about a till whose journal goes on in two ways: stop both, call a person."""

from __future__ import annotations

from activities.db import standing
from activities.db.engine import Connection
from activities.db.intake import Intake
from activities.db.standing import Desk
from activities.db.tasks import NewTask, open_task
from domain.audit import Actor
from domain.lease import Standing

_WHY = "Its journal goes on in two ways: this till was copied, or restored from an older state."
_OFFICE = Actor("office", "office")


def freeze(connection: Connection, desk: Desk, taken: Intake) -> None:
    """Freeze a till at its first fork and put a task before a manager; later ones add nothing.

    Both devices have the same name and key, so both are refused from their next request on.
    """
    assert taken.fork is not None, "there is no fork to freeze a till for"
    fork, head = taken.fork, taken.head
    standing.change(connection, desk, _OFFICE, fork.till_id, (Standing.FROZEN, _WHY))
    open_task(
        connection,
        NewTask(
            store_id=taken.store_id,
            kind="till_forked",
            subject=f"{fork.till_id} epoch {fork.epoch} entry {fork.sequence}",
            till_id=fork.till_id,
            why=(
                f"Till {fork.till_id} signed a second entry {fork.sequence} "
                f"({fork.hash[:16]}…, {fork.kind}); the office holds another journal up to entry "
                f"{head.sequence} ({head.hash[:16]}…). Both devices stopped. Find out which one is "
                "genuine; the other's entry is in quarantine."
            ),
        ),
    )
