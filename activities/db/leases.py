"""Looking at a till's entries for sales that it made without the office's permission to trade."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from pydantic import TypeAdapter

from activities.db.engine import Connection
from activities.db.intake import Intake
from activities.db.tasks import NewTask, open_task
from activities.keys import verify
from domain.events import StandingLearned
from domain.journal import Entry
from domain.lease import SignedLease, lease_text

_LEARNED = TypeAdapter(StandingLearned)
_KIND = "standing_learned"


def look_for_sales_without_lease(connection: Connection, taken: Intake, office_key: str) -> None:
    """Open a task per till and day on which it sold after the end of its lease.

    The journal itself says which lease was in force: a till that comes back renews first and
    brings what it sold before only then. A till that never had a lease is not looked at.
    """
    if not any(entry.kind == "sale" for entry in taken.fresh):
        return
    lease = _lease_before(connection, taken, office_key)
    for entry in taken.fresh:
        if entry.kind == _KIND:
            lease = _given(entry.body, entry.till_id, office_key) or lease
        elif entry.kind == "sale" and lease is not None and entry.at > lease.lease.until:
            open_task(connection, _task(taken.store_id, entry, lease))


def _lease_before(connection: Connection, taken: Intake, office_key: str) -> SignedLease | None:
    first = taken.fresh[0]
    asked = {
        "store_id": taken.store_id,
        "till_id": first.till_id,
        "epoch": first.epoch,
        "sequence": first.sequence,
    }
    bodies: Sequence[str] = connection.scalars(_BEFORE, asked).all()
    given = (_given(body, first.till_id, office_key) for body in bodies)
    return next((word for word in given if word is not None), None)


def _given(body: str, till_id: str, office_key: str) -> SignedLease | None:
    """Return the lease in an entry if this office gave it; anything else gives no permission."""
    try:
        word = _LEARNED.validate_json(body).word_on(till_id)
    except ValueError:
        return None
    return word if verify(office_key, lease_text(word.lease), word.signature) else None


def _task(store_id: str, entry: Entry, lease: SignedLease) -> NewTask:
    return NewTask(
        store_id=store_id,
        kind="sold_without_lease",
        subject=f"{entry.till_id} on {entry.at.date()}",
        till_id=entry.till_id,
        why=(
            f"Till {entry.till_id} sold at {entry.at:%Y-%m-%d %H:%M} UTC (entry {entry.sequence}), "
            f"after its permission to trade had ended at {lease.lease.until:%Y-%m-%d %H:%M} UTC. "
            "The sales stand. Find out who went on selling, or whether its clock was wrong."
        ),
    )


_BEFORE = sa.text("""
    SELECT body FROM journal_entries
    WHERE store_id = :store_id AND till_id = :till_id AND epoch = :epoch
      AND sequence < :sequence AND kind = 'standing_learned'
    ORDER BY sequence DESC LIMIT 3
""")
