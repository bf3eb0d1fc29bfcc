"""What tests of the office's books ask for by name: a database of their own, and two tills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from books import Ask, PaperTill, corner_shop, load

from activities.db.engine import Database
from activities.db.schema import metadata
from activities.keys import OfficeKey

# The guards of append-only tables are triggers, which a replica does not run.
_TABLES = [table for table in metadata.tables if table != "accounts"]
_EMPTY = "; ".join(
    ["SET LOCAL session_replication_role = replica", *map("DELETE FROM {}".format, _TABLES)]
)


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    """Empty books, the same database for all tests of a module."""
    opened = Database(postgres_url, as_owner=True)
    with opened.begin() as connection:
        connection.exec_driver_sql(_EMPTY)
    yield opened
    opened.close()


@pytest.fixture
def till(tmp_path: Path) -> PaperTill:
    return PaperTill(OfficeKey.at(tmp_path / "t1"))


@pytest.fixture
def other_till(tmp_path: Path) -> PaperTill:
    return PaperTill(OfficeKey.at(tmp_path / "t2"), "T2", "A2")


@pytest.fixture
def books(database: Database, till: PaperTill, other_till: PaperTill) -> Database:
    """Empty books of a corner shop that knows both tills."""
    load(database, corner_shop(till, other_till))
    return database


@pytest.fixture
def ask(books: Database) -> Ask:
    def asked(query: str) -> list[tuple[Any, ...]]:
        with books.begin() as connection:
            result = connection.exec_driver_sql(query)
            return [tuple(row) for row in result] if result.returns_rows else []

    return asked
