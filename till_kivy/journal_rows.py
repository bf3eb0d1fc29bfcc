"""The journal's tables as entries, heads and tallies: plain reading and writing of rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Self
from uuid import UUID

from pydantic import TypeAdapter

from domain.canonical import utc_text
from domain.events import KINDS, Event
from domain.journal import GENESIS, Acknowledgement, Entry, Head, Refusal
from domain.reconcile import Tally
from domain.sale import Sale
from till_kivy.journal_schema import Connection

# Refusals of entries that the office nevertheless stored, so that its chain stays whole.
_STORED_BUT_SET_ASIDE = (Refusal.BAD_BODY, Refusal.CONFLICT)

_ENTRIES = "SELECT sequence, epoch, kind, at, previous, body, hash, signature FROM entries "


@dataclass(frozen=True, slots=True)
class Unsent:
    """What the office does not hold yet; `refused` counts entries it would not take."""

    count: int
    oldest_at: dt.datetime | None
    refused: int


@dataclass(frozen=True, slots=True)
class NotedSale:
    """What the tally counts of one sale."""

    sale_id: str
    currency: str
    total_minor: int

    @classmethod
    def of(cls, sale: Sale) -> Self:
        """Note a sale."""
        return cls(str(sale.id), sale.currency, sale.total.minor)


@dataclass(frozen=True, slots=True)
class Chain:
    """Whose journal this is, and what the office has said of it."""

    till_id: str
    epoch: int
    public_key: str
    office_key: str
    acknowledged: Head
    countersigned: Head
    countersignature: str

    @property
    def empty(self) -> Head:
        """The head of this chain before its first entry."""
        return Head(self.till_id, self.epoch)

    @property
    def witnessed(self) -> Acknowledgement:
        """The highest head that the office ever signed for, as it said so."""
        return Acknowledgement(
            self.countersigned, self.countersignature, office_key=self.office_key
        )


def chain(connection: Connection) -> Chain:
    """Return the one row that says whose journal this is."""
    till_id, epoch, public_key, office_key, acknowledged, sequence, seal, signature = (
        connection.execute(
            "SELECT till_id, epoch, public_key, office_key, acknowledged_sequence,"
            " countersigned_sequence, countersigned_hash, countersignature FROM chain"
        ).fetchone()
    )
    return Chain(
        till_id=till_id,
        epoch=epoch,
        public_key=public_key,
        office_key=office_key,
        acknowledged=head_at(connection, Head(till_id, epoch), acknowledged),
        countersigned=Head(till_id, epoch, sequence, seal or GENESIS),
        countersignature=signature,
    )


def last_head(connection: Connection, empty: Head) -> Head:
    """Return the head of the chain as stored, `empty` before the first entry."""
    row = connection.execute(
        "SELECT epoch, sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1"
    ).fetchone()
    return Head(empty.till_id, *row) if row else empty


def head_at(connection: Connection, empty: Head, sequence: int) -> Head:
    """Return the head as it was at a sequence of this chain."""
    row = connection.execute(
        "SELECT epoch, sequence, hash FROM entries WHERE sequence = ?", (sequence,)
    ).fetchone()
    return Head(empty.till_id, *row) if row else empty


def insert_entry(connection: Connection, entry: Entry) -> None:
    """Store the entry that follows the head."""
    row = (
        entry.sequence,
        entry.epoch,
        entry.kind,
        utc_text(entry.at),
        entry.previous,
        entry.body,
        entry.hash,
        entry.signature,
    )
    connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def entries_after(connection: Connection, till_id: str, after: int, limit: int) -> list[Entry]:
    """Return up to `limit` entries that follow a sequence, in order."""
    return _entries(connection, till_id, "WHERE sequence > ? ORDER BY sequence", (after, limit))


def latest_entries(connection: Connection, till_id: str, kind: str, limit: int) -> list[Entry]:
    """Return the last `limit` entries of one kind, the newest first."""
    return _entries(connection, till_id, "WHERE kind = ? ORDER BY sequence DESC", (kind, limit))


def entry_of_sale(connection: Connection, till_id: str, sale_id: UUID) -> Entry | None:
    """Return the entry that records a sale, `None` when there is none."""
    wanted = "WHERE sequence = (SELECT sequence FROM sales WHERE sale_id = ?)"
    return next(iter(_entries(connection, till_id, wanted, (str(sale_id), 1))), None)


def _entries(
    connection: Connection, till_id: str, wanted: str, values: tuple[str | int, ...]
) -> list[Entry]:
    rows = connection.execute(_ENTRIES + wanted + " LIMIT ?", values)
    return [
        Entry(till_id, epoch, sequence, kind, dt.datetime.fromisoformat(at), *sealed)
        for sequence, epoch, kind, at, *sealed in rows
    ]


def next_receipt(connection: Connection) -> int:
    """Return the number of the next receipt; numbers have no gap."""
    (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM sales").fetchone()
    return int(last) + 1


def insert_sale(connection: Connection, number: int, sequence: int, sale: Sale) -> None:
    """Note a sale under its receipt number; a sale id already there is an error."""
    noted = NotedSale.of(sale)
    row = (number, noted.sale_id, sequence, noted.currency, noted.total_minor)
    connection.execute("INSERT INTO sales VALUES (?, ?, ?, ?, ?)", row)


def noted_sales(connection: Connection) -> dict[int, NotedSale]:
    """Return what the tally counts, by the sequence of the sale's entry."""
    rows = connection.execute("SELECT sequence, sale_id, currency, total_minor FROM sales")
    return {sequence: NotedSale(*noted) for sequence, *noted in rows}


def tallies(connection: Connection, till_id: str) -> list[Tally]:
    """Add up the sales of the journal by currency."""
    rows = connection.execute(
        "SELECT currency, count(*), sum(total_minor) FROM sales GROUP BY currency ORDER BY currency"
    )
    return [Tally(till_id, currency, sales, total) for currency, sales, total in rows]


def unsent(connection: Connection) -> Unsent:
    """Count what the office does not hold and what it would not take."""
    row = connection.execute(
        """
        SELECT (SELECT coalesce(max(sequence), 0) FROM entries) - acknowledged_sequence,
               (SELECT at FROM entries WHERE sequence = acknowledged_sequence + 1),
               (SELECT count(*) FROM refused)
        FROM chain
        """
    ).fetchone()
    count, oldest, refused = row
    return Unsent(count, dt.datetime.fromisoformat(oldest) if oldest else None, refused)


def note_acknowledgement(connection: Connection, ack: Acknowledgement) -> None:
    """Write down what the office holds and what it refused; a gap is no refusal, only a hint."""
    head = ack.head
    connection.execute("UPDATE chain SET acknowledged_sequence = ?", (head.sequence,))
    connection.execute(
        "DELETE FROM refused WHERE sequence <= ? AND refusal NOT IN (?, ?)",
        (head.sequence, *_STORED_BUT_SET_ASIDE),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO refused SELECT sequence, ?, ? FROM entries WHERE sequence = ?",
        [(r.refusal, r.why, r.sequence) for r in ack.refused if r.refusal is not Refusal.GAP],
    )


def note_countersignature(connection: Connection, ack: Acknowledgement, office_key: str) -> None:
    """Keep the office's key, and its signature of the highest head it has confirmed."""
    note_office_key(connection, office_key)
    connection.execute(
        "UPDATE chain SET countersigned_sequence = ?, countersigned_hash = ?, countersignature = ?"
        " WHERE countersigned_sequence < ?",
        (ack.head.sequence, ack.head.hash, ack.signature, ack.head.sequence),
    )


def note_office_key(connection: Connection, office_key: str) -> None:
    """Keep the key by which the office is known."""
    connection.execute("UPDATE chain SET office_key = ?", (office_key,))


def count_failed_write(connection: Connection) -> None:
    """Note that the disk did not take something."""
    connection.execute("UPDATE chain SET failed_writes = failed_writes + 1")


@cache
def event_reader(kind: str) -> TypeAdapter[Event]:
    """Return the reader of one kind of entry's body."""
    return TypeAdapter(KINDS[kind])
