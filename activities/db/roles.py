"""Which roles the people of a store had near a moment: journals may come long after they tell it.

A till's clock is not the office's, and a till works by the catalogue that it fetched last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from activities.db.engine import Connection

TOLERANCE = dt.timedelta(minutes=15)
"""So far a till's clock and catalogue may be from the office's without anybody being blamed."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Every role that some people had, each person's in order."""

    _had: dict[str, list[sa.Row[Any]]]

    def near(self, person_id: str, moment: dt.datetime) -> frozenset[str]:
        """Return each role that somebody had within `TOLERANCE`; none without work in the store.

        The first role counts for all time before, even of who had left when the books began.
        """
        return frozenset(
            role
            for role, since, until in _spans(self._had.get(person_id, ()))
            if (since is None or since - TOLERANCE <= moment)
            and (until is None or moment < until + TOLERANCE)
        )

    def works_now(self, person_id: str) -> bool:
        """Tell whether somebody works in the store, as far as the books go."""
        had = self._had.get(person_id)
        return bool(had and had[-1].active)


def roles_of(connection: Connection, store_id: str, people: Collection[str]) -> Roles:
    """Look up these people of a store; who is not there had no role."""
    # No id of a person has a NUL, and PostgreSQL could not be asked for one.
    asked = [person for person in people if "\0" not in person]
    had: dict[str, list[sa.Row[Any]]] = {}
    for row in connection.execute(_HAD, {"store_id": store_id, "people": asked}):
        had.setdefault(row.person_id, []).append(row)
    return Roles(had)


def _spans(
    had: Sequence[sa.Row[Any]],
) -> Iterator[tuple[str, dt.datetime | None, dt.datetime | None]]:
    """Walk what somebody was, since when and until when; None is for ever."""
    if not had:
        return
    yield had[0].role, None, had[0].since
    ends = [*(after.since for after in had[1:]), None]
    for one, until in zip(had, ends, strict=True):
        if one.active:
            yield one.role, one.since, until


_HAD = sa.text("""
    SELECT person_id, role, active, since FROM person_roles
    WHERE store_id = :store_id AND person_id = ANY(:people) ORDER BY id
""")
