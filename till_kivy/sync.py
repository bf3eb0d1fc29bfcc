"""Brings the office's newest catalogue to the till; without the office the last one is good."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from domain.catalog import Snapshot
from till_kivy.errors import TillError
from till_kivy.loop import Loop
from till_kivy.office import Office

EVERY_S = 20.0


class Shelf(Protocol):
    """Where the till keeps its catalogue."""

    @property
    def version(self) -> int:
        """The catalogue's version, 0 for none."""
        ...

    def replace(self, snapshot: Snapshot) -> None:
        """Put another catalogue in the place of this one, whole or not at all."""
        ...


class CatalogSync:
    """A thread that asks for a newer catalogue; `heard` is told "" or why the office is away."""

    def __init__(
        self,
        office: Office,
        shelf: Shelf,
        heard: Callable[[str], None],
        every_s: float = EVERY_S,
    ) -> None:
        self._office = office
        self._shelf = shelf
        self._heard = heard
        self._every_s = every_s
        self._up_to_date = threading.Event()
        self._loop = Loop("catalogue", self._step)

    def start(self) -> None:
        """Begin to ask."""
        self._loop.start()

    def stop(self) -> None:
        """End after the question at hand."""
        self._loop.stop()

    def nudge(self) -> None:
        """Ask now."""
        self._loop.nudge()

    def wait(self, deadline_s: float) -> bool:
        """Tell whether the office's catalogue arrived, or proved to be this one, in time."""
        return self._up_to_date.wait(deadline_s)

    def _step(self) -> float:
        try:
            snapshot = self._office.snapshot(self._shelf.version)
        except TillError as error:
            self._heard(str(error))
        else:
            self._take(snapshot)
        return self._every_s

    def _take(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self._shelf.replace(snapshot)
        self._up_to_date.set()
        self._heard("")
