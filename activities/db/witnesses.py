"""What others hold of the office's chains, against what the office has.

A chain says nothing about an end that is gone. The key folder has noted each end of the audit, and
every till holds the office's signature under the last entry that it had taken in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from activities import keys
from activities.audit_heads import Heads
from activities.db import audit
from activities.db.engine import Connection
from activities.db.invariants import Violation
from domain.audit import AuditBroken, AuditEntry, check_audit
from domain.journal import Acknowledgement, countersigned_text


def all_broken(
    connection: Connection, office_key: str, noted: Heads, held: Iterable[Acknowledgement]
) -> Iterator[Violation]:
    """Check the audit and what tills hold."""
    yield from broken_audit(connection, office_key, noted)
    yield from lost_entries(connection, office_key, held)


def broken_audit(connection: Connection, office_key: str, noted: Heads) -> Iterator[Violation]:
    """Check the audit from its first entry to its last, and that it has every noted end."""
    missing = set(noted)
    try:
        last = check_audit(_ticked_off(connection, missing), office_key, keys.verify)
    except AuditBroken as error:
        yield Violation("audit", f"entry {error.sequence}", str(error))
        return
    end = last.sequence if last else 0
    if end and not noted:
        what = "no end of it was ever noted beside the office's key, so a cut would not be seen"
        yield Violation("audit", f"entry {end}", what)
    if missing:
        sequence, _ = min(missing)
        yield Violation("audit", f"entry {sequence}", _gone(sequence, end))


def lost_entries(
    connection: Connection, office_key: str, held: Iterable[Acknowledgement]
) -> Iterator[Violation]:
    """Name each till whose journal the office had countersigned further than it now has it."""
    for one in held:
        problem = _problem(connection, office_key, one)
        if problem:
            yield Violation("I8", one.head.till_id, problem)


def _ticked_off(connection: Connection, missing: set[tuple[int, str]]) -> Iterator[AuditEntry]:
    for entry in audit.entries(connection):
        missing.discard((entry.sequence, entry.hash))
        yield entry


def _gone(sequence: int, end: int) -> str:
    if sequence > end:
        return (
            f"it was written and is gone, the audit ends at {end}: its end was cut off, or an "
            "older backup restored"
        )
    return "another one was written in its place: the audit was made anew with the office's key"


def _problem(connection: Connection, office_key: str, held: Acknowledgement) -> str:
    head = held.head
    if not keys.verify(office_key, countersigned_text(head), held.signature):
        return f"what it holds as the office's signature of entry {head.sequence} is not"
    asked = {"till_id": head.till_id, "epoch": head.epoch, "sequence": head.sequence}
    row = connection.execute(_STORED, asked).one()
    if row.hash == head.hash:
        return ""
    if row.hash is None:
        first = min(row.last + 1, head.sequence)
        return f"the office has lost entries {first} to {head.sequence}, which it had countersigned"
    return f"the office countersigned another entry {head.sequence} than it has"


_STORED = sa.text("""
    SELECT max(hash) FILTER (WHERE sequence = :sequence) AS hash,
           coalesce(max(sequence), 0) AS last
    FROM journal_entries
    WHERE store_id = (SELECT store_id FROM tills WHERE id = :till_id)
      AND till_id = :till_id AND epoch = :epoch
""")
