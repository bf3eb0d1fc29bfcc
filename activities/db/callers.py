"""What the office's books say of somebody who is at the door: one statement per request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from activities.db.engine import Connection
from domain.lease import Standing


@dataclass(frozen=True, slots=True)
class Once:
    """An assertion or proof that is good once: its id with the key that signed it, and its end."""

    id: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class KnownTill:
    """A till as the books have it; `lease_until` None: it was never given a lease."""

    id: str
    store_id: str
    public_key: str
    standing: Standing
    why: str
    lease_until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class KnownUser:
    """A user who may log in, as the books have them; `store_id` None is every store."""

    id: str
    role: str
    store_id: str | None


class SpentBefore(Exception):
    """An assertion or proof that was used before."""


def known_till(connection: Connection, till_id: str) -> KnownTill | None:
    """Return a till, None when there is none of this id."""
    row = connection.execute(_TILL, {"till_id": till_id}).first()
    return None if row is None else _as_till(row)


def calling_till(connection: Connection, till_id: str, proof: Once) -> KnownTill | None:
    """Return the till and spend the proof in one statement; raise `SpentBefore`."""
    asked = {"till_id": till_id, "jti": proof.id, "expires_at": proof.expires_at}
    row = connection.execute(_SPEND_AND_TILL, asked).one()
    if not row.fresh:
        raise SpentBefore
    return None if row.id is None else _as_till(row)


def spend(connection: Connection, *used: Once) -> None:
    """Remember assertions and proofs as used; raise `SpentBefore` if one of them was."""
    for once in used:
        asked = {"jti": once.id, "expires_at": once.expires_at}
        if connection.execute(_SPEND, asked).first() is None:
            raise SpentBefore


def calling_user(connection: Connection, user_id: str) -> KnownUser | None:
    """Return the user, None when there is none of this id who may log in."""
    row = connection.execute(_USER, {"user_id": user_id}).first()
    return None if row is None else KnownUser(row.id, row.role, row.store_id)


def _as_till(row: sa.Row[tuple[object, ...]]) -> KnownTill:
    return KnownTill(
        row.id,
        row.store_id,
        row.public_key,
        Standing(row.standing),
        row.standing_why,
        row.lease_until,
    )


_TILL_COLUMNS = "t.id, t.store_id, t.public_key, t.standing, t.standing_why, t.lease_until"
_TILL = sa.text(f"SELECT {_TILL_COLUMNS} FROM tills t WHERE t.id = :till_id")  # noqa: S608 -- constant
_SPEND_ONE = """
    INSERT INTO spent_tokens (jti, expires_at) VALUES (:jti, :expires_at)
    ON CONFLICT DO NOTHING RETURNING jti
"""
_SPEND = sa.text(_SPEND_ONE)
_SPEND_AND_TILL = sa.text(f"""
    WITH spent AS ({_SPEND_ONE})
    SELECT EXISTS (SELECT FROM spent) AS fresh, {_TILL_COLUMNS}
    FROM (SELECT) AS always LEFT JOIN tills t ON t.id = :till_id
""")  # noqa: S608 -- constant
_USER = sa.text("SELECT id, role, store_id FROM users WHERE id = :user_id AND active")
