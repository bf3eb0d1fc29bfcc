"""Twins of the counter's devices with switches for their faults: for demo, tests and training.

Each is a real device to the till; only the world behind it is made up. Nothing sleeps: a fault
that would take a time-out on a real device is reported at once.
"""

from __future__ import annotations

import queue
import threading
from collections import deque

from domain.quantity import Quantity
from till_kivy.hardware.escpos_reader import Cut, plain_text, read_job
from till_kivy.hardware.protocols import (
    Cue,
    DisplayFailed,
    DrawerFailed,
    PrinterFailed,
    PrintUnknown,
    ScaleRefused,
)

MOST_PAPERS = 100
MOST_CODES = 64
MOST_CUES = 1_000
DISPLAY_COLUMNS = 20
LEAST_GRAMS = 5


class SimulatedPrinter:
    """Keeps what it printed, the last hundred jobs: bytes in `jobs`, `papers()` as plain text.

    Faults: `unplugged`, `paper_out` (known before a byte is sent), `stalled` (takes the job and
    never answers: it may be on paper or not).
    """

    def __init__(self, columns: int = 48) -> None:
        self._columns = columns
        self._lock = threading.Lock()
        self.jobs: deque[bytes] = deque(maxlen=MOST_PAPERS)
        self.unplugged = False
        self.paper_out = False
        self.stalled = False

    @property
    def columns(self) -> int:
        """Characters of font A on a line."""
        return self._columns

    def print(self, document: bytes) -> None:
        """Print a job, or fail as the switches say."""
        if self.unplugged:
            raise PrinterFailed("The receipt printer is not connected. Check cable and power.")
        if self.paper_out:
            raise PrinterFailed("The receipt printer is out of paper. Put in a new roll.")
        if self.stalled:
            raise PrintUnknown("The receipt printer does not answer. Look whether paper came out.")
        assert any(isinstance(item, Cut) for item in read_job(document)), "a job ends with a cut"
        with self._lock:
            self.jobs.append(document)

    def papers(self) -> list[str]:
        """Return what lies in the tray, the oldest first."""
        with self._lock:
            return [plain_text(job, self._columns) for job in self.jobs]


class SimulatedDrawer:
    """Counts how often it opened. Faults: `unplugged`, `jammed` (kicked, but stays shut)."""

    def __init__(self) -> None:
        self.opened = 0
        self.unplugged = False
        self.jammed = False

    def kick(self) -> None:
        """Open, or fail as the switches say."""
        if self.unplugged:
            raise DrawerFailed("The cash drawer is not connected. Open it with its key.")
        if self.jammed:
            raise DrawerFailed("The cash drawer was told to open and stayed shut. Use its key.")
        self.opened += 1


class SimulatedScanner:
    """A scanner that is fed codes by hand. Fault: `unplugged` swallows what is scanned."""

    def __init__(self) -> None:
        self._codes: queue.Queue[str] = queue.Queue(MOST_CODES)
        self.unplugged = False

    def point_at(self, code: str) -> bool:
        """Read a code as if its label were held before the scanner; tell whether it was taken."""
        if self.unplugged:
            return False
        try:
            self._codes.put_nowait(code)
        except queue.Full:
            return False
        return True

    def read(self, timeout_s: float) -> str | None:
        """Return the next code, `None` after `timeout_s` seconds."""
        try:
            return self._codes.get(timeout=timeout_s)
        except queue.Empty:
            return None


class SimulatedDisplay:
    """Remembers its two lines. Fault: `unplugged`."""

    def __init__(self) -> None:
        self.lines = ("", "")
        self.unplugged = False

    def show(self, top: str, bottom: str) -> None:
        """Show two lines, cut to twenty characters."""
        if self.unplugged:
            raise DisplayFailed("The customer display is not connected.")
        self.lines = (top[:DISPLAY_COLUMNS], bottom[:DISPLAY_COLUMNS])


class SimulatedScale:
    """Weighs `grams`. Faults: `unplugged`, `moving` (not stable yet)."""

    def __init__(self, grams: int = 0) -> None:
        self.grams = grams
        self.unplugged = False
        self.moving = False

    def weigh(self) -> Quantity:
        """Return the weight on the plate, or refuse as the switches say."""
        if self.unplugged:
            raise ScaleRefused("The scale does not answer. Check its cable, or scan a label.")
        if self.moving:
            raise ScaleRefused("The scale is not stable. Take your hand off and try again.")
        if self.grams < 0:
            raise ScaleRefused("The scale is below zero. Empty it, press zero and weigh again.")
        if self.grams < LEAST_GRAMS:
            raise ScaleRefused("The scale is empty. Put the goods on it and try again.")
        return Quantity.grams(self.grams)


class SimulatedSound:
    """Remembers the last thousand cues instead of playing them."""

    def __init__(self) -> None:
        self.played: deque[Cue] = deque(maxlen=MOST_CUES)

    def play(self, cue: Cue) -> None:
        """Note the cue."""
        self.played.append(cue)
