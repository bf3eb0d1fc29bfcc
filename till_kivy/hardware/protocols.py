"""What the till expects of each device; real drivers and simulated twins keep the same promises.

Every call has a time limit of its own inside the driver; none is made while the journal's lock
is held. A failure is a sentence for the cashier and never undoes a sale.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.errors import DomainError
from domain.quantity import Quantity


class DeviceFailed(DomainError):
    """A device that did not do what it was told."""

    status = 503


class PrinterFailed(DeviceFailed):
    """Nothing usable came out of the printer."""


class PrintUnknown(PrinterFailed):
    """The job was sent, but the printer did not report what became of it."""


class DrawerFailed(DeviceFailed):
    """The drawer was not opened, or nobody can tell."""


class ScaleRefused(DeviceFailed):
    """There is no weight that may be sold by: no scale, or not stable, or below the minimum."""


class DisplayFailed(DeviceFailed):
    """The customer display shows nothing or something old."""


class Cue(StrEnum):
    """What a cashier hears without looking up."""

    GOOD = "good"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    BAD_CODE = "bad_code"
    REFUSED = "refused"


class Printer(Protocol):
    """A receipt printer for ESC/POS bytes."""

    @property
    def columns(self) -> int:
        """Characters of font A on a line: 48 on 80 mm paper, 32 on 58 mm paper."""
        ...

    def print(self, document: bytes) -> None:
        """Print one whole job and return once the printer has said that it is on paper.

        Raises `PrinterFailed` when it is not, `PrintUnknown` when nobody can tell.
        """
        ...


class Drawer(Protocol):
    """The cash drawer."""

    def kick(self) -> None:
        """Open it, once; raises `DrawerFailed` when it stayed shut or did not answer."""
        ...


class Scanner(Protocol):
    """A barcode scanner with a bounded queue of codes read."""

    def read(self, timeout_s: float) -> str | None:
        """Return the next code as the scanner sent it, `None` after `timeout_s` seconds."""
        ...


class CustomerDisplay(Protocol):
    """The pole that faces the customer, two lines of 20 characters."""

    def show(self, top: str, bottom: str) -> None:
        """Show two lines, cut to the display's width; raises `DisplayFailed`."""
        ...


class Scale(Protocol):
    """The scale on the counter."""

    def weigh(self) -> Quantity:
        """Return a fresh, stable net weight in kilograms; raises `ScaleRefused`."""
        ...


class Sound(Protocol):
    """The loudspeaker."""

    def play(self, cue: Cue) -> None:
        """Start a short sound and return at once; a till without sound stays silent."""
        ...


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices of one till; what is `None` is not there."""

    printer: Printer | None = None
    drawer: Drawer | None = None
    scanner: Scanner | None = None
    display: CustomerDisplay | None = None
    scale: Scale | None = None
    sound: Sound | None = None
