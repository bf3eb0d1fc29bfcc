"""Who works at this till: proved by PIN or badge, checked without the office."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.catalog import Person
from domain.errors import DomainError
from domain.events import LoggedIn, LoggedOut, Proof, TillLocked
from domain.pins import badge_mark
from domain.roles import Action, insist
from till_kivy.catalog import SqliteCatalog
from till_kivy.clock import Clock
from till_kivy.journal import Journal
from till_kivy.pins import PinGuard, WrongPin

__all__ = [
    "Badge",
    "NotLoggedIn",
    "Pin",
    "Shown",
    "Staff",
    "StillOpen",
    "TillIsLocked",
    "UnknownBadge",
    "WrongPin",
]


@dataclass(frozen=True, slots=True)
class Pin:
    """A person and the digits that were typed; they are never shown or written down."""

    person_id: str
    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Badge:
    """A code that was scanned from a badge; it is never shown or written down."""

    code: str = field(repr=False)


Shown = Pin | Badge
"""What somebody shows to prove who they are."""


class UnknownBadge(DomainError):
    """A badge that is nobody's in this store; its code is not repeated."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "Nobody here has this badge. Choose your name and type your PIN, or call a manager."
        )


class NotLoggedIn(DomainError):
    """Something only a logged-in person may do."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Nobody is logged in. Log in first; nothing was changed.")


class TillIsLocked(DomainError):
    """Something that has to wait until somebody has opened the lock."""

    status = 401

    def __init__(self, person: Person) -> None:
        super().__init__(
            f"The till is locked by {person.name}. Type your PIN or scan your badge; the ticket is"
            " as it was."
        )


class StillOpen(DomainError):
    """A person who would leave an open ticket to nobody."""

    status = 409

    def __init__(self, lines: int) -> None:
        super().__init__(
            f"The open ticket has lines on it ({lines}). Finish, hold or void it, then log out."
        )


class Staff:
    """The person at the till; log-ins, refused ones too, are journal entries."""

    def __init__(self, catalog: SqliteCatalog, journal: Journal, clock: Clock) -> None:
        self._catalog = catalog
        self._journal = journal
        self._pins = PinGuard(journal, clock, catalog.pepper)
        self._person_id = ""
        self._locked = False

    def start(self) -> None:
        """Go on with the locks of PINs that were in force."""
        self._pins.start(self._catalog.people())

    @property
    def person(self) -> Person | None:
        """Who is logged in, as the newest catalogue has them; whom it no longer has is nobody."""
        return self._called(self._person_id) if self._person_id else None

    @property
    def locked(self) -> bool:
        """Whether somebody is here, but has to show it first."""
        return self._locked and self.person is not None

    def allowed(self, action: Action) -> Person:
        """Return who is here and may do this; raise `NotLoggedIn`, `TillIsLocked`, `NotAllowed`."""
        person = self.person
        if person is None:
            raise NotLoggedIn
        if self._locked:
            raise TillIsLocked(person)
        insist(person.role, action)
        return person

    def proved(self, shown: Shown) -> Person:
        """Return whose PIN or badge this is; raise `WrongPin`, `PinIsLocked` or `UnknownBadge`."""
        if isinstance(shown, Badge):
            return self._with_badge(shown.code)
        person = self._called(shown.person_id)
        if person is None:
            raise self._pins.refused(shown.person_id)
        self._pins.look(person, shown.digits)
        return person

    def log_in(self, shown: Shown) -> Person:
        """Let a person work here, whoever was there before; after an error everything is as it was.

        Raises what `proved` raises, and `NotAllowed` for a role that does not sell.
        """
        person = self.proved(shown)
        insist(person.role, Action.SELL)
        by = Proof.BADGE if isinstance(shown, Badge) else Proof.PIN
        self._journal.append(LoggedIn(person.id, by))
        self._person_id, self._locked = person.id, False
        return person

    def lock(self) -> None:
        """Let nobody do anything before they have shown who they are; harmless without anybody.

        The lock holds even where the disk does not take the entry that says so.
        """
        if self.person and not self._locked:
            self._locked = True
            self._journal.append(TillLocked(self._person_id))

    def log_out(self) -> None:
        """Leave the till; harmless when nobody is there."""
        if self.person:
            self._journal.append(LoggedOut(self._person_id))
        self._person_id, self._locked = "", False

    def _called(self, person_id: str) -> Person | None:
        return next((own for own in self._catalog.people() if own.id == person_id), None)

    def _with_badge(self, code: str) -> Person:
        mark = badge_mark(self._catalog.pepper, code)
        for person in self._catalog.people():
            if person.badge_mark == mark:
                return person
        raise UnknownBadge
