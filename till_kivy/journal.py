"""The till's book of first entry: encrypted, chained, signed, on the disk when `append` returns.

One writer connection behind one lock; reading has a connection of its own, so that the outbox
never makes a cashier wait.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Self
from uuid import UUID

from sqlcipher3 import dbapi2
from sqlcipher3.dbapi2 import DatabaseError, IntegrityError

from domain.basket import Basket
from domain.canonical import canonical
from domain.events import Event, StandingLearned, kind_of
from domain.journal import (
    Acknowledgement,
    Entry,
    Head,
    Signer,
    countersigned_text,
    next_entry,
)
from domain.lease import SignedLease
from domain.reconcile import Tally
from domain.sale import Sale, SaleConflict, receipt_number
from till_kivy import journal_lease as leases
from till_kivy import journal_people as people
from till_kivy import journal_rows as rows
from till_kivy import journal_tickets as tickets
from till_kivy.clock import Clock
from till_kivy.errors import Forked, JournalRefused, JournalUnusable, NotTheOffice, OfficeRefused
from till_kivy.journal_lease import KeptLease
from till_kivy.journal_people import PinTries
from till_kivy.journal_rows import Chain, NotedSale, Unsent
from till_kivy.journal_schema import Connection, connect, explained, upgrade
from till_kivy.journal_tickets import Held
from till_kivy.keystore import verify_ed25519

__all__ = ["Held", "Journal", "Unsent"]


class Journal:
    """The journal of one till; safe to use from several threads."""

    def __init__(
        self, writer: Connection, reader: Connection, signer: Signer, clock: Clock
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._signer = signer
        self._clock = clock
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._empty = rows.chain(reader).empty

    @classmethod
    def open(
        cls,
        path: Path,
        key: bytes,
        signer: Signer,
        till_id: str,
        clock: Clock,
        driver: ModuleType = dbapi2,
    ) -> Self:
        """Open or create a till's journal; raise `JournalUnusable` when that is not safe."""
        with ExitStack() as unless_opened:
            unless_opened.enter_context(explained(path, driver))
            writer = unless_opened.enter_context(closing(connect(path, key, driver)))
            upgrade(writer)
            _claim(writer, till_id, signer.public_key)
            reader = unless_opened.enter_context(closing(connect(path, key, driver)))
            reader.execute("PRAGMA query_only = 1")
            journal = cls(writer, reader, signer, clock)
            unless_opened.pop_all()
        return journal

    def close(self) -> None:
        """Let the file go; all that was appended is on the disk already."""
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()

    # ------------------------------------------------------------ writing

    def append(self, event: Event, draft: Basket | None = None) -> Entry:
        """Record an event, and with it what the open ticket now is where one is given.

        Holding, recalling, voiding and selling a ticket change the tickets by themselves.
        Raises `JournalRefused` when the disk does not take it; nothing is stored then.
        """
        assert not isinstance(event, Sale), "a sale is numbered: use append_sale"
        with self._transaction() as connection:
            entry = self._record(connection, event)
            if draft is not None:
                tickets.save_draft(connection, draft)
            return entry

    def append_sale(self, series: str, build: Callable[[str], Sale]) -> Entry:
        """Number the next receipt of the till, build its sale and record it, all or nothing.

        What `build` raises comes out unchanged, and the number is not used up.
        """
        with self._transaction() as connection:
            number = rows.next_receipt(connection)
            sale = build(receipt_number(series, number))
            entry = self._record(connection, sale)
            try:
                rows.insert_sale(connection, number, entry.sequence, sale)
            except IntegrityError as error:
                raise SaleConflict(sale.id) from error
            return entry

    def save_draft(self, basket: Basket | None) -> None:
        """Keep the ticket being collected, durably."""
        with self._transaction() as connection:
            tickets.save_draft(connection, basket)

    def count_pin_try(self, person_id: str, of: str) -> int:
        """Count, durably, that somebody's PIN is about to be looked at; `of` marks which PIN."""
        with self._transaction() as connection:
            return people.count_pin_try(connection, person_id, of)

    def forget_pin_tries(self, person_id: str) -> None:
        """Begin from nothing: the PIN was right, or its lock is over."""
        with self._transaction() as connection:
            people.forget_pin_tries(connection, person_id)

    def acknowledge(self, ack: Acknowledgement) -> None:
        """Take the office's word for what it holds, once it is plausible and signed.

        Raises `Forked` when the office's chain is not this one, `NotTheOffice` when the
        signature is not the known office's.
        """
        with self._transaction() as connection:
            self._check_head(connection, ack.head)
            self._check_office(connection, ack)
            rows.note_acknowledgement(connection, ack)

    def trust(self, office_key: str) -> None:
        """Know the office by its key from now on; raises `NotTheOffice` when it has another one."""
        with self._transaction() as connection:
            known = rows.chain(connection).office_key
            if known not in {"", office_key}:
                raise NotTheOffice(known)
            rows.note_office_key(connection, office_key)

    def learn(self, word: SignedLease, kept: KeptLease) -> None:
        """Record what the office said of this till's trading, and from when time is counted."""
        with self._transaction() as connection:
            self._record(connection, StandingLearned.of(word))
            leases.keep(connection, kept)

    def note_time(self, latest: dt.datetime) -> None:
        """Keep the latest moment that is known to have come."""
        with self._transaction() as connection:
            leases.note_time(connection, latest)

    # ------------------------------------------------------------ reading

    def lease(self) -> KeptLease | None:
        """Return the office's last word on this till, `None` before the first."""
        with self._reading() as connection:
            return leases.kept(connection)

    @property
    def till_id(self) -> str:
        """Whose journal this is."""
        return self._empty.till_id

    @property
    def signer(self) -> Signer:
        """Who signs the entries, and proves this till to the office."""
        return self._signer

    @property
    def public_key(self) -> str:
        """The key that the entries are signed with, in hex."""
        return self._signer.public_key

    @property
    def head(self) -> Head:
        """The last entry of the chain."""
        with self._reading() as connection:
            return rows.last_head(connection, self._empty)

    @property
    def chain(self) -> Chain:
        """What the file says of itself and of the office."""
        with self._reading() as connection:
            return rows.chain(connection)

    @property
    def acknowledged(self) -> Head:
        """Up to where the office holds the chain, by its last answer."""
        return self.chain.acknowledged

    @property
    def unsent(self) -> Unsent:
        """What the office does not hold yet, and what it would not take."""
        with self._reading() as connection:
            return rows.unsent(connection)

    def entries(self, after: int = 0, limit: int = 500) -> list[Entry]:
        """Return up to `limit` entries that follow a sequence, in order."""
        with self._reading() as connection:
            return rows.entries_after(connection, self.till_id, after, limit)

    def latest(self, kind: str, limit: int) -> list[Entry]:
        """Return the last `limit` entries of one kind, the newest first."""
        with self._reading() as connection:
            return rows.latest_entries(connection, self.till_id, kind, limit)

    def entry_of_sale(self, sale_id: UUID) -> Entry | None:
        """Return the entry that records a sale, `None` when this till did not make it."""
        with self._reading() as connection:
            return rows.entry_of_sale(connection, self.till_id, sale_id)

    def event_of(self, entry: Entry) -> Event:
        """Read what an entry records."""
        return rows.event_reader(entry.kind).validate_json(entry.body)

    def sale_of(self, entry: Entry) -> Sale:
        """Read the sale that an entry records."""
        event = self.event_of(entry)
        assert isinstance(event, Sale), f"entry {entry.sequence} is a {entry.kind}, not a sale"
        return event

    def held_tickets(self) -> list[Held]:
        """Return the tickets put aside, the oldest first."""
        with self._reading() as connection:
            return tickets.held_tickets(connection)

    def draft(self) -> Basket | None:
        """Return the ticket that was open when the till went down."""
        with self._reading() as connection:
            return tickets.draft(connection)

    def taken_off_minor(self, basket_id: UUID) -> int:
        """Return how much was voided from a ticket so far without approval, in minor units."""
        with self._reading() as connection:
            return tickets.taken_off_minor(connection, basket_id)

    def pin_tries(self) -> dict[str, PinTries]:
        """Return how often PINs were looked at since the last right one, by person."""
        with self._reading() as connection:
            return people.pin_tries(connection)

    def at_work(self) -> dict[str, dt.datetime]:
        """Return who clocked in at this till and not out, and when."""
        with self._reading() as connection:
            return people.at_work(connection)

    def tally(self) -> list[Tally]:
        """Add up the sales by currency."""
        with self._reading() as connection:
            return rows.tallies(connection, self.till_id)

    def noted_sales(self) -> dict[int, NotedSale]:
        """Return what the tally counts, by the sequence of the sale's entry."""
        with self._reading() as connection:
            return rows.noted_sales(connection)

    # ------------------------------------------------------------ inside

    def _record(self, connection: Connection, event: Event) -> Entry:
        head = rows.last_head(connection, self._empty)
        now = self._clock.now()
        entry = next_entry(head, kind_of(event), canonical(event), now, self._signer)
        rows.insert_entry(connection, entry)
        tickets.follow(connection, event, entry)
        people.follow(connection, event, entry)
        return entry

    def _check_head(self, connection: Connection, head: Head) -> None:
        if (head.till_id, head.epoch) != (self._empty.till_id, self._empty.epoch):
            message = f"The office answered for till {head.till_id}, this is {self.till_id}."
            raise OfficeRefused(f"{message} The answer was ignored and the entries are kept.")
        if rows.head_at(connection, self._empty, head.sequence) != head:
            raise Forked(head.sequence, rows.last_head(connection, self._empty).sequence)

    def _check_office(self, connection: Connection, ack: Acknowledgement) -> None:
        """Trust the first office met, and from then on no other."""
        key = rows.chain(connection).office_key or ack.office_key
        if not key:
            return
        if not verify_ed25519(key, countersigned_text(ack.head), ack.signature):
            raise NotTheOffice(key)
        rows.note_countersignature(connection, ack, key)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._read_lock:
            yield self._reader

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Commit all or nothing; whatever goes wrong, the next append starts afresh."""
        with self._write_lock:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.execute("COMMIT")
            except DatabaseError as error:
                self._undo()
                certain = self._overwritten() or _is_full(error)
                raise JournalRefused(error, certain=certain) from error
            finally:
                self._undo()

    def _undo(self) -> None:
        """End a transaction that was not committed; on a broken disk the next one tries again."""
        with suppress(DatabaseError):
            if self._writer.in_transaction:
                self._writer.rollback()

    def _overwritten(self) -> bool:
        """Write over what a failed commit may have left in the log, and tell whether that worked.

        When only the fsync failed, a restart would find the refused entry whole in the log.
        """
        with suppress(DatabaseError):
            rows.count_failed_write(self._writer)
            return True
        return False


def _is_full(error: DatabaseError) -> bool:
    """Tell whether the log found no room: its last frame is then not whole and means nothing."""
    return bool(getattr(error, "sqlite_errorcode", 0) == dbapi2.SQLITE_FULL)


def _claim(connection: Connection, till_id: str, public_key: str) -> None:
    """Write into a new journal whose it is; refuse another till's."""
    connection.execute(
        "INSERT OR IGNORE INTO chain (only, till_id, epoch, public_key) VALUES (1, ?, 1, ?)",
        (till_id, public_key),
    )
    chain = rows.chain(connection)
    if (chain.till_id, chain.public_key) != (till_id, public_key):
        message = f"This journal belongs to till {chain.till_id} and the key it was begun with."
        raise JournalUnusable(f"{message} It was not opened for till {till_id}; check the folder.")
