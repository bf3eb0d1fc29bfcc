"""The office as a till sees it: it takes entries and hands out the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.catalog import Snapshot
from domain.journal import Acknowledgement, Entry


class Office(Protocol):
    """Whoever keeps the replica; both calls raise `OfficeAway` or `OfficeRefused`."""

    def send(self, entries: Sequence[Entry]) -> Acknowledgement:
        """Hand over entries in order and return what the office now holds."""
        ...

    def snapshot(self, version: int) -> Snapshot | None:
        """Return the catalogue if it is newer than `version`, else `None`."""
        ...
