"""Where the till takes its time from; it orders nothing, entries are ordered by sequence."""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """Whoever knows what time it is."""

    def now(self) -> dt.datetime:
        """Return the present moment in UTC, with its time zone."""
        ...

    def steady_s(self) -> float:
        """Return seconds since some moment; only passing time moves them, nobody sets them."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def steady_s(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)  # goes on while the machine sleeps


class HandClock:
    """A clock that stands still until somebody moves its hands: for replays and tests."""

    def __init__(self, moment: dt.datetime) -> None:
        self._steady_s = 0.0
        self.set(moment)

    def now(self) -> dt.datetime:
        return self._moment

    def steady_s(self) -> float:
        return self._steady_s

    def set(self, moment: dt.datetime) -> None:
        """Move the hands to a moment, forwards or backwards."""
        if moment.utcoffset() is None:
            message = f"A clock needs a time with its time zone, not {moment}."
            raise ValueError(message)
        self._moment = moment.astimezone(dt.UTC)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._steady_s += seconds
        self._moment += dt.timedelta(seconds=seconds)
