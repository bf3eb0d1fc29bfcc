"""Bringing a database to the schema this program expects, or back."""

from __future__ import annotations


def migrate(url: str, revision: str = "head") -> None:
    """Create the database when it is missing and apply all migrations up to `revision`."""
    raise NotImplementedError


def migrate_down(url: str, revision: str = "base") -> None:
    """Take migrations back down to `revision`, with all that they hold."""
    raise NotImplementedError
