"""Looking at PINs: each look is counted on the disk first, and after five wrong ones none follows.

The count is per person and till. The half hour of a lock is counted by the machine's steady clock
and begins again when the program does: setting the clock, forwards or back, neither shortens nor
lengthens it. Only a PIN that the office has set anew ends it early.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.catalog import Person
from domain.errors import DomainError
from domain.events import LogInRefused, PinLocked
from domain.pins import LOCKED_FOR, MOST_TRIES, PIN_DIGITS, is_pin, peppered
from till_kivy.clock import Clock
from till_kivy.journal import Journal

_hasher = PasswordHasher()


class WrongPin(DomainError):
    """A PIN that does not fit; the sentence does not say whether the person exists."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            f"That PIN does not fit. Choose your name and type your {PIN_DIGITS} digits."
        )


class PinIsLocked(DomainError):
    """A person whose PIN is not looked at for a while."""

    status = 429

    def __init__(self, left_s: float) -> None:
        minutes = max(1, round(left_s / 60))
        super().__init__(
            f"Too many wrong PINs: this one is not looked at for {minutes} min. Use your badge, or"
            " have a manager set a new PIN."
        )


class PinGuard:
    """Compares PINs with their hashes, as often as guessing must not help."""

    def __init__(self, journal: Journal, clock: Clock, pepper: bytes) -> None:
        self._journal = journal
        self._clock = clock
        self._pepper = pepper
        self._locked_at_s: dict[str, float] = {}

    def start(self, people: Iterable[Person]) -> None:
        """Begin the half hour again for everybody whose last tries were all wrong, or cut off."""
        for person in people:
            if self._used_up(person):
                self._lock(person.id)

    def look(self, person: Person, pin: str) -> None:
        """Return when the PIN is the person's; raise `WrongPin` or `PinIsLocked`.

        A count that the disk does not take raises `JournalRefused`, and the PIN is not looked at.
        """
        if not is_pin(pin):  # no guess at all
            raise self.refused(person.id)
        count = self._count(person)
        if self._fits(person, pin):
            self._journal.forget_pin_tries(person.id)
            return
        wrong = self.refused(person.id)
        if count >= MOST_TRIES:
            self._lock(person.id)
            raise PinIsLocked(LOCKED_FOR.total_seconds()) from wrong
        raise wrong

    def refused(self, person_id: str) -> WrongPin:
        """Write down that a PIN was wrong, and return what to raise."""
        self._journal.append(LogInRefused(person_id))
        return WrongPin()

    def _count(self, person: Person) -> int:
        """Put this look on the disk; raise `PinIsLocked` when it must not be taken."""
        if self._used_up(person):
            if left_s := self._left_s(person.id):
                raise PinIsLocked(left_s)
            self._journal.forget_pin_tries(person.id)
        return self._journal.count_pin_try(person.id, _mark(person))

    def _used_up(self, person: Person) -> bool:
        """Tell whether this very PIN was looked at as often as it may be."""
        tried = self._journal.pin_tries().get(person.id)
        return tried is not None and tried.of == _mark(person) and tried.count >= MOST_TRIES

    def _left_s(self, person_id: str) -> float:
        """Return how long a lock goes on, 0 when it is over."""
        if person_id not in self._locked_at_s:
            self._lock(person_id)
        passed_s = self._clock.steady_s() - self._locked_at_s[person_id]
        return max(0.0, LOCKED_FOR.total_seconds() - passed_s)

    def _lock(self, person_id: str) -> None:
        self._locked_at_s[person_id] = self._clock.steady_s()
        self._journal.append(PinLocked(person_id, self._clock.now() + LOCKED_FOR))

    def _fits(self, person: Person, pin: str) -> bool:
        """Tell whether the PIN is the person's; a hash that cannot be read fits no PIN."""
        try:
            return _hasher.verify(person.pin_hash, peppered(self._pepper, pin))
        except (InvalidHashError, VerificationError):
            return False


def _mark(person: Person) -> str:
    """Return what stands for a person's present PIN beside its count."""
    return hashlib.sha256(person.pin_hash.encode()).hexdigest()
