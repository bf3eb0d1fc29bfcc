"""A whole till on its counter for tests: sample shop, real journal, devices with fault switches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TypeVar

from builders import AT, new_id

from domain.catalog import Snapshot, Till
from domain.events import Event
from domain.journal import Entry
from domain.money import Money
from till_kivy import sample
from till_kivy.catalog import SqliteCatalog
from till_kivy.clock import HandClock
from till_kivy.hardware.protocols import Devices, Printer
from till_kivy.hardware.simulated import (
    SimulatedDisplay,
    SimulatedDrawer,
    SimulatedPrinter,
    SimulatedScale,
    SimulatedSound,
)
from till_kivy.journal import Journal
from till_kivy.keystore import FileKeyStore
from till_kivy.register import Register
from till_kivy.view import Message

T = TypeVar("T")
CASHIER = "anna"
TILL: Till = sample.TILL
CROISSANT = sample.gtin(1)  # 1.40
BREAD = sample.gtin(2)  # 4.20
BLOCKED = sample.gtin(90_001)


def euros(text: str) -> Money:
    """Read an amount such as `3.50`."""
    whole, _, cents = text.partition(".")
    return Money(int(whole) * 100 + int(cents.ljust(2, "0")), "EUR")


@dataclass
class Counter:
    """The register and everything around it, each part within reach."""

    folder: Path
    catalog: SqliteCatalog
    journal: Journal
    printer: SimulatedPrinter = field(default_factory=SimulatedPrinter)
    drawer: SimulatedDrawer = field(default_factory=SimulatedDrawer)
    display: SimulatedDisplay = field(default_factory=SimulatedDisplay)
    scale: SimulatedScale = field(default_factory=SimulatedScale)
    sound: SimulatedSound = field(default_factory=SimulatedSound)
    clock: HandClock = field(default_factory=lambda: HandClock(AT))
    register: Register = field(init=False)

    @classmethod
    def open(
        cls, folder: Path, snapshot: Snapshot | None = None, *, as_it_is: bool = False
    ) -> Self:
        """Open the till of a folder with the sample shop, or another one, and start it."""
        keys = FileKeyStore(folder)
        keys.create()
        key, clock = keys.journal_key(), HandClock(AT)
        catalog = SqliteCatalog(folder / "catalog.sqlite", key)
        if not catalog.version and not as_it_is:
            catalog.replace(snapshot or sample.snapshot())
        journal = Journal.open(folder / "journal.sqlite", key, keys.signer(), TILL.id, clock)
        counter = cls(folder, catalog, journal, clock=clock)
        counter.put_up(counter.printer)
        return counter

    def put_up(self, printer: Printer | None) -> None:
        """Start the register with another printer, or without one."""
        devices = Devices(
            printer=printer,
            drawer=self.drawer,
            display=self.display,
            scale=self.scale,
            sound=self.sound,
        )
        if hasattr(self, "register"):
            self.register.stop()
        self.register = Register(TILL, self.catalog, self.journal, devices, self.clock, new_id)
        self.register.start("test")

    def log_in(self, person_id: str = CASHIER) -> Self:
        """Let somebody of the sample shop work here."""
        self.register.log_in(person_id, sample.PIN)
        return self

    def restart(self) -> Counter:
        """Let the program end and come up again."""
        self.close()
        return Counter.open(self.folder)

    def close(self) -> None:
        """End the program."""
        self.register.stop()
        self.journal.close()
        self.catalog.close()

    def entries(self) -> list[Entry]:
        """Return the whole journal."""
        return self.journal.entries(0, 10_000)

    def events(self, kind: type[T]) -> list[T]:
        """Return what the journal says of one kind."""
        found: list[Event] = [self.journal.event_of(entry) for entry in self.entries()]
        return [event for event in found if isinstance(event, kind)]

    def kinds(self) -> list[str]:
        """Return the words of all entries in order."""
        return [entry.kind for entry in self.entries()]

    @property
    def message(self) -> Message:
        """What the screen says to the cashier."""
        message = self.register.view().message
        assert message is not None, "the screen says nothing"
        return message


def with_lines(counter: Counter, *codes: str) -> Counter:
    """Log in and scan some codes."""
    counter.log_in()
    for code in codes:
        counter.register.scan(code)
    return counter


Action = Callable[[Register], object]
