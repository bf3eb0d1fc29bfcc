"""Everything that a till writes into its journal, one dataclass per kind of entry."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from domain.approval import ApprovalGiven
from domain.basket import Basket
from domain.lease import Lease, SignedLease, Standing
from domain.money import Money
from domain.quantity import Quantity
from domain.sale import Sale


class JobState(StrEnum):
    """What is known about a piece of paper."""

    QUEUED = "queued"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TillStarted:
    """The till's program came up."""

    version: str


class Proof(StrEnum):
    """How a person showed who they are."""

    PIN = "pin"
    BADGE = "badge"


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A person began to work at the till, or took over from somebody else."""

    person_id: str
    by: Proof = Proof.PIN


@dataclass(frozen=True, slots=True)
class LogInRefused:
    """Somebody gave a wrong PIN."""

    person_id: str


@dataclass(frozen=True, slots=True)
class PinLocked:
    """Too many wrong PINs: this person's is not looked at again before a moment."""

    person_id: str
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """A person left the till."""

    person_id: str


@dataclass(frozen=True, slots=True)
class TillLocked:
    """Nobody touched the till for a while; the person's ticket stays open behind the lock."""

    person_id: str


@dataclass(frozen=True, slots=True)
class ClockedIn:
    """A person came to work."""

    person_id: str


@dataclass(frozen=True, slots=True)
class ClockedOut:
    """A person went home."""

    person_id: str


@dataclass(frozen=True, slots=True)
class StandingLearned:
    """What the office said of the till: that it may trade until a moment, or why not any more."""

    standing: Standing
    granted_at: dt.datetime
    until: dt.datetime
    why: str = ""
    signature: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, word: SignedLease) -> Self:
        """Write the office's word down, with its signature."""
        own = word.lease
        said = (own.standing, own.granted_at, own.until, own.why)
        return cls(*said, word.signature, own.request_id)

    def word_on(self, till_id: str) -> SignedLease:
        """Return the office's word as it was given."""
        said = (self.standing, self.granted_at, self.until, self.why, self.request_id)
        return SignedLease(Lease(till_id, *said), self.signature)


@dataclass(frozen=True, slots=True)
class LineVoided:
    """A line was taken off a ticket before payment."""

    basket_id: UUID
    line_id: UUID
    sku: str
    quantity: Quantity
    person_id: str
    amount: Money | None = None
    approval_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TicketVoided:
    """A whole ticket was dropped before payment."""

    basket_id: UUID
    lines: int
    total: Money
    person_id: str
    approval_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TicketHeld:
    """A ticket was put aside to serve another customer."""

    basket: Basket
    label: str
    person_id: str


@dataclass(frozen=True, slots=True)
class TicketRecalled:
    """A held ticket was taken up again."""

    basket_id: UUID
    person_id: str


@dataclass(frozen=True, slots=True)
class DrawerKicked:
    """The cash drawer was told to open, for a sale."""

    sale_id: UUID
    opened: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptPrinted:
    """What became of the paper of a sale."""

    sale_id: UUID
    state: JobState
    problem: str = ""


Event = (
    TillStarted
    | LoggedIn
    | LogInRefused
    | PinLocked
    | LoggedOut
    | TillLocked
    | ClockedIn
    | ClockedOut
    | StandingLearned
    | ApprovalGiven
    | LineVoided
    | TicketVoided
    | TicketHeld
    | TicketRecalled
    | DrawerKicked
    | ReceiptPrinted
    | Sale
)

KINDS: dict[str, type[Event]] = {
    "till_started": TillStarted,
    "logged_in": LoggedIn,
    "log_in_refused": LogInRefused,
    "pin_locked": PinLocked,
    "logged_out": LoggedOut,
    "till_locked": TillLocked,
    "clocked_in": ClockedIn,
    "clocked_out": ClockedOut,
    "standing_learned": StandingLearned,
    "approval_given": ApprovalGiven,
    "line_voided": LineVoided,
    "ticket_voided": TicketVoided,
    "ticket_held": TicketHeld,
    "ticket_recalled": TicketRecalled,
    "drawer_kicked": DrawerKicked,
    "receipt_printed": ReceiptPrinted,
    "sale": Sale,
}

_NAMES = {kind: name for name, kind in KINDS.items()}


def kind_of(event: Event) -> str:
    """Return the word that stands in the journal for this kind of event."""
    return _NAMES[type(event)]
