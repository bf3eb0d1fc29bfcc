"""Browsers that are logged in: an opaque secret in a cookie, of which the books hold a digest."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from activities.db.engine import Connection
from activities.db.tokens import digest
from domain.roles import Role

IDLE_FOR = dt.timedelta(minutes=30)
LASTS = dt.timedelta(hours=12)
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in; every form of this browser carries `form_key`."""

    user_id: str
    name: str
    role: Role
    store_id: str | None
    form_key: str


def begin(connection: Connection, user_id: str, at: dt.datetime) -> str:
    """Log a user in; return what the cookie is to hold."""
    cookie = secrets.token_urlsafe(_SECRET_BYTES)
    row = {
        "hash": digest(cookie),
        "user_id": user_id,
        "form_key": secrets.token_urlsafe(_SECRET_BYTES),
        "at": at,
        "expires_at": at + LASTS,
    }
    connection.execute(_FORGET, {"at": at, "idle": at - IDLE_FOR})
    connection.execute(_BEGIN, row)
    return cookie


def find(connection: Connection, cookie: str, at: dt.datetime) -> Session | None:
    """Return who is logged in with this cookie, and note that they are at work; None for nobody."""
    asked = {"hash": digest(cookie), "at": at, "idle": at - IDLE_FOR}
    row = connection.execute(_FIND, asked).first()
    if row is None:
        return None
    return Session(row.id, row.name, Role(row.role), row.store_id, row.form_key)


def end(connection: Connection, cookie: str) -> None:
    """Log out; harmless when nobody is logged in."""
    connection.execute(_END, {"hash": digest(cookie)})


_BEGIN = sa.text("""
    INSERT INTO web_sessions (token_hash, user_id, form_key, begun_at, used_at, expires_at)
    VALUES (:hash, :user_id, :form_key, :at, :at, :expires_at)
""")
_FIND = sa.text("""
    UPDATE web_sessions s SET used_at = :at FROM users u
    WHERE s.token_hash = :hash AND u.id = s.user_id AND u.active
      AND s.expires_at > :at AND s.used_at > :idle
    RETURNING u.id, u.name, u.role, u.store_id, s.form_key
""")
_END = sa.text("DELETE FROM web_sessions WHERE token_hash = :hash")
_FORGET = sa.text("DELETE FROM web_sessions WHERE expires_at <= :at OR used_at <= :idle")
