"""The database itself refuses what no program should write, each time by a name that says why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from books import Ask, PaperTill, corner_shop, load, post_all, take_in
from builders import AT
from psycopg.errors import NotNullViolation
from sqlalchemy.exc import IntegrityError

from activities.db import audit, callers, sessions, tokens
from activities.db.engine import Database
from activities.db.schema import metadata
from activities.keys import OfficeKey
from domain.audit import Act, Actor

ANY_ID = "gen_random_uuid()"
WRONG_ROWS: dict[str, tuple[str, dict[str, str]]] = {
    # Of a sound row the constraint is broken by changing these columns and inserting it again.
    "stores_pkey": ("stores", {}),
    "store_currency_is_iso_4217": ("stores", {"id": "'S2'", "currency": "'euro'"}),
    "cash_step_is_positive": ("stores", {"id": "'S2'", "cash_step_minor": "0"}),
    "tills_pkey": ("tills", {}),
    "till_belongs_to_a_store": ("tills", {"store_id": "'S9'", "id": "'T9'"}),
    "till_id_is_taken_once": ("tills", {"store_id": "'S9'"}),
    "receipt_series_is_taken_once": ("tills", {"id": "'T9'"}),
    "till_standing_is_known": ("tills", {"standing": "'asleep'"}),
    "enrolment_codes_pkey": ("enrolment_codes", {}),
    "enrolment_code_id_is_taken_once": ("enrolment_codes", {"store_id": "'S9'"}),
    "code_enrols_a_till": ("enrolment_codes", {"id": "'OTHR'", "till_id": "'T9'"}),
    "exception_tasks_pkey": ("exception_tasks", {"kind": "'other'"}),
    "task_is_opened_once": ("exception_tasks", {"id": ANY_ID}),
    "task_amount_has_a_currency": (
        "exception_tasks",
        {"id": ANY_ID, "kind": "'other'", "amount_minor": "350"},
    ),
    "task_is_resolved_by_somebody": (
        "exception_tasks",
        {"id": ANY_ID, "kind": "'other'", "resolved_at": "now()"},
    ),
    "till_key_is_ed25519_in_hex": ("tills", {"public_key": "repeat('G', 64)"}),
    "people_pkey": ("people", {}),
    "person_roles_pkey": ("person_roles", {}),
    "role_is_of_a_person": (
        "person_roles",
        {"id": "(SELECT max(id) + 1 FROM person_roles)", "person_id": "'p404'"},
    ),
    "person_works_in_a_store": ("people", {"store_id": "'S9'"}),
    "badge_mark_is_a_digest": ("people", {"id": "'p2'", "badge_mark": "'TFBADA'"}),
    "users_pkey": ("users", {}),
    "user_id_is_lower_case": ("users", {"id": "'Ada'"}),
    "user_role_is_a_persons": ("users", {"id": "'till'", "role": "'till'"}),
    "user_works_in_a_store": (
        "users",
        {"id": "'ben'", "role": "'manager'", "store_id": "'S9'"},
    ),
    "admin_and_ops_work_for_every_store": ("users", {"id": "'ben'", "store_id": "'S1'"}),
    "user_is_a_person_of_the_store": (
        "users",
        {"id": "'ben'", "role": "'manager'", "store_id": "'S1'", "person_id": "'p404'"},
    ),
    "web_sessions_pkey": ("web_sessions", {}),
    "session_is_a_users": ("web_sessions", {"token_hash": "'t2'", "user_id": "'nobody'"}),
    "tax_rates_pkey": ("tax_rates", {}),
    "tax_is_due_in_a_store": ("tax_rates", {"store_id": "'S9'"}),
    "tax_rate_is_not_negative": ("tax_rates", {"rate_ppm": "-1"}),
    "products_pkey": ("products", {}),
    "product_barcodes_pkey": ("product_barcodes", {}),
    "barcode_is_taken_once": ("product_barcodes", {"sku": "'MILK'"}),
    "barcode_has_14_digits": ("product_barcodes", {"gtin": "'4006381333931'"}),
    "barcode_belongs_to_a_product": (
        "product_barcodes",
        {"gtin": "'00000040170725'", "sku": "'NIL'"},
    ),
    "prices_pkey": ("prices", {}),
    "price_is_asked_in_a_store": ("prices", {"store_id": "'S9'"}),
    "price_is_of_a_product": ("prices", {"sku": "'NIL'"}),
    "price_is_not_negative": ("prices", {"price_micros": "-1"}),
    "till_heads_pkey": ("till_heads", {}),
    "head_is_of_a_till": ("till_heads", {"till_id": "'T9'"}),
    "posted_is_behind_head": ("till_heads", {"posted_sequence": "sequence + 1"}),
    "journal_entries_pkey": ("journal_entries", {}),
    "entry_is_of_a_till": ("journal_entries", {"till_id": "'T9'"}),
    "sequence_starts_at_one": ("journal_entries", {"sequence": "0"}),
    "sale_entry_is_hashed": ("journal_entries", {"sequence": "9", "content_hash": "NULL"}),
    "quarantined_entries_pkey": ("quarantined_entries", {"sent_hash": "'x'"}),
    "quarantine_source_is_known": ("quarantined_entries", {"source": "'post'"}),
    "quarantined_once": ("quarantined_entries", {"id": "id + 1"}),
    "accounts_pkey": ("accounts", {}),
    "sales_pkey": ("sales", {}),
    "sale_is_recorded_once": ("sales", {"store_id": "'S9'"}),
    "sale_currency_is_iso_4217": ("sales", {"id": ANY_ID, "currency": "'EURO'"}),
    "change_is_not_negative": ("sales", {"change_minor": "-1", "tendered_minor": "349"}),
    "sale_has_lines": ("sales", {"line_count": "0"}),
    "receipt_number_is_taken_once": ("sales", {"id": ANY_ID}),
    "sale_is_made_at_a_till": ("sales", {"id": ANY_ID, "receipt_number": "'9'", "till_id": "'T9'"}),
    "tenders_less_change_are_the_total": ("sales", {"total_minor": "total_minor + 1"}),
    "sale_adds_up": ("sales", {"id": ANY_ID, "receipt_number": "'9'"}),
    "sale_lines_pkey": ("sale_lines", {}),
    "line_quantity_is_not_zero": ("sale_lines", {"quantity_thousandths": "0"}),
    "line_taxes_pkey": ("line_taxes", {}),
    "tenders_pkey": ("tenders", {}),
    "tender_is_above_zero": ("tenders", {"given_minor": "0", "kept_minor": "0"}),
    "kept_is_part_of_given": ("tenders", {"kept_minor": "given_minor + 1"}),
    "stock_moves_once_per_line_and_kind": ("stock_movements", {}),
    "movement_is_not_zero": ("stock_movements", {"quantity_thousandths": "0"}),
    "postings_pkey": ("postings", {}),
    "posting_is_to_an_account": ("postings", {"source_id": ANY_ID, "account": "'gifts'"}),
    "posting_is_not_zero": ("postings", {"amount_minor": "0"}),
    "audit_entries_pkey": ("audit_entries", {}),
    "audit_sequence_is_taken_once": ("audit_entries", {"store_id": "'S9'"}),
    "audit_sequence_starts_at_one": ("audit_entries", {"sequence": "0"}),
    "authorization_codes_pkey": ("authorization_codes", {}),
    "code_is_a_users": ("authorization_codes", {"code_hash": "'c2'", "user_id": "'nobody'"}),
    "refresh_tokens_pkey": ("refresh_tokens", {}),
    "refresh_token_is_a_users": (
        "refresh_tokens",
        {"token_hash": "'r2'", "user_id": "'nobody'"},
    ),
    "spent_tokens_pkey": ("spent_tokens", {}),
    "exports_pkey": ("exports", {}),
    "export_is_of_a_store": ("exports", {"store_id": "'S9'"}),
}
MAY_BE_EMPTY = {
    "users": {"store_id", "person_id", "locked_until"},
    "tills": {"lease_until", "enrolled_at"},
    "enrolment_codes": {"used_at"},
    "exception_tasks": {"amount_minor", "currency", "resolved_at", "resolved_by", "resolution"},
    "till_heads": {"last_seen"},
    "journal_entries": {"sale_id", "content_hash"},
    "quarantined_entries": {"epoch", "sequence", "sale_id"},
    "sales": {"document"},
    "authorization_codes": {"used_at"},
    "refresh_tokens": {"used_at", "revoked_at"},
}


@pytest.fixture(scope="module")
def ask(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Books with at least one sound row in every table; nothing here changes them."""
    opened = Database(postgres_url, as_owner=True)
    till = PaperTill(OfficeKey.at(tmp_path_factory.mktemp("keys") / "t1"))
    load(opened, corner_shop(till))
    with opened.begin() as connection:
        audit.record(connection, till.key, Actor("ada", "manager"), Act("shop_loaded", "S1"))
    take_in(opened, [*till.sell(), till.write("sale", "{}")])
    post_all(opened, till)

    def asked(query: str) -> list[tuple[Any, ...]]:
        with opened.begin() as connection:
            result = connection.exec_driver_sql(query)
            return [tuple(row) for row in result] if result.returns_rows else []

    asked("INSERT INTO users (id, name, role, password_hash) VALUES ('ada', 'Ada', 'admin', '')")
    with opened.begin() as connection:
        code = tokens.CodeAsked("cli", "http://127.0.0.1/callback", "")
        tokens.make_code(connection, "ada", code)
        tokens.make_refresh_token(connection, tokens.LogIn("ada", uuid4()), "cli")
        callers.spend(connection, callers.Once("key/proof", AT))
        sessions.begin(connection, "ada", AT)
    asked("INSERT INTO exports VALUES ('S1', '2026-11-21', 1, 350)")
    asked(
        "INSERT INTO enrolment_codes (store_id, till_id, id, secret_hash, made_by, expires_at)"
        " VALUES ('S1', 'T1', 'K7QM', 'digest', 'mia', now())"
    )
    asked(
        "INSERT INTO exception_tasks (store_id, id, kind, subject, why, owner_role)"
        " VALUES ('S1', gen_random_uuid(), 'till_forked', 'T1', 'It was copied.', 'manager')"
    )
    yield asked
    opened.close()


def again(table: str, changed: dict[str, str]) -> str:
    """Write one row of the table a second time, with other words in some columns."""
    names = [column.name for column in metadata.tables[table].columns]
    values = [changed.get(name, name) for name in names]
    return (
        f"INSERT INTO {table} ({', '.join(names)}) OVERRIDING SYSTEM VALUE "  # noqa: S608 -- ours
        f"SELECT {', '.join(values)} FROM {table} ORDER BY 1, 2 LIMIT 1"
    )


def rows_of(ask: Ask, table: str) -> list[tuple[object, ...]]:
    return sorted(ask(f"SELECT * FROM {table}"), key=repr)  # noqa: S608 -- ours


@pytest.mark.parametrize("constraint", WRONG_ROWS)
def test_a_wrong_row_is_refused_by_the_name_of_what_it_breaks(ask: Ask, constraint: str) -> None:
    table, changed = WRONG_ROWS[constraint]
    before = rows_of(ask, table)

    with pytest.raises(IntegrityError) as refused:
        ask(again(table, changed))

    assert isinstance(refused.value.orig, psycopg.Error)
    assert refused.value.orig.diag.constraint_name == constraint
    assert before
    assert rows_of(ask, table) == before


def test_no_constraint_is_left_untried(ask: Ask) -> None:
    named = ask("""
        SELECT conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.connamespace = 'public'::regnamespace AND t.relname <> 'alembic_version'
          AND c.contype <> 'n'
    """)

    assert {name for (name,) in named} == WRONG_ROWS.keys()


def test_only_columns_that_mean_something_empty_may_be_empty(ask: Ask) -> None:
    found = ask("""
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND is_nullable = 'YES'
    """)

    assert {(str(table), str(column)) for table, column in found} == {
        (table, column) for table, columns in MAY_BE_EMPTY.items() for column in columns
    }


def test_an_empty_column_is_refused_by_its_name(ask: Ask) -> None:
    with pytest.raises(IntegrityError, match="receipt_number") as refused:
        ask(again("sales", {"id": ANY_ID, "receipt_number": "NULL"}))

    assert isinstance(refused.value.orig, NotNullViolation)
