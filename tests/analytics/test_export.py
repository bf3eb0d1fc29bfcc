from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from exported import facts_of
from exporting import Selling, day_of, files_in
from pyarrow import parquet as pyarrow_parquet
from world_shop import BERLIN, KUWAIT, STORES, TOKYO, Shopping

from activities import parquet
from activities.db import facts
from activities.db.posting import post_sales
from activities.db.tally import ledger_tally
from activities.export import Exporter
from activities.parquet import Place
from domain.facts import TABLES, SaleFact, StoreFact
from workflows.steps import ExportAsked, ExportedDay, StoreDay


def test_the_files_hold_exactly_what_the_sales_were(selling: Selling) -> None:
    sales = Shopping(1).sales(200)
    selling.post(sales)

    selling.export()

    for table, expected in facts_of(sales, STORES).items():
        assert _written(selling.folder, table) == _sorted(asdict(row) for row in expected), table


def test_the_warehouse_tallies_with_the_ledger_to_the_cent(selling: Selling) -> None:
    sales = Shopping(2).sales(300)
    selling.post(sales)

    exported = selling.export()

    with selling.database.begin() as connection:
        assert selling.tally() == list(ledger_tally(connection))
    assert sum(day.sales for day in exported) == len(sales)
    assert sum(day.lines for day in exported) == sum(len(sale.lines) for sale in sales)
    for store in STORES:
        of_store = [day for day in exported if day.store_id == store.id]
        own = sum(sale.total.minor for sale in sales if sale.store_id == store.id)
        assert sum(day.total_minor for day in of_store) == own
        assert {day.currency for day in of_store} == {store.currency}


def test_taxes_of_lines_receipts_and_days_are_the_ledgers(selling: Selling) -> None:
    selling.post(Shopping(3).sales(300))

    selling.export()

    with selling.database.begin() as connection:
        posted = connection.exec_driver_sql(
            "SELECT store_id, business_date, CAST(-sum(amount_minor) AS bigint) FROM postings "
            "WHERE account = 'tax' GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
    for model in ("sales", "sale_lines", "line_taxes", "sales_by_tax", "sales_by_day"):
        assert selling.ask(
            f"FROM {model} SELECT store_id, business_date, CAST(sum(tax_minor) AS BIGINT) "
            "GROUP BY ALL HAVING sum(tax_minor) <> 0 ORDER BY ALL"
        ) == [tuple(row) for row in posted]


def test_the_same_sales_make_the_same_bytes(selling: Selling, tmp_path: Path) -> None:
    sales = Shopping(4).sales(100)
    selling.post(sales[50:])
    selling.post(sales[:50])
    selling.export()
    elsewhere = Exporter(selling.database, tmp_path / "elsewhere")

    for day in reversed(selling.due(ExportAsked(everything=True))):
        elsewhere.export_day(day)

    assert files_in(tmp_path / "elsewhere") == files_in(selling.folder)


def test_a_file_that_would_not_change_is_left_alone(selling: Selling) -> None:
    selling.post(Shopping(5).sales(20))
    selling.export()
    before = {path: path.stat().st_ino for path in selling.folder.rglob("*.parquet")}

    selling.exporter.export_days(selling.due(ExportAsked(everything=True)))

    assert {path: path.stat().st_ino for path in selling.folder.rglob("*.parquet")} == before


def test_nothing_is_due_after_an_export_until_a_late_sale_comes(selling: Selling) -> None:
    shopping = Shopping(6)
    selling.post(shopping.sales(50))
    selling.export()
    assert selling.due() == ()
    late = shopping.sale(KUWAIT)

    selling.post([late])

    assert selling.due() == (day_of(late),)
    selling.export()
    assert (str(late.id),) in selling.ask("SELECT sale_id FROM sales")
    assert selling.due() == ()


def test_a_sale_whose_transaction_commits_after_the_export_is_not_missed(selling: Selling) -> None:
    shopping = Shopping(7)
    early, slow = shopping.sale(TOKYO), shopping.sale(TOKYO)
    with selling.database.begin() as slow_transaction:
        post_sales(slow_transaction, [slow])
        selling.post([early])
        selling.export()

    assert selling.due() == (day_of(slow),)
    selling.export()
    assert selling.ask("SELECT count(*) FROM sales") == [(2,)]


def test_all_tables_are_read_as_of_one_moment(selling: Selling) -> None:
    shopping = Shopping(11)
    early, late = shopping.sale(TOKYO), shopping.sale(TOKYO)
    selling.post([early])
    wanted = [(TOKYO.id, early.business_date), (TOKYO.id, late.business_date)]

    with facts.snapshot(selling.database.url) as snapshot:
        lines = snapshot.read("sale_lines", wanted)
        selling.post([late])
        sales = snapshot.read("sales", wanted)

    assert set(sales["sale_id"].to_pylist()) == set(lines["sale_id"].to_pylist())
    assert sales.num_rows == 1


def test_a_file_that_somebody_threw_away_is_written_again(selling: Selling) -> None:
    sale = Shopping(8).sale(BERLIN)
    selling.post([sale])
    selling.export()
    for path in selling.folder.glob("sales/**/*.parquet"):
        path.unlink()

    due = selling.due()

    assert due == (day_of(sale),)


def test_a_day_without_sales_leaves_no_file_and_takes_an_old_one_away(selling: Selling) -> None:
    sale = Shopping(9).sale(BERLIN)
    selling.post([sale])
    selling.export()
    [file] = selling.folder.glob("sales/**/*.parquet")
    empty = file.parent.with_name("business_month=2020-01")
    empty.mkdir()
    (empty / "2020-01.parquet").write_bytes(file.read_bytes())
    (empty / "2020-01-01.parquet").write_bytes(file.read_bytes())

    exported = selling.exporter.export_day(StoreDay(BERLIN.id, dt.date(2020, 1, 1)))

    assert exported == ExportedDay(BERLIN.id, dt.date(2020, 1, 1), 0, 0, 0, "")
    assert not list(empty.iterdir())
    assert selling.ask("SELECT count(*) FROM sales") == [(1,)]


def test_days_can_be_asked_for_again(selling: Selling) -> None:
    shopping = Shopping(10)
    now = dt.datetime.now(dt.UTC)
    old = shopping.sale(BERLIN, now - dt.timedelta(days=30))
    new = shopping.sale(BERLIN, now)
    selling.post([old, new])
    selling.export()

    assert selling.due(ExportAsked(since_days=7)) == (day_of(new),)
    assert selling.due(ExportAsked(everything=True)) == (day_of(old), day_of(new))


def test_many_days_at_once_are_cut_where_one_ends_and_the_next_begins() -> None:
    random = Random(11)
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(90)]
    sold = [(f"S{store}", day) for store in range(30) for day in days if random.random() < 0.8]
    sales = [key for key in sold for _ in range(random.randint(1, 9))]
    rows = pa.table(
        {"store_id": [store for store, _ in sales], "business_date": [day for _, day in sales]}
    )
    ordered = rows.sort_by([("store_id", "ascending"), ("business_date", "ascending")])

    parts = list(parquet.parts(rows.column_names, ordered, _named))

    assert sorted(part.place.name for part in parts) == sorted(f"{s} {day}" for s, day in sold)
    for part in parts:
        found = {f"{row['store_id']} {row['business_date']}" for row in part.rows.to_pylist()}
        assert found == {part.place.name}


def _named(store_id: str, day: dt.date) -> Place:
    return Place(Path(), f"{store_id} {day}")


def test_columns_that_are_not_the_promised_ones_are_refused() -> None:
    columns = parquet.arrow_schema(SaleFact)
    without_total = columns.remove(columns.get_field_index("total_minor"))
    float_total = columns.set(
        columns.get_field_index("total_minor"), pa.field("total_minor", pa.float64())
    )

    for wrong in (without_total, float_total):
        with pytest.raises(parquet.WrongColumns, match=r"Table sales .* No file was written"):
            parquet.in_order("sales", SaleFact, wrong.empty_table())


def _written(folder: Path, table: str) -> list[tuple[object, ...]]:
    """Read each file by itself: the partition's columns are inside it too."""
    row = TABLES.get(table, StoreFact)
    files = sorted((folder / table).glob("**/*.parquet"))
    tables = [pyarrow_parquet.ParquetFile(file).read() for file in files]
    for read in tables:
        assert read.schema.equals(parquet.arrow_schema(row))
    return _sorted(pa.concat_tables(tables).to_pylist())


def _sorted(rows: Iterable[dict[str, Any]]) -> list[tuple[object, ...]]:
    return sorted(tuple(row.values()) for row in rows)
