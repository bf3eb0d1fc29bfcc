"""Which role the people of a store had at a moment: journals may come long after what they tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from activities.db.engine import Connection


@dataclass(frozen=True, slots=True)
class Roles:
    """Every role that some people had, each person's in order."""

    _had: dict[str, list[sa.Row[Any]]]

    def at(self, person_id: str, moment: dt.datetime) -> str | None:
        """Return somebody's role at a moment, None for who did not work in the store then.

        The first role counts for all time before: a till's clock may be behind the office's.
        """
        had: Sequence[sa.Row[Any]] = self._had.get(person_id, ())
        if not had:
            return None
        last = next((one for one in reversed(had) if one.since <= moment), had[0])
        return str(last.role) if last.active else None


def roles_of(connection: Connection, store_id: str, people: Collection[str]) -> Roles:
    """Look up these people of a store; who is not there had no role."""
    # No id of a person has a NUL, and PostgreSQL could not be asked for one.
    asked = [person for person in people if "\0" not in person]
    had: dict[str, list[sa.Row[Any]]] = {}
    for row in connection.execute(_HAD, {"store_id": store_id, "people": asked}):
        had.setdefault(row.person_id, []).append(row)
    return Roles(had)


_HAD = sa.text("""
    SELECT person_id, role, active, since FROM person_roles
    WHERE store_id = :store_id AND person_id = ANY(:people) ORDER BY id
""")
