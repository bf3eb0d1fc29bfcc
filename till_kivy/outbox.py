"""Brings the journal to the office, oldest entry first, for as long as it takes."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.canonical import canonical
from domain.journal import Acknowledgement, Entry
from till_kivy.clock import Clock
from till_kivy.errors import Forked, OfficeAway, OfficeRefused, TillError
from till_kivy.journal import Journal
from till_kivy.loop import Loop
from till_kivy.office import Office

MOST_ENTRIES = 500
MOST_BYTES = 1_000_000
_MOST_DOUBLINGS = 32


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
        doubled: float = self.shortest_s * 2 ** min(failures - 1, _MOST_DOUBLINGS)
        return min(self.longest_s, doubled) * (1 + jitter) / 2


@dataclass(frozen=True, slots=True)
class _Contact:
    online: bool = False
    failures: int = 0
    last_error: str = ""
    stopped: bool = False


_PACE = Pace()
_JITTER = random.SystemRandom().random


class Outbox:
    """A thread that sends what the office does not hold yet and never gives up."""

    def __init__(
        self,
        journal: Journal,
        office: Office,
        clock: Clock,
        pace: Pace = _PACE,
        jitter: Callable[[], float] = _JITTER,
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

    def resume(self) -> None:
        """Send again at once, whatever stopped it: the office lets this till trade again."""
        self._note(stopped=False, failures=0)
        self._loop.nudge()

    def status(self) -> OutboxStatus:
        """Return what is known now."""
        unsent = self._journal.unsent
        contact = self._contact
        return OutboxStatus(
            online=contact.online,
            unsent=unsent.count,
            refused=unsent.refused,
            oldest_s=self._age_s(unsent.oldest_at),
            last_error=contact.last_error,
            stopped=contact.stopped,
        )

    def drain(self, deadline_s: float) -> bool:
        """Wait until the office holds everything; tell whether it did before the deadline."""
        self._loop.nudge()
        with self._changed:
            self._changed.wait_for(self._settled, deadline_s)
        return not self._journal.unsent.count

    def heard(self, problem: str = "") -> None:
        """Learn from somebody else whether the office answers; an answer ends the waiting."""
        silent = self._contact.failures > 0
        self._note(online=not problem, last_error=problem or self._contact.last_error)
        if silent and not problem:
            self._loop.nudge()

    def _age_s(self, moment: dt.datetime | None) -> int | None:
        return None if moment is None else int((self._clock.now() - moment).total_seconds())

    def _settled(self) -> bool:
        return self._contact.stopped or not self._journal.unsent.count

    def _step(self) -> float:
        """Send one batch; return how many seconds to wait before the next."""
        batch = () if self._contact.stopped else self._next_batch()
        return self._deliver(batch) if batch else self._pace.idle_s

    def _next_batch(self) -> Sequence[Entry]:
        """Take the oldest entries; after a failure a single one, to ask whether it works again."""
        limit = 1 if self._contact.failures else MOST_ENTRIES
        return fitting(self._journal.entries(self._journal.acknowledged.sequence, limit))

    def _deliver(self, batch: Sequence[Entry]) -> float:
        try:
            ack = self._office.send(batch)
            self._journal.acknowledge(ack)
        except Forked as error:
            self._note(online=True, stopped=True, last_error=str(error))
            return self._pace.longest_s
        except TillError as error:
            pause = self._failed(str(error), online=isinstance(error, OfficeRefused))
            return max(pause, error.retry_after_s) if isinstance(error, OfficeAway) else pause
        return self._answered(batch[0].sequence, ack)

    def _answered(self, first: int, ack: Acknowledgement) -> float:
        """Go on at once after progress; pause when the office stands still or is behind."""
        if ack.head.sequence >= first:
            self._note(online=True, failures=0, last_error="")
            return 0.0
        if ack.head.sequence < first - 1:  # it lost entries, after a restored backup for example
            self._note(online=True, failures=0, last_error="")
            return self._pace.after(1, self._jitter())
        why = next((refused.why for refused in ack.refused if refused.sequence == first), "")
        return self._failed(f"The office does not take entry {first}: {why}", online=True)

    def _failed(self, problem: str, *, online: bool) -> float:
        failures = self._contact.failures + 1
        self._note(online=online, failures=failures, last_error=problem)
        return self._pace.after(failures, self._jitter())

    def _note(self, **changes: Any) -> None:
        with self._changed:
            self._contact = replace(self._contact, **changes)
            self._changed.notify_all()


def fitting(entries: Sequence[Entry], most_bytes: int = MOST_BYTES) -> Sequence[Entry]:
    """Return as many of the first entries as one request may carry, at least one."""
    size = 0
    for count, entry in enumerate(entries):
        size += len(canonical(entry).encode())
        if size > most_bytes and count:
            return entries[:count]
    return entries
