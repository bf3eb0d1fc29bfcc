"""Taking journal entries in: each is verified, stored once in its place, or refused and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from activities.db.engine import Connection
from domain.errors import NotFound
from domain.journal import Entry, Head, RefusedEntry
from domain.sale import Sale


class UnknownTill(NotFound):
    """A till that no store has, or that has not registered its key yet."""

    def __init__(self, till_id: str) -> None:
        super().__init__(f"Till {till_id!r} is not known here. Enrol it first.")


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a batch; `sales` are those of the till that are stored but not posted yet.

    `waiting` counts all of them, `sales` holds the oldest, at most as many as were asked for.
    """

    store_id: str
    head: Head
    refused: tuple[RefusedEntry, ...]
    sales: tuple[Sale, ...]
    waiting: int


def take_in(
    connection: Connection, till_id: str, entries: Sequence[Entry], *, most_sales: int = 5
) -> Intake:
    """Verify and store a batch in one transaction; the till's head row is locked meanwhile.

    Raises `UnknownTill`. Repeating a batch changes nothing.
    """
    raise NotImplementedError


def head_of(connection: Connection, till_id: str) -> Head:
    """Return the end of the till's stored chain; raises `UnknownTill`."""
    raise NotImplementedError
