"""What the journal's file remembers of people: tries of their PINs, and who is at work."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from domain.canonical import utc_text
from domain.events import ClockedIn, ClockedOut, Event
from domain.journal import Entry
from till_kivy.journal_schema import Connection


@dataclass(frozen=True, slots=True)
class PinTries:
    """How often a person's PIN was looked at since the last right one; `of` marks which PIN."""

    of: str
    count: int


def pin_tries(connection: Connection) -> dict[str, PinTries]:
    """Return the tries of everybody who has not had it right since."""
    rows = connection.execute("SELECT person_id, of, count FROM pin_tries")
    return {person_id: PinTries(of, count) for person_id, of, count in rows}


def count_pin_try(connection: Connection, person_id: str, of: str) -> int:
    """Count one more look at a PIN, the first one of another PIN; return how many it are now."""
    row = connection.execute(
        "INSERT INTO pin_tries VALUES (?, ?, 1) ON CONFLICT (person_id) DO UPDATE"
        " SET count = CASE WHEN of = excluded.of THEN count + 1 ELSE 1 END, of = excluded.of"
        " RETURNING count",
        (person_id, of),
    ).fetchone()
    return int(row[0])


def forget_pin_tries(connection: Connection, person_id: str) -> None:
    """Begin from nothing."""
    connection.execute("DELETE FROM pin_tries WHERE person_id = ?", (person_id,))


def at_work(connection: Connection) -> dict[str, dt.datetime]:
    """Return who clocked in at this till and not out, and when."""
    rows = connection.execute("SELECT person_id, since FROM at_work")
    return {person_id: dt.datetime.fromisoformat(since) for person_id, since in rows}


def follow(connection: Connection, event: Event, entry: Entry) -> None:
    """Note who is at work as an event says, in the transaction that records it."""
    match event:
        case ClockedIn(person_id):
            connection.execute(
                "INSERT OR REPLACE INTO at_work VALUES (?, ?)", (person_id, utc_text(entry.at))
            )
        case ClockedOut(person_id):
            connection.execute("DELETE FROM at_work WHERE person_id = ?", (person_id,))
        case _:
            pass
