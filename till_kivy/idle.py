"""Nobody there: how long ago the till was touched last, by a steady clock."""

from __future__ import annotations

from collections.abc import Callable

LOCKS_AFTER_S = 5 * 60.0


class Idle:
    """Over once nothing was touched or scanned for so long; `now_s` is a steady clock."""

    def __init__(self, now_s: Callable[[], float], after_s: float = LOCKS_AFTER_S) -> None:
        self._now_s = now_s
        self._after_s = after_s
        self._touched_s = now_s()

    def touched(self) -> None:
        """Begin to count again."""
        self._touched_s = self._now_s()

    @property
    def over(self) -> bool:
        """Whether it is time to lock."""
        return self._now_s() - self._touched_s >= self._after_s
