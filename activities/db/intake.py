"""Taking journal entries in: each is verified, stored once in its place, or refused and kept.

The stored chain of a till never has a gap: an entry is stored only right after the one before
it. What an entry says is looked at afterwards, so that bad content never breaks the chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from activities import keys
from activities.db import posting, quarantine
from activities.db.approvals import check_approvals
from activities.db.cashiers import Made, look_for_unknown_people
from activities.db.copying import copy_in
from activities.db.engine import Connection
from activities.db.rows import Row
from domain.canonical import canonical
from domain.errors import DomainError, NotFound
from domain.events import KINDS, Event
from domain.journal import (
    Entry,
    EntryRefused,
    Head,
    Refusal,
    RefusedEntry,
    check_entry,
    check_link,
)
from domain.sale import Sale, check

_SALE = TypeAdapter(Sale)
_READERS: dict[str, TypeAdapter[Event]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}
_LARGEST_NUMBER = 2**63 - 1
# Found only in what bears the till's own signature: no stranger can make a till look forked.
_FORKS = (Refusal.BROKEN_CHAIN, Refusal.REPEATED_SEQUENCE)


class UnknownTill(NotFound):
    """A till that no store has."""

    def __init__(self, till_id: str) -> None:
        super().__init__(f"Till {till_id!r} is not known here. Load its store first.")


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a batch; `sales` are those of the till that are stored but not posted yet.

    `waiting` counts them up to one more than asked for, `sales` holds the oldest. `fork` is the
    first entry that the till's key signed and that continues the chain otherwise than it goes on.
    """

    store_id: str
    head: Head
    refused: tuple[RefusedEntry, ...]
    sales: tuple[Sale, ...]
    waiting: int
    fresh: tuple[Entry, ...] = ()
    fork: Entry | None = None


@dataclass(frozen=True, slots=True)
class _Till:
    """The till whose head row this transaction holds, and what it has stored of the batch."""

    id: str
    store_id: str
    public_key: str
    head: Head
    stored: dict[int, str]


@dataclass(frozen=True, slots=True)
class _Content:
    """What a sound entry says: the sale in it, or why it cannot be used."""

    sale: Sale | None = None
    content_hash: str | None = None
    problem: str = ""


def take_in(
    connection: Connection, till_id: str, entries: Sequence[Entry], *, most_sales: int = 5
) -> Intake:
    """Verify and store a batch in one transaction; the till's head row is locked meanwhile.

    Raises `UnknownTill`. Repeating a batch adds nothing to the chain and refuses the same entries.
    Only for an entry of a fork may the reason be another word the second time (and be kept in
    quarantine under that one too): BROKEN_CHAIN becomes REPEATED_SEQUENCE once its place is taken.
    """
    till = _lock(connection, till_id, entries)
    fresh, strays = _sort_out(till, entries)
    check_approvals(connection, till.store_id, fresh)
    _store(connection, till, fresh)
    for entry, refused in strays:
        if refused.refusal is not Refusal.GAP:
            quarantine.keep_stray(connection, till.store_id, till_id, entry, refused)
    head = fresh[-1].head if fresh else till.head
    # Of all since the batch began: the answer to an earlier, longer batch may have been lost.
    first = min(
        (entry.sequence for entry in entries if _storable(entry)), default=head.sequence + 1
    )
    bad = quarantine.refused_contents(connection, till.store_id, till_id, head.epoch, first)
    waiting = posting.unposted(connection, till_id, head.epoch, head.sequence, most_sales + 1)
    _move_head(connection, till, head, waiting)
    return Intake(
        store_id=till.store_id,
        head=head,
        refused=tuple(sorted((*bad, *(r for _, r in strays)), key=lambda r: r.sequence)),
        sales=tuple(_SALE.validate_json(row.body) for row in waiting[:most_sales]),
        waiting=len(waiting),
        fresh=tuple(fresh),
        fork=next((entry for entry, told in strays if told.refusal in _FORKS), None),
    )


def head_of(connection: Connection, till_id: str) -> Head:
    """Return the end of the till's stored chain; raises `UnknownTill`."""
    row = connection.execute(_HEAD, {"till_id": till_id}).first()
    if row is None:
        raise UnknownTill(till_id)
    return Head(till_id, row.epoch, row.sequence, row.hash)


_HEAD = sa.text("SELECT epoch, sequence, hash FROM till_heads WHERE till_id = :till_id")
_LOCK = sa.text("""
    SELECT h.store_id, t.public_key, h.epoch, h.sequence, h.hash
    FROM till_heads h JOIN tills t ON t.store_id = h.store_id AND t.id = h.till_id
    WHERE h.till_id = :till_id
    FOR UPDATE OF h
""")
_STORED = sa.text("""
    SELECT sequence, hash FROM journal_entries
    WHERE store_id = :store_id AND till_id = :till_id AND epoch = :epoch
      AND sequence = ANY(:sequences)
""")
_COLUMNS = {
    "store_id": "text",
    "till_id": "text",
    "epoch": "int8",
    "sequence": "int8",
    "kind": "text",
    "at": "timestamptz",
    "previous": "text",
    "hash": "text",
    "signature": "text",
    "body": "text",
    "sale_id": "uuid",
    "content_hash": "text",
}
_MOVE = sa.text("""
    UPDATE till_heads
    SET sequence = :sequence, hash = :hash, posted_sequence = :posted, last_seen = now()
    WHERE store_id = :store_id AND till_id = :till_id
""")


def _lock(connection: Connection, till_id: str, entries: Sequence[Entry]) -> _Till:
    row = connection.execute(_LOCK, {"till_id": till_id}).first()
    if row is None:
        raise UnknownTill(till_id)
    sequences = [e.sequence for e in entries if 0 < e.sequence <= row.sequence]
    asked = {"store_id": row.store_id, "till_id": till_id, "epoch": row.epoch}
    stored = connection.execute(_STORED, {**asked, "sequences": sequences}) if sequences else ()
    return _Till(
        id=till_id,
        store_id=row.store_id,
        public_key=row.public_key,
        head=Head(till_id, row.epoch, row.sequence, row.hash),
        stored={found.sequence: found.hash for found in stored},
    )


def _sort_out(
    till: _Till, entries: Sequence[Entry]
) -> tuple[list[Entry], list[tuple[Entry, RefusedEntry]]]:
    """Divide a batch, in whatever order it came, into entries to store and entries to refuse."""
    fresh: list[Entry] = []
    strays: list[tuple[Entry, RefusedEntry]] = []
    head, stored = till.head, dict(till.stored)
    for entry in sorted(entries, key=lambda entry: entry.sequence):
        try:
            _check(till, entry)
            if stored.get(entry.sequence) == entry.hash:
                continue
            check_link(entry, head)
        except EntryRefused as error:
            strays.append((entry, RefusedEntry(entry.sequence, error.refusal, str(error))))
            continue
        fresh.append(entry)
        stored[entry.sequence] = entry.hash
        head = entry.head
    return fresh, strays


def _check(till: _Till, entry: Entry) -> None:
    """Raise `EntryRefused` unless the entry is one that this till has made and can be stored."""
    if entry.till_id != till.id:
        raise EntryRefused(entry, Refusal.WRONG_TILL, f"it was sent by till {till.id}.")
    if not _storable(entry):
        raise EntryRefused(entry, Refusal.BAD_BODY, "it has characters or numbers no entry has.")
    check_entry(entry, till.public_key, keys.verify)
    if entry.epoch != till.head.epoch:
        why = f"it is of epoch {entry.epoch}, expected {till.head.epoch}."
        raise EntryRefused(entry, Refusal.WRONG_TILL, why)


def _storable(entry: Entry) -> bool:
    """Tell whether PostgreSQL can hold the entry: no NUL, no half characters, numbers in range."""
    numbers = 0 < entry.sequence <= _LARGEST_NUMBER and 0 < entry.epoch <= _LARGEST_NUMBER
    return numbers and _encodes(f"{entry.kind}{entry.body}{entry.previous}")


def _encodes(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _store(connection: Connection, till: _Till, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    contents = [_content(till, entry) for entry in entries]
    rows = (_row(till, *pair) for pair in zip(entries, contents, strict=True))
    copy_in(connection, "journal_entries", _COLUMNS, rows)
    pairs = zip(entries, contents, strict=True)
    made = (Made(entry, content.sale) for entry, content in pairs if content.sale)
    look_for_unknown_people(connection, till.store_id, made)
    for entry, content in zip(entries, contents, strict=True):
        if content.problem:
            quarantine.keep_content(connection, till.store_id, entry, content.problem)


def _row(till: _Till, entry: Entry, content: _Content) -> Row:
    return (
        till.store_id,
        till.id,
        entry.epoch,
        entry.sequence,
        entry.kind,
        entry.at,
        entry.previous,
        entry.hash,
        entry.signature,
        entry.body,
        content.sale.id if content.sale else None,
        content.content_hash,
    )


def _content(till: _Till, entry: Entry) -> _Content:
    """Read what an entry says; a sale must be of this till and add up."""
    reader = _READERS.get(entry.kind)
    if reader is None:
        return _Content(problem=f"{entry.kind!r} is no kind of entry that this office knows.")
    try:
        event = reader.validate_json(entry.body)
        if isinstance(event, Sale):
            _check_sale(till, event)
            _check_text(entry, canonical(event))
            return _Content(event, hashlib.sha256(entry.body.encode()).hexdigest())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        return _Content(problem=f"Its body is no {entry.kind}: {where} {first['msg']}.")
    except DomainError as error:
        return _Content(problem=str(error))
    return _Content()


def _check_sale(till: _Till, sale: Sale) -> None:
    if (sale.store_id, sale.till_id) != (till.store_id, till.id):
        raise DomainError(
            f"Sale {sale.receipt_number} is of store {sale.store_id} till {sale.till_id}, "
            f"expected {till.store_id} till {till.id}."
        )
    check(sale)


def _check_text(entry: Entry, text: str) -> None:
    """Refuse a body that says more, or something else, than was understood of it."""
    if text != entry.body:
        raise DomainError(
            f"The body of entry {entry.sequence} is not the canonical text of its {entry.kind}: "
            "it has fields that this office does not know, or values of other types."
        )


def _move_head(
    connection: Connection, till: _Till, head: Head, waiting: Sequence[sa.Row[Any]]
) -> None:
    posted = waiting[0].sequence - 1 if waiting else head.sequence
    values = {"sequence": head.sequence, "hash": head.hash, "posted": posted}
    connection.execute(_MOVE, {"store_id": till.store_id, "till_id": till.id, **values})
