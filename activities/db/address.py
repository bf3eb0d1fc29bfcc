"""The address of the database as people may see it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from activities.db.engine import libpq_url

PORT = 5432
UNREADABLE = "an address that cannot be read"
_HIDDEN = "hidden"


def shown(url: str) -> str:
    """Return the address with its passwords masked; of one that cannot be read nothing is told."""
    parsed = _parsed(url)
    if parsed is None:
        return UNREADABLE
    masked = {name: _HIDDEN for name in parsed.query if "password" in name.lower()}
    if parsed.password is None and not masked:
        return libpq_url(url)
    return parsed.update_query_dict(masked).render_as_string(hide_password=True)


def is_readable(url: str) -> bool:
    """Tell whether the address has the form `postgresql://user:password@host/name`."""
    return _parsed(url) is not None


def place(url: str) -> tuple[str, int] | None:
    """Return host and port; None for a socket of this machine."""
    parsed = _parsed(url)
    if parsed is None or not parsed.host:
        return None
    return parsed.host, parsed.port or PORT


def _parsed(url: str) -> sa.URL | None:
    try:
        parsed = sa.make_url(libpq_url(url))
    except (ArgumentError, ValueError):
        return None
    # A password's own @ that was not written as %40 would be told as part of the host.
    return None if "@" in (parsed.host or "") else parsed
