"""Who works at this till: a person and a six-digit PIN, checked without the office."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.catalog import Person
from domain.errors import DomainError
from domain.events import LoggedIn, LoggedOut, LogInRefused
from till_kivy.catalog import SqliteCatalog
from till_kivy.journal import Journal

PIN_DIGITS = 6
_hasher = PasswordHasher()


class WrongPin(DomainError):
    """A log-in that failed; the sentence does not say whether the person exists."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            f"That PIN does not fit. Choose your name and type your {PIN_DIGITS} digits."
        )


class NotLoggedIn(DomainError):
    """Something only a logged-in person may do."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Nobody is logged in. Log in first; nothing was changed.")


class StillOpen(DomainError):
    """A person who would leave an open ticket to nobody."""

    status = 409

    def __init__(self, lines: int) -> None:
        super().__init__(
            f"The open ticket has lines on it ({lines}). Finish, hold or void it, then log out."
        )


class Staff:
    """The person at the till; log-ins, refused ones too, are journal entries."""

    def __init__(self, catalog: SqliteCatalog, journal: Journal) -> None:
        self._catalog = catalog
        self._journal = journal
        self._person: Person | None = None

    @property
    def person(self) -> Person | None:
        """Who is logged in, if anybody."""
        return self._person

    def present(self) -> Person:
        """Return who is logged in or raise `NotLoggedIn`."""
        if self._person is None:
            raise NotLoggedIn
        return self._person

    def log_in(self, person_id: str, pin: str) -> Person:
        """Let a person work here; raises `WrongPin`, which leaves whoever was there logged in."""
        person = next((p for p in self._catalog.people() if p.id == person_id), None)
        if person is None or not _fits(person, pin):
            self._journal.append(LogInRefused(person_id))
            raise WrongPin
        self._journal.append(LoggedIn(person.id))
        self._person = person
        return person

    def log_out(self) -> None:
        """Leave the till; harmless when nobody is there."""
        if self._person is not None:
            self._journal.append(LoggedOut(self._person.id))
            self._person = None


def _fits(person: Person, pin: str) -> bool:
    """Tell whether the PIN is the person's; a hash that cannot be read fits no PIN."""
    if len(pin) != PIN_DIGITS or not pin.isascii() or not pin.isdigit():
        return False
    try:
        return _hasher.verify(person.pin_hash, pin)
    except (InvalidHashError, VerificationError):
        return False
