"""Brings the journal to the office, oldest entry first, for as long as it takes."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from domain.canonical import canonical
from domain.journal import Acknowledgement, Entry
from till_kivy.clock import Clock
from till_kivy.errors import Forked, OfficeAway, OfficeRefused, TillError
from till_kivy.journal import Journal
from till_kivy.loop import Loop
from till_kivy.office import Office

MOST_ENTRIES = 500
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """What a screen shows of the way to the office; `stopped` means that a person is needed."""

    online: bool
    unsent: int
    refused: int
    oldest_s: int | None
    last_error: str = ""
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait, in seconds: after failures from `shortest_s`, doubling, to `longest_s`."""

    shortest_s: float = 0.5
    longest_s: float = 30.0
    idle_s: float = 5.0

    def after(self, failures: int, jitter: float) -> float:
        """Return the pause after so many failures in a row; `jitter` is between 0 and 1.

        The upper half of the pause is random, so that many tills do not come back at once.
        """
        longest = min(self.longest_s, self.shortest_s * 2 ** min(failures - 1, 32))
        return longest * (1 + jitter) / 2


@dataclass(frozen=True, slots=True)
class _Contact:
    online: bool = False
    failures: int = 0
    last_error: str = ""
    stopped: bool = False


class Outbox:
    """A thread that sends what the office does not hold yet and never gives up."""

    def __init__(
        self,
        journal: Journal,
        office: Office,
        clock: Clock,
        pace: Pace = Pace(),
        jitter: Callable[[], float] = random.SystemRandom().random,
    ) -> None:
        self._journal = journal
        self._office = office
        self._clock = clock
        self._pace = pace
        self._jitter = jitter
        self._contact = _Contact()
        self._changed = threading.Condition()
        self._loop = Loop(f"outbox of till {journal.till_id}", self._step)

    def start(self) -> None:
        """Begin to send."""
        self._loop.start()

    def stop(self) -> None:
        """End after the batch at hand; what is unsent stays in the journal."""
        self._loop.stop()

    def nudge(self) -> None:
        """Say that there is something new; while the office is away this changes nothing."""
        if not self._contact.failures:
            self._loop.nudge()

    def status(self) -> OutboxStatus:
        """Return what is known now."""
        unsent = self._journal.unsent
        oldest = unsent.oldest_at and int((self._clock.now() - unsent.oldest_at).total_seconds())
        contact = self._contact
        return OutboxStatus(
            online=contact.online,
            unsent=unsent.count,
            refused=unsent.refused,
            oldest_s=oldest,
            last_error=contact.last_error,
            stopped=contact.stopped,
        )

    def drain(self, deadline_s: float) -> bool:
        """Wait until the office holds everything; tell whether it did before the deadline."""
        self._loop.nudge()
        with self._changed:
            return self._changed.wait_for(self._settled, deadline_s) and not self._waiting()
