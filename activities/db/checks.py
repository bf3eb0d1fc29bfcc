"""What is asked of every name that a form brings: that pages can link to it, and stores exist."""

from __future__ import annotations

import re

import sqlalchemy as sa

from activities.db.engine import Connection
from domain.errors import DomainError, NotFound

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")


class BadId(DomainError):
    """A name that no page could link to and nobody could read out."""

    def __init__(self, field: str, what: str, text: str) -> None:
        self.field = field
        super().__init__(
            f"{what} is {text[:100]!r}; expected a letter or digit of a to z and 0 to 9, and after "
            "it up to 99 of these or . _ @ + -. Nothing was changed."
        )


class NoSuchStore(NotFound):
    """A store that the office was not told about."""

    field = "store_id"

    def __init__(self, store_id: str) -> None:
        super().__init__(f"There is no store {store_id!r}.")


def plain_id(field: str, what: str, text: str) -> str:
    """Return what a field holds without blanks around it; raises `BadId`, which calls it `what`."""
    found = text.strip()
    if not _PLAIN.fullmatch(found):
        raise BadId(field, what, found)
    return found


def insist_on_store(connection: Connection, store_id: str) -> None:
    """Raise `NoSuchStore` unless the office knows this store."""
    if connection.execute(_STORE, {"id": store_id}).first() is None:
        raise NoSuchStore(store_id)


_STORE = sa.text("SELECT FROM stores WHERE id = :id")
