"""The way to PostgreSQL: one `Database` per process, one transaction per `begin`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from activities import audit_heads
from activities.db import grants
from domain.errors import DomainError

__all__ = [
    "RECORDED",
    "Connection",
    "Database",
    "DatabaseAway",
    "NotText",
    "ensure_database",
    "libpq_url",
]

RECORDED = "audit entry recorded"
"""Where a transaction keeps its last entry of the audit until it is committed."""

_CONNECT_TIMEOUT_S = 5
_STATEMENT_TIMEOUT_MS = 60_000


class DatabaseAway(DomainError):
    """PostgreSQL cannot be reached now; nothing was acknowledged, repeating is safe."""

    status = 503

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The office's database is away ({why}). Nothing was stored; repeat later."
        )


class NotText(DomainError):
    """A text with a character that no book of the office can hold."""

    def __init__(self) -> None:
        super().__init__(
            "What was sent has a text with the character NUL or half a character (a lone "
            "surrogate), which the office's books cannot hold. Nothing was stored; send it without."
        )


class Database:
    """A pool of connections to the office's PostgreSQL, in the role of the office's programs.

    `as_owner` keeps the role of who logs in, for what only the schema's owner may do. In the file
    `heads` the end of the audit is noted after each transaction that has added to it.
    """

    def __init__(
        self,
        url: str,
        *,
        most_connections: int = 16,
        as_owner: bool = False,
        heads: Path | None = None,
    ) -> None:
        self.url = url
        self._heads = heads
        self._engine = sa.create_engine(
            driver_url(url),
            pool_size=most_connections,
            max_overflow=0,
            pool_pre_ping=True,
            # What a statement was given may be a person's, and errors go into logs.
            hide_parameters=True,
            connect_args={
                "connect_timeout": _CONNECT_TIMEOUT_S,
                "options": f"-c timezone=UTC -c statement_timeout={_STATEMENT_TIMEOUT_MS}",
            },
        )
        if not as_owner:
            sa.event.listen(self._engine, "connect", _take_role)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back when anything is raised inside.

        Raises `DatabaseAway` when PostgreSQL is not there or goes away meanwhile, and `NotText`
        when it was given a text that cannot be stored.
        """
        try:
            with self._engine.begin() as connection:
                connection.info.pop(RECORDED, None)
                yield connection
                recorded = connection.info.pop(RECORDED, None)
            if recorded is not None and self._heads is not None:
                audit_heads.note(self._heads, recorded)
        except (DBAPIError, psycopg.OperationalError) as error:
            said = error.orig if isinstance(error, DBAPIError) else error
            if isinstance(said, psycopg.Error) and _is_away(said):
                raise DatabaseAway(str(said).strip().partition("\n")[0]) from error
            if isinstance(said, psycopg.DataError) and "NUL" in str(said):
                raise NotText from error
            raise
        except UnicodeEncodeError as error:
            raise NotText from error

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _take_role(connection: psycopg.Connection, _: object) -> None:
    connection.execute(grants.TAKE)
    connection.commit()


_AWAY = (
    psycopg.errors.AdminShutdown,
    psycopg.errors.CrashShutdown,
    psycopg.errors.CannotConnectNow,
    psycopg.errors.TooManyConnections,
)


def _is_away(error: psycopg.Error) -> bool:
    """Tell whether the server is gone; a broken connection has no SQLSTATE."""
    lost = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
    return lost or isinstance(error, _AWAY)


def libpq_url(url: str) -> str:
    """Return the address as PostgreSQL's own tools and ADBC write it, without a driver's name."""
    return f"postgresql://{url.partition('://')[2]}"


def driver_url(url: str) -> str:
    """Return the address as SQLAlchemy wants it, with psycopg as its driver."""
    return libpq_url(url).replace("postgresql://", "postgresql+psycopg://", 1)


def ensure_database(url: str) -> None:
    """Create the database that the address names, unless it is there."""
    parsed = sa.make_url(driver_url(url))
    name = parsed.database or ""
    with sa.create_engine(
        parsed.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    ).connect() as connection:
        there = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
        if connection.execute(there, {"name": name}).first() is None:
            quoted = connection.dialect.identifier_preparer.quote(name)
            connection.execute(
                sa.text(f"CREATE DATABASE {quoted} ENCODING 'UTF8' TEMPLATE template0")
            )
