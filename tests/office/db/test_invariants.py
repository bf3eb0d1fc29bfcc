"""The checker finds nothing in sound books, and each kind of damage in damaged ones."""

from __future__ import annotations

import pytest
from books import Ask, PaperTill, keyless_sale, post, post_all, take_in
from builders import sale

from activities.db import invariants
from activities.db.engine import Database
from activities.db.invariants import Inspection, Violation

DAMAGE = {
    "I1 gone": ("DELETE FROM sales", "I1"),
    "I1 twice": ("INSERT INTO sales SELECT (s).* FROM sales s", "I1"),
    "I1 lines": ("DELETE FROM sale_lines", "I1"),
    "I2": ("UPDATE tenders SET given_minor = given_minor + 1", "I2"),
    "I2 kept": ("UPDATE tenders SET kept_minor = 0", "I2"),
    "I3": ("UPDATE postings SET amount_minor = amount_minor + 1 WHERE account = 'tax'", "I3"),
    "I3 cash": ("UPDATE postings SET amount_minor = 2 * amount_minor", "I3"),
    "I6": ("UPDATE stock_movements SET quantity_thousandths = -5000", "I6"),
    "I6 moved twice": (
        """
        INSERT INTO stock_movements
        SELECT store_id, gen_random_uuid(), kind, sku, quantity_thousandths, unit, business_date
        FROM stock_movements
        """,
        "I6",
    ),
    "I8 body": ("UPDATE journal_entries SET body = replace(body, 'Tea', 'Pea')", "I8"),
    "I8 signature": ("UPDATE journal_entries SET signature = repeat('0', 128)", "I8"),
    "I8 gap": ("DELETE FROM journal_entries WHERE sequence = 1", "I8"),
    "I8 tail": ("DELETE FROM journal_entries WHERE sequence = 2", "I8"),
    "I8 head": ("UPDATE till_heads SET hash = repeat('f', 64) WHERE till_id = 'T1'", "I8"),
    "I9": ("UPDATE sales SET receipt_number = 'A1-000001'", "I9"),
    "I10 receipt": ("UPDATE line_taxes SET tax_minor = tax_minor + 1", "I10"),
    "I10 day": ("UPDATE sales SET tax_minor = tax_minor - 1", "I10"),
}
UNGUARDED = """
    SET LOCAL session_replication_role = replica;
    ALTER TABLE sales DROP CONSTRAINT IF EXISTS sales_pkey;
    ALTER TABLE sales DROP CONSTRAINT IF EXISTS sale_is_recorded_once;
    ALTER TABLE sales DROP CONSTRAINT IF EXISTS receipt_number_is_taken_once;
"""


@pytest.fixture
def sold(books: Database, till: PaperTill) -> Database:
    """Books with two sales of a till's journal in them."""
    take_in(books, till.sell(2))
    post_all(books, till)
    take_in(books, [])
    return books


def _inspect(database: Database) -> Inspection:
    with database.begin() as connection:
        return invariants.inspect(connection)


def test_sound_books_have_no_violations(sold: Database) -> None:
    post(sold, keyless_sale("A0-000001"))

    found = _inspect(sold)

    assert found.violations == ()
    assert found.checked["sales"] == 3
    assert found.checked["entries"] == 2


def test_what_is_in_quarantine_is_accounted_for(books: Database, till: PaperTill) -> None:
    batch = [till.write("sale", "{}"), till.record(sale()), *till.sell()]
    take_in(books, batch)
    post_all(books, till)

    take_in(books, batch)

    assert _inspect(books).violations == ()


@pytest.mark.parametrize("name", DAMAGE)
def test_each_kind_of_damage_is_found(sold: Database, name: str) -> None:
    damage, invariant = DAMAGE[name]

    with sold.begin() as connection:
        connection.exec_driver_sql(UNGUARDED)
        connection.exec_driver_sql(damage)
        found = list(invariants.violations(connection))
        # Nothing of it is kept: the next test has sound tables again.
        connection.rollback()

    assert invariant in {violation.invariant for violation in found}


def test_a_sale_that_was_acknowledged_and_not_posted_is_named(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    take_in(books, till.sell())
    ask("UPDATE till_heads SET posted_sequence = 1 WHERE till_id = 'T1'")

    (violation,) = _inspect(books).violations

    assert (violation.invariant, violation.where) == ("I1", "T1")
    assert "neither in the ledger nor in quarantine" in str(violation)


def test_a_violation_reads_as_a_sentence() -> None:
    violation = Violation("I8", "T1", "its journal ends at 3, its head says 4")

    assert str(violation) == "I8 T1: its journal ends at 3, its head says 4"
