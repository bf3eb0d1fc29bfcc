"""The till's book of first entry: a chain of signed entries, each sealing all before it.

Entry hash = SHA-256 of the canonical header (till, epoch, sequence, kind, time, previous hash,
body text); signature = Ed25519 (RFC 8032) of the hash's 32 bytes by the till's own key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.canonical import YEARS, content_hash, utc_text
from domain.errors import DomainError

GENESIS = "0" * 64
LARGEST_BODY = 10_000_000

Verify = Callable[[str, bytes, str], bool]
"""Tell whether `signature` (hex) of `message` was made by the owner of `public_key` (hex)."""


class Signer(Protocol):
    """Whoever holds a private key."""

    @property
    def public_key(self) -> str:
        """The Ed25519 public key in hex."""
        ...

    def sign(self, message: bytes) -> str:
        """Return the signature in hex."""
        ...


class Refusal(StrEnum):
    """Why an entry cannot be taken into the chain."""

    BAD_HASH = "bad_hash"
    BAD_SIGNATURE = "bad_signature"
    BROKEN_CHAIN = "broken_chain"
    GAP = "gap"
    REPEATED_SEQUENCE = "repeated_sequence"
    WRONG_TILL = "wrong_till"
    BAD_BODY = "bad_body"
    CONFLICT = "conflict"


class EntryRefused(DomainError):
    """An entry that was not taken; `refusal` is the machine's word, `str` the person's."""

    def __init__(self, entry: Entry, refusal: Refusal, why: str) -> None:
        super().__init__(f"Entry {entry.sequence} of till {entry.till_id} refused: {why}")
        self.entry = entry
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain; sequence 0 is the empty chain."""

    till_id: str
    epoch: int = 1
    sequence: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; `body` is the canonical JSON of the event it records."""

    till_id: str
    epoch: int
    sequence: int
    kind: str
    at: dt.datetime
    previous: str
    body: str
    hash: str
    signature: str

    @property
    def head(self) -> Head:
        """The chain's head once this entry is its last."""
        return Head(self.till_id, self.epoch, self.sequence, self.hash)


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """What the office tells a till about an entry that it did not take."""

    sequence: int
    refusal: Refusal
    why: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The office holds all up to `head`; `signature` is the office's Ed25519 over `head`.

    `office_key` is its public key in hex: a till trusts the first one it meets.
    """

    head: Head
    signature: str
    refused: tuple[RefusedEntry, ...] = ()
    office_key: str = ""


def next_entry(head: Head, kind: str, body: str, at: dt.datetime, signer: Signer) -> Entry:
    """Chain, seal and sign the entry that follows `head`."""
    sequence = head.sequence + 1
    seal = entry_hash(head, sequence, kind, body, at)
    return Entry(
        till_id=head.till_id,
        epoch=head.epoch,
        sequence=sequence,
        kind=kind,
        at=at,
        previous=head.hash,
        body=body,
        hash=seal,
        signature=signer.sign(bytes.fromhex(seal)),
    )


def entry_hash(head: Head, sequence: int, kind: str, body: str, at: dt.datetime) -> str:
    """Return the SHA-256 in hex that seals an entry to the one before it."""
    header = {
        "at": utc_text(at),
        "body": body,
        "epoch": head.epoch,
        "kind": kind,
        "previous": head.hash,
        "sequence": sequence,
        "till_id": head.till_id,
    }
    return content_hash(header)


def check_entry(entry: Entry, public_key: str, verify: Verify) -> None:
    """Raise `EntryRefused` unless the entry is whole and signed by the till; looks at it alone."""
    if entry.at.utcoffset() is None:
        raise EntryRefused(entry, Refusal.BAD_BODY, f"its time {entry.at} has no time zone.")
    if entry.at.year not in YEARS:
        raise EntryRefused(entry, Refusal.BAD_BODY, f"no clock of a shop shows {entry.at}.")
    before = Head(entry.till_id, entry.epoch, entry.sequence - 1, entry.previous)
    if len(entry.body) > LARGEST_BODY:
        raise EntryRefused(entry, Refusal.BAD_BODY, f"its body has {len(entry.body)} characters.")
    if entry_hash(before, entry.sequence, entry.kind, entry.body, entry.at) != entry.hash:
        raise EntryRefused(entry, Refusal.BAD_HASH, "its content was changed after it was sealed.")
    if not verify(public_key, bytes.fromhex(entry.hash), entry.signature):
        raise EntryRefused(entry, Refusal.BAD_SIGNATURE, "it was not signed by this till's key.")


def check_link(entry: Entry, head: Head) -> None:
    """Raise `EntryRefused` unless the entry follows directly on `head`."""
    if (entry.till_id, entry.epoch) != (head.till_id, head.epoch):
        why = f"expected till {head.till_id} epoch {head.epoch}, found epoch {entry.epoch}."
        raise EntryRefused(entry, Refusal.WRONG_TILL, why)
    if entry.sequence <= head.sequence:
        why = f"the chain is already at {head.sequence}."
        raise EntryRefused(entry, Refusal.REPEATED_SEQUENCE, why)
    if entry.sequence > head.sequence + 1:
        why = f"entry {head.sequence + 1} is missing before it."
        raise EntryRefused(entry, Refusal.GAP, why)
    if entry.previous != head.hash:
        why = f"it does not follow on entry {head.sequence}."
        raise EntryRefused(entry, Refusal.BROKEN_CHAIN, why)


def verified(
    entries: Iterable[Entry], head: Head, public_key: str, verify: Verify
) -> Iterator[Entry]:
    """Yield the entries that follow `head` one by one; raise `EntryRefused` at the first bad."""
    for entry in entries:
        check_entry(entry, public_key, verify)
        check_link(entry, head)
        head = entry.head
        yield entry


def countersigned_text(head: Head) -> bytes:
    """Return the bytes that the office signs to say that it holds the chain up to `head`."""
    return bytes.fromhex(content_hash(head))
