"""Bringing a database to the schema this program expects, or back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from activities.db import grants
from activities.db.engine import driver_url, ensure_database

_ONE_AT_A_TIME = 8420_0001
"""Key of the advisory lock that makes a second office wait until the first one has migrated."""

_NEWEST = "head"


def migrate(url: str, revision: str = _NEWEST) -> None:
    """Create the database when it is missing and apply all migrations up to `revision`.

    The newest schema is then granted to the role of the office's programs.
    """
    ensure_database(url)
    with _alembic(url) as config:
        command.upgrade(config, revision)
        if revision == _NEWEST:
            grants.grant(config.attributes["connection"])


def migrate_down(url: str, revision: str = "base") -> None:
    """Take migrations back down to `revision`, with all that they hold."""
    with _alembic(url) as config:
        command.downgrade(config, revision)


@contextmanager
def _alembic(url: str) -> Iterator[Config]:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = sa.create_engine(driver_url(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        config.attributes["connection"] = connection
        yield config
