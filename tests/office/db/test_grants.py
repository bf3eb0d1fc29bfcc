"""The programs' own connection adds to books and reads them; it cannot change what stands there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from books import PaperTill, post_all, take_in
from fixtures_office import fresh_database
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError

from activities.db import audit, facts, grants
from activities.db.engine import Database
from activities.db.migrate import migrate
from activities.db.schema import metadata
from activities.keys import OfficeKey
from api.engines.postgres import EmbeddedPostgres
from domain.audit import Act, Actor

BOOKS = sorted(table for table, rights in grants.GRANTS.items() if rights == grants.ADD)
CHANGES = {
    "update": "UPDATE {} SET store_id = store_id",
    "delete": "DELETE FROM {}",
    "truncate": "TRUNCATE {}",
}


@pytest.fixture
def programs(books: Database, till: PaperTill) -> Iterator[Database]:
    """The database as a program opens it, with something in every book that has a guard."""
    opened = Database(books.url)
    take_in(opened, till.sell())
    post_all(opened, till)
    with opened.begin() as connection:
        audit.record(connection, till.key, Actor("ada", "manager"), Act("person_added", "bob"))
    yield opened
    opened.close()


def refused(database: Database, statement: str) -> bool:
    try:
        with database.begin() as connection:
            connection.exec_driver_sql(statement)
    except ProgrammingError as error:
        return isinstance(error.orig, InsufficientPrivilege)
    return False


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("table", BOOKS)
def test_no_book_can_be_changed_by_a_program_even_where_its_guards_are_gone(
    books: Database, programs: Database, table: str, change: str
) -> None:
    statement = change.format(table)
    with books.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")

    assert refused(programs, statement)
    # The same words do work for the owner, so it is the grants that refused them.
    assert not refused(
        books, f"{statement} CASCADE" if change == CHANGES["truncate"] else statement
    )
    with books.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_entries DISABLE TRIGGER USER",
        "DROP TRIGGER audit_entries_is_append_only ON audit_entries",
        "DROP TABLE sales",
        "SET LOCAL session_replication_role = replica",
        "CREATE TABLE notes (what text)",
        "ALTER FUNCTION refuse_change() RENAME TO refuse_nothing",
        "UPDATE alembic_version SET version_num = '0001'",
        "INSERT INTO accounts VALUES ('gifts', 'Gifts')",
    ],
)
def test_no_program_can_take_the_guards_away(programs: Database, statement: str) -> None:
    assert refused(programs, statement)


def test_every_table_is_granted_on_purpose() -> None:
    assert grants.GRANTS.keys() == {*metadata.tables, "alembic_version"}


def test_the_exports_own_connection_has_no_more_rights(programs: Database) -> None:
    with facts.snapshot(programs.url) as snapshot:
        snapshot._cursor.execute("SELECT current_user")  # noqa: SLF001 -- its connection is asked

        assert snapshot._cursor.fetchone() == (grants.ROLE,)  # noqa: SLF001 -- same


def test_a_role_that_every_office_of_a_cluster_wants_at_once_is_made_once(
    postgres: EmbeddedPostgres,
) -> None:
    owners = [Database(fresh_database(postgres), as_owner=True) for _ in range(4)]
    together = threading.Barrier(len(owners))

    def make_with_the_others(owner: Database) -> None:
        with owner.begin() as connection:
            together.wait(10)
            grants.make_role(connection, "wanted_by_all")

    with ThreadPoolExecutor(len(owners)) as pool:
        list(pool.map(make_with_the_others, owners))

    with owners[0].begin() as connection:
        connection.exec_driver_sql("DROP ROLE wanted_by_all")
    for owner in owners:
        owner.close()


@pytest.fixture
def tenant(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of a database whose owner is no superuser and may not make roles."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as owner:
        owner.execute("CREATE ROLE tenant LOGIN")
        owner.execute("CREATE DATABASE tenants_own OWNER tenant")
    yield postgres.url("tenants_own").replace("postgres@", "tenant@")
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as owner:
        owner.execute("DROP DATABASE tenants_own WITH (FORCE)")
        owner.execute("DROP ROLE tenant")


def test_an_owner_who_may_not_take_the_role_works_on_and_is_told_what_to_do(
    tenant: str, postgres: EmbeddedPostgres
) -> None:
    migrate(tenant)
    opened = Database(tenant)
    with opened.begin() as connection:
        before = grants.is_taken(connection)
    opened.close()

    with psycopg.connect(postgres.url("postgres"), autocommit=True) as administrator:
        administrator.execute(f"GRANT {grants.ROLE} TO tenant")
    migrate(tenant)

    again = Database(tenant)
    with again.begin() as connection:
        after = grants.is_taken(connection)
    again.close()
    assert (before, after) == (False, True)


def test_an_entry_of_the_audit_can_be_added_by_a_program(
    programs: Database, till: PaperTill
) -> None:
    key: OfficeKey = till.key
    with programs.begin() as connection:
        added = audit.record(connection, key, Actor("ada", "manager"), Act("till_revoked", "T2"))
        assert audit.last_entry(connection) == added
