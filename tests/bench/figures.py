"""How the benchmarks measure and report: samples, medians, p99 and ratios within one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One measured row: median and p99 in `unit`, and what it is held against."""

    name: str
    unit: str
    median: float
    p99: float
    samples: int
    against: str = ""
    ratio: float | None = None


@dataclass
class Samples:
    """Durations of one repeated act, in seconds."""

    seconds: list[float] = field(default_factory=list)

    def measure(self, act: Callable[[], object]) -> None:
        """Time one call."""
        begin = time.perf_counter()
        act()
        self.seconds.append(time.perf_counter() - begin)

    @property
    def median(self) -> float:
        """The middle duration in seconds."""
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        """The duration in seconds that one call in a hundred exceeds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]

    def figure(self, name: str, *, against: str = "", base: Samples | None = None) -> Figure:
        """Report in milliseconds, with the ratio of the medians to a base of the same run."""
        return Figure(
            name=name,
            unit="ms",
            median=self.median * 1e3,
            p99=self.p99 * 1e3,
            samples=len(self.seconds),
            against=against,
            ratio=self.median / base.median if base else None,
        )


def rate(
    name: str, unit: str, per_second: list[float], *, against: str = "", base: float | None = None
) -> Figure:
    """Report repeated throughputs; p99 is the slowest repetition."""
    middle = statistics.median(per_second)
    return Figure(
        name=name,
        unit=unit,
        median=middle,
        p99=min(per_second),
        samples=len(per_second),
        against=against,
        ratio=middle / base if base else None,
    )
