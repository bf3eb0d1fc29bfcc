"""The schema goes up and down, says what everything means, and is what the program expects."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from books import Ask

from activities import db
from activities.db.engine import Database, ensure_database
from activities.db.migrate import migrate, migrate_down
from activities.db.schema import metadata
from api.engines.postgres import EmbeddedPostgres

STEPS = sorted(
    path.name[:4] for path in (Path(db.__path__[0]) / "migrations/versions").glob("*.py")
)
THINGS = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


@pytest.fixture
def url(postgres: EmbeddedPostgres, request: pytest.FixtureRequest) -> str:
    """The address of a database that is not there yet."""
    return postgres.url(request.node.name[:40])


def _things(url: str) -> set[str]:
    database = Database(url, as_owner=True)
    with database.begin() as connection:
        found = set(connection.scalars(sa.text(THINGS)))
    database.close()
    return found - {"alembic_version", "alembic_version_pkc"}


def test_the_schema_goes_up_and_all_the_way_down_again(url: str) -> None:
    migrate(url)
    there = _things(url)
    migrate_down(url)
    gone = _things(url)
    migrate(url)

    assert {"sales", "journal_entries", "refuse_change"} <= there
    assert gone == set()
    assert _things(url) == there


@pytest.mark.parametrize("step", STEPS)
def test_every_step_goes_down_and_up_by_itself(url: str, step: str) -> None:
    migrate(url)
    there = _things(url)

    migrate_down(url, step)
    migrate(url)

    assert _things(url) == there


def test_migrating_again_changes_nothing(url: str) -> None:
    migrate(url)
    before = _things(url)

    ensure_database(url)
    migrate(url)

    assert _things(url) == before


def test_queries_name_the_columns_that_are_there(books: Database) -> None:
    with books.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, metadata)

    # Nullability, keys, indexes and comments are told by migrations alone.
    words = [change[0] if isinstance(change, tuple) else change[0][0] for change in found]
    wrong = {"add_table", "remove_table", "add_column", "remove_column", "modify_type"}
    assert wrong.isdisjoint(words)


def test_every_table_and_column_says_what_it_means(ask: Ask) -> None:
    silent = ask("""
        SELECT c.relname, a.attname
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
          AND c.relname <> 'alembic_version' AND NOT a.attisdropped
          AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)
    """)

    assert silent == []


def test_every_table_that_grows_has_the_store_in_its_key(ask: Ask) -> None:
    keys: dict[str, str] = dict(
        ask("""
            SELECT conrelid::regclass::text, pg_get_constraintdef(oid)
            FROM pg_constraint WHERE contype = 'p' AND connamespace = 'public'::regnamespace
        """)
    )

    without = {table for table, key in keys.items() if "store_id" not in key}

    everywhere = {"alembic_version", "stores", "products", "product_barcodes", "accounts"}
    # Users work for one store or all; what they prove themselves with follows them and ends soon.
    of_users = {"users", "web_sessions", "authorization_codes", "refresh_tokens", "spent_tokens"}
    assert without == everywhere | of_users


def test_every_constraint_has_a_name_somebody_gave_it(ask: Ask) -> None:
    unnamed = ask("""
        SELECT conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'u')
          AND conname ~ '_(check|fkey|key)[0-9]*$'
    """)

    assert unnamed == []
