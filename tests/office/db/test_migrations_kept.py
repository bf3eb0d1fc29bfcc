"""Going down a step and up again keeps all that the step below knows, to the last byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.util import CommandError
from books import PaperTill, corner_shop, load, post_all, take_in
from fixtures_office import fresh_database
from sqlalchemy.exc import IntegrityError, ProgrammingError

from activities.db import invariants
from activities.db.engine import Database
from activities.db.migrate import migrate, migrate_down
from activities.keys import OfficeKey
from api.engines.postgres import EmbeddedPostgres

SHOP = ("stores", "tills", "people", "tax_rates", "products", "product_barcodes", "prices")
JOURNAL = ("till_heads", "journal_entries", "quarantined_entries")
LEDGER = (
    "accounts",
    "sales",
    "sale_lines",
    "line_taxes",
    "tenders",
    "stock_movements",
    "postings",
    "exports",
)
BEFORE_WHOLE_SHOP = "0008"
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def till(tmp_path: Path) -> PaperTill:
    return PaperTill(OfficeKey.at(tmp_path / "t1"))


@pytest.fixture
def sold(postgres: EmbeddedPostgres, till: PaperTill) -> Iterator[Database]:
    """Books of its own with a shop, three entries, one of them in quarantine, and two sales."""
    database = Database(fresh_database(postgres), as_owner=True)
    load(database, corner_shop(till))
    take_in(database, [*till.sell(2), till.write("sale", "{}")])
    post_all(database, till)
    take_in(database, [])
    yield database
    database.close()


def rows_of(database: Database, *tables: str) -> Rows:
    with database.begin() as connection:
        return {
            table: sorted(
                (tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")),  # noqa: S608 -- ours
                key=repr,
            )
            for table in tables
        }


def down_and_up(database: Database, step: str) -> None:
    database.close()
    migrate_down(database.url, step)
    database.close()
    migrate(database.url)


@pytest.mark.parametrize(
    ("step", "kept", "emptied"),
    [
        ("0003", (*SHOP, *JOURNAL, *LEDGER), ()),
        ("0002", (*SHOP, *JOURNAL), LEDGER[1:]),
        ("0001", SHOP, (*JOURNAL, *LEDGER[1:])),
    ],
)
def test_a_step_down_and_up_loses_only_its_own_tables(
    sold: Database, step: str, kept: tuple[str, ...], emptied: tuple[str, ...]
) -> None:
    before = rows_of(sold, *kept)

    down_and_up(sold, step)

    assert rows_of(sold, *kept) == before
    assert before["stores"]
    assert not any(rows_of(sold, *emptied).values())


def test_the_guards_are_back_over_rows_that_were_there_before(sold: Database) -> None:
    down_and_up(sold, "0003")

    with pytest.raises(IntegrityError, match="appended, never changed"), sold.begin() as connection:
        connection.exec_driver_sql("UPDATE sales SET total_minor = 0")
    with sold.begin() as connection:
        assert invariants.inspect(connection).violations == ()


def test_a_lost_ledger_is_posted_again_from_the_journal(sold: Database, till: PaperTill) -> None:
    tables = ("sale_lines", "line_taxes", "tenders", "stock_movements", "postings")
    before = rows_of(sold, *tables)
    down_and_up(sold, "0002")

    with sold.begin() as connection:
        connection.exec_driver_sql("UPDATE till_heads SET posted_sequence = 0")
    posted = post_all(sold, till)

    assert len(posted) == 2
    assert rows_of(sold, *tables) == before


def test_a_journal_taken_down_is_gone_and_the_till_sends_it_again(
    sold: Database, till: PaperTill
) -> None:
    down_and_up(sold, "0001")

    with sold.begin() as connection:
        heads = connection.exec_driver_sql("SELECT * FROM till_heads").all()
    load(sold, corner_shop(till))
    taken = take_in(sold, [])

    assert heads == []
    assert (taken.head.sequence, taken.refused) == (0, ())


def test_a_step_that_does_not_exist_is_refused_and_changes_nothing(sold: Database) -> None:
    before = rows_of(sold, *SHOP, *JOURNAL, *LEDGER)
    sold.close()

    with pytest.raises(CommandError, match="Can't locate revision identified by '0099'"):
        migrate(sold.url, "0099")

    assert rows_of(sold, *SHOP, *JOURNAL, *LEDGER) == before


def test_without_the_ledgers_step_there_is_no_ledger_to_write(sold: Database) -> None:
    sold.close()

    migrate_down(sold.url, "0002")

    with pytest.raises(ProgrammingError, match='"sales" does not exist'):
        rows_of(sold, "sales")


def test_an_admin_or_ops_of_one_store_becomes_what_their_pages_made_of_them(sold: Database) -> None:
    sold.close()
    migrate_down(sold.url, BEFORE_WHOLE_SHOP)
    with sold.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (id, name, role, store_id, password_hash) VALUES "
            "('ada', 'Ada', 'admin', 'S1', ''), ('oz', 'Oz', 'ops', 'S1', ''), "
            "('mia', 'Mia', 'manager', 'S1', '')"
        )
    sold.close()

    migrate(sold.url)

    with sold.begin() as connection:
        found = connection.exec_driver_sql("SELECT id, store_id FROM users ORDER BY id").all()
    assert found == [("ada", None), ("mia", "S1"), ("oz", None)]
