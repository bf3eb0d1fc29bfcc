"""Renews the till's permission to trade, long before it ends."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Protocol

from domain.lease import RENEWED_EVERY, SignedLease
from till_kivy.clock import Clock
from till_kivy.errors import TillError
from till_kivy.loop import Loop
from till_kivy.outbox import Pace
from till_kivy.permission import LeasedPermission

STOPPED_ASKS_EVERY_S = 15.0
"""So soon a till that was reinstated sells again."""

_PACE = Pace(shortest_s=1.0, longest_s=60.0)
_DICE = random.SystemRandom()


class Lessor(Protocol):
    """Whoever gives leases."""

    def renew_lease(self) -> SignedLease:
        """Return another permission to trade; raises `OfficeAway` or `OfficeRefused`."""
        ...


class Renewal:
    """A thread that asks for a new lease about every hour, more often after a failure.

    `again` is called when a till that had been stopped may trade again.
    """

    def __init__(
        self,
        office: Lessor,
        permission: LeasedPermission,
        clock: Clock,
        again: Callable[[], None],
    ) -> None:
        self._office = office
        self._again = again
        self._permission = permission
        self._clock = clock
        self._failures = 0
        self._due_s = clock.steady_s()
        self._answered = threading.Event()
        self._loop = Loop("lease", self._step)

    def start(self) -> None:
        """Begin to ask."""
        self._loop.start()

    def stop(self) -> None:
        """End after the question at hand."""
        self._loop.stop()

    def nudge(self) -> None:
        """Look again now."""
        self._loop.nudge()

    def wait(self, deadline_s: float) -> bool:
        """Tell whether the office said in time how this till stands."""
        return self._answered.wait(deadline_s)

    def _step(self) -> float:
        if self._clock.steady_s() >= self._due_s or self._permission.stopped:
            self._due_s = self._clock.steady_s() + self._renew()
        if self._permission.stopped:
            return STOPPED_ASKS_EVERY_S
        return self._due_s - self._clock.steady_s()

    def _renew(self) -> float:
        """Ask once; return the seconds until it is to be asked again."""
        was_stopped = self._permission.stopped
        try:
            self._permission.learn(self._office.renew_lease())
        except TillError:
            # The outbox says on the screen that the office is away; a refusal stops the sale.
            self._failures += 1
            return _PACE.after(self._failures, _DICE.random())
        self._failures = 0
        self._answered.set()
        if was_stopped and not self._permission.stopped:
            self._again()
        # Not all tills at the same minute.
        return RENEWED_EVERY.total_seconds() * _DICE.uniform(0.9, 1.0)
