"""Where the till takes its time from; it orders nothing, entries are ordered by sequence."""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """Whoever knows what time it is."""

    def now(self) -> dt.datetime:
        """Return the present moment in UTC, with its time zone."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class HandClock:
    """A clock that stands still until somebody moves its hands: for replays and tests."""

    def __init__(self, moment: dt.datetime) -> None:
        self.set(moment)

    def now(self) -> dt.datetime:
        return self._moment

    def set(self, moment: dt.datetime) -> None:
        """Move the hands to a moment, forwards or backwards."""
        if moment.utcoffset() is None:
            message = f"A clock needs a time with its time zone, not {moment}."
            raise ValueError(message)
        self._moment = moment.astimezone(dt.UTC)

    def advance(self, seconds: float) -> None:
        """Move the hands forwards."""
        self._moment += dt.timedelta(seconds=seconds)
