"""Registering the key of the device that is a till, and telling of the one that was it before."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from activities.db import shop
from activities.db.engine import Connection
from activities.db.tasks import NewTask, open_task
from activities.db.users import Acting
from domain.audit import Act
from domain.canonical import utc_text
from domain.catalog import Till


def register(
    connection: Connection, acting: Acting, till_id: str, public_key: str, at: dt.datetime
) -> Till:
    """Register a till's key (hex), with the one that it had before in the audit.

    Raises `UnknownTill`, `BadPublicKey` or `KeyTaken`.
    """
    row = connection.execute(_KEY, {"till_id": till_id}).first()
    before = str(row.public_key) if row else ""
    till = shop.enrol(connection, till_id, public_key)
    told = {"public_key": before} if before else None
    act = Act("till_enrolled", till.id, till.store_id, told, {"public_key": till.public_key})
    acting.record(connection, act)
    tell_of_older_device(connection, till, before, at)
    return till


def tell_of_older_device(connection: Connection, till: Till, before: str, at: dt.datetime) -> None:
    """Put before the manager that a device with the key `before` was this till, if one was.

    It does not learn of it by itself: it sells until its lease ends, and brings nothing any more.
    """
    if before in {"", till.public_key}:
        return
    until = connection.execute(_KEY, {"till_id": till.id}).one().lease_until
    task = NewTask(
        store_id=till.store_id,
        kind="till_key_replaced",
        subject=f"{till.id} key {before[:16]}, replaced {utc_text(at)}",
        till_id=till.id,
        why=(
            f"Another device (key {before[:16]}…) was till {till.id} until {_minute(at)}, when one "
            f"with another key took its place. {_how_long(until, at)} The office takes nothing "
            "from it any more: find it, switch it off, and ring up again what it sold."
        ),
    )
    open_task(connection, task)


def _how_long(until: dt.datetime | None, at: dt.datetime) -> str:
    if until is None:
        return "It never had a lease, so no end of one stops it from selling without the office."
    if until <= at:
        return f"Its lease ended at {_minute(until)}, so it sells no more."
    return f"It may sell without the office until its lease ends at {_minute(until)}."


def _minute(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


# Head before till, as all who change a till's standing lock them.
_KEY = sa.text("""
    SELECT t.public_key, t.lease_until
    FROM tills t JOIN till_heads h ON h.store_id = t.store_id AND h.till_id = t.id
    WHERE t.id = :till_id FOR UPDATE OF h FOR NO KEY UPDATE OF t
""")
