"""Writing the audit, in the very transaction of what it tells about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict

import sqlalchemy as sa

from activities.db.engine import RECORDED, Connection
from activities.db.schema import audit_entries
from domain.audit import Act, Actor, AuditEntry, next_audit_entry
from domain.canonical import canonical
from domain.journal import Signer

_ONE_AT_A_TIME = 8420_0002
"""Key of the advisory lock that makes acts of different requests follow on each other."""

_ROWS_AT_ONCE = 1_000


def record(connection: Connection, signer: Signer, actor: Actor, act: Act) -> AuditEntry:
    """Append an act; it stands if and only if the transaction does."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    entry = next_audit_entry(last_entry(connection), actor, act, dt.datetime.now(dt.UTC), signer)
    connection.execute(audit_entries.insert().values(**asdict(entry)))
    connection.info[RECORDED] = entry
    return entry


def record_once(connection: Connection, signer: Signer, actor: Actor, act: Act) -> None:
    """Append an act unless the audit has it already, whoever did it."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    asked = {"action": act.action, "subject": act.subject, "after": canonical(act.after)}
    if connection.execute(_TOLD, asked).first() is None:
        record(connection, signer, actor, act)


_TOLD = sa.text("""
    SELECT FROM audit_entries WHERE subject = :subject AND action = :action AND after = :after
""")


def last_entry(connection: Connection) -> AuditEntry | None:
    """Return the end of the chain, None when nothing was ever done."""
    latest = audit_entries.select().order_by(audit_entries.c.sequence.desc()).limit(1)
    row = connection.execute(latest).mappings().first()
    return None if row is None else AuditEntry(**row)


def has_begun(connection: Connection) -> bool:
    """Tell whether the office has signed anything: an act, or what a till has brought."""
    return bool(connection.scalar(_HAS_BEGUN))


def latest(connection: Connection, before: int, most: int) -> list[AuditEntry]:
    """Return the acts before a sequence, the newest first."""
    earlier = audit_entries.select().where(audit_entries.c.sequence < before)
    rows = connection.execute(earlier.order_by(audit_entries.c.sequence.desc()).limit(most))
    return [AuditEntry(**row) for row in rows.mappings()]


def entries(connection: Connection) -> Iterator[AuditEntry]:
    """Read the whole chain in order, a piece at a time."""
    after = 0
    while True:
        following = audit_entries.select().where(audit_entries.c.sequence > after)
        rows = connection.execute(
            following.order_by(audit_entries.c.sequence).limit(_ROWS_AT_ONCE)
        ).mappings()
        piece = [AuditEntry(**row) for row in rows]
        if not piece:
            return
        yield from piece
        after = piece[-1].sequence


_HAS_BEGUN = sa.text("""
    SELECT EXISTS (SELECT FROM audit_entries) OR EXISTS (SELECT FROM journal_entries)
""")
