"""The row of the journal's file that says until when the till may trade, and what time it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydantic import TypeAdapter

from domain.canonical import canonical, utc_text
from domain.lease import SignedLease
from till_kivy.journal_schema import Connection

_WORD = TypeAdapter(SignedLease)
_MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class KeptLease:
    """The office's word; `latest` has surely come, `ahead` is what the machine's clock was off."""

    word: SignedLease
    latest: dt.datetime
    ahead: dt.timedelta


def keep(connection: Connection, lease: KeptLease) -> None:
    """Put a word in the place of the one before it."""
    row = (canonical(lease.word), utc_text(lease.latest), lease.ahead // _MICROSECOND)
    connection.execute("INSERT OR REPLACE INTO lease VALUES (1, ?, ?, ?)", row)


def note_time(connection: Connection, latest: dt.datetime) -> None:
    """Remember that a moment has come."""
    connection.execute("UPDATE lease SET latest = ?", (utc_text(latest),))


def kept(connection: Connection) -> KeptLease | None:
    """Return what is kept, `None` before the first word."""
    row = connection.execute("SELECT word, latest, ahead_us FROM lease").fetchone()
    if row is None:
        return None
    word, latest, ahead_us = row
    return KeptLease(
        _WORD.validate_json(word), dt.datetime.fromisoformat(latest), ahead_us * _MICROSECOND
    )
