"""How far a replay has come, and how fast it is."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

PLAIN_EVERY_S = 10.0


class Meter:
    """A progress bar in a terminal, a line now and then elsewhere."""

    def __init__(self, lines: int, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._next_line_at = self._began + PLAIN_EVERY_S
        self._lines, self._done, self._fresh = lines, 0, 0
        self._sales, self._skipped = 0, 0
        columns = (TextColumn("selling"), BarColumn(), MofNCompleteColumn(), TextColumn("lines"))
        words = TextColumn("{task.fields[rate]}")
        self._bar = Progress(*columns, words, TimeRemainingColumn(), console=console)
        self._task = self._bar.add_task("selling", total=lines, rate="")

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the bar standing."""
        if self._console.is_terminal:
            self._bar.stop()

    def note(self, reports: Iterable[dict[str, Any]]) -> None:
        """Take in what the tills have got through."""
        for report in reports:
            self._done += report["lines"]
            self._fresh += 0 if report["skipped"] else report["lines"]
            self._sales += report["sales"]
            self._skipped += report["skipped"]
        self._bar.update(self._task, completed=self._done, rate=self._rate)
        if not self._console.is_terminal and time.monotonic() > self._next_line_at:
            self._next_line_at += PLAIN_EVERY_S
            self._console.print(f"{self._done:,} of {self._lines:,} lines, {self._rate}")

    @property
    def summary(self) -> str:
        """What the tills did, and how fast."""
        before = f" ({self._skipped:,} were sold before)" if self._skipped else ""
        took = time.monotonic() - self._began
        return f"{self._sales:,} sales made{before} in {took:.1f} s, {self._rate}"

    @property
    def _rate(self) -> str:
        return f"{self._fresh / max(time.monotonic() - self._began, 0.001):,.0f} lines/s"
