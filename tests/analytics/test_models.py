from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from exported import facts_of, write_files
from world_shop import BERLIN, KATHMANDU, KUWAIT, NEW_YORK, STORES, TOKYO, ZURICH, Shopping

from analytics import warehouse
from domain.money import UNUSUAL_EXPONENTS, Money
from domain.sale import Sale


@pytest.fixture(scope="module")
def sales() -> list[Sale]:
    return Shopping(7).sales(300)


@pytest.fixture(scope="module")
def warehouse_of(export_dir: Path) -> duckdb.DuckDBPyConnection:
    return warehouse.connect(export_dir)


def test_hours_are_those_of_the_clock_in_the_store(
    warehouse_of: duckdb.DuckDBPyConnection, sales: list[Sale]
) -> None:
    zones = {store.id: ZoneInfo(store.timezone) for store in STORES}

    found = warehouse_of.execute(
        "SELECT store_id, business_date, hour, sales FROM sales_by_hour"
    ).fetchall()

    expected = Counter(
        (sale.store_id, sale.business_date, sale.sold_at.astimezone(zones[sale.store_id]).hour)
        for sale in sales
    )
    assert {tuple(row[:3]): row[3] for row in found} == expected


@pytest.mark.parametrize(
    ("utc", "store", "hour"),
    [
        ("2026-10-25T00:30", BERLIN, 2),
        ("2026-10-25T01:30", BERLIN, 2),
        ("2026-10-25T02:30", BERLIN, 3),
        ("2026-10-25T03:59", NEW_YORK, 23),
        ("2026-10-25T18:14", KATHMANDU, 23),
        ("2026-10-25T18:15", KATHMANDU, 0),
    ],
)
def test_an_hour_survives_the_end_of_summer_time_and_odd_time_zones(
    tmp_path: Path, utc: str, store: object, hour: int
) -> None:
    at = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    own = next(one for one in STORES if one == store)
    write_files(facts_of([Shopping(1).sale(own, at)], [own]), tmp_path)

    found = warehouse.connect(tmp_path).execute("SELECT hour FROM sales_by_hour").fetchall()

    assert found == [(hour,)]


@pytest.mark.parametrize("store", [BERLIN, ZURICH, TOKYO, KUWAIT, NEW_YORK, KATHMANDU])
def test_every_mart_comes_to_what_the_sales_came_to(
    warehouse_of: duckdb.DuckDBPyConnection, sales: list[Sale], store: object
) -> None:
    own = [sale for sale in sales if sale.store_id == getattr(store, "id", "")]
    total = sum(sale.total.minor for sale in own)
    lines = sum(line.total.minor for sale in own for line in sale.lines)
    tax = sum(sale.tax.minor for sale in own)

    def sum_of(model: str, column: str) -> int:
        query = f"FROM {model} SELECT CAST(coalesce(sum({column}), 0) AS BIGINT) WHERE store_id = ?"
        [(found,)] = warehouse_of.execute(query, [getattr(store, "id", "")]).fetchall()
        return int(found)

    assert sum_of("sales_by_day", "total_minor") == total
    assert sum_of("sales_by_day", "sales") == len(own)
    assert sum_of("sales_by_hour", "total_minor") == total
    assert sum_of("sales_by_tender", "kept_minor") == total
    assert sum_of("sales_by_product", "total_minor") == lines
    assert sum_of("sales_by_product", "tax_minor") == tax
    assert sum_of("sales_by_tax", "tax_minor") == tax


def test_major_amounts_are_exact_in_every_currency(
    warehouse_of: duckdb.DuckDBPyConnection,
) -> None:
    amounts = (0, 1, -1, 99, 12_345, -12_345, 90_071_992_547_409)

    for currency in [*UNUSUAL_EXPONENTS, "EUR", "USD"]:
        for minor in amounts:
            question = "SELECT CAST(major(?, ?) AS VARCHAR), CAST(? AS DECIMAL(18, 4))::VARCHAR"
            values = [minor, currency, Money(minor, currency).amount]
            [(found, expected)] = warehouse_of.execute(question, values).fetchall()
            assert found == expected


def test_moments_reach_python_in_utc(
    warehouse_of: duckdb.DuckDBPyConnection, sales: list[Sale]
) -> None:
    found = warehouse_of.execute("SELECT sale_id, sold_at FROM sales").fetchall()

    assert dict(found) == {str(sale.id): sale.sold_at for sale in sales}


def test_stores_with_odd_names_keep_them(warehouse_of: duckdb.DuckDBPyConnection) -> None:
    found = warehouse_of.execute("SELECT DISTINCT store_id FROM sale_lines").fetchall()

    assert {row[0] for row in found} == {store.id for store in STORES}


def test_one_file_makes_the_same_views_in_an_analysts_own_database(
    export_dir: Path, tmp_path: Path
) -> None:
    script = warehouse.script(export_dir)

    with duckdb.connect(str(tmp_path / "own.duckdb")) as own:
        own.execute(script)
        own.execute(script)
    with duckdb.connect(str(tmp_path / "own.duckdb"), read_only=True) as again:
        found = again.execute("SELECT sum(total_minor) FROM sales_by_day").fetchall()

    direct = warehouse.connect(export_dir).execute("SELECT sum(total_minor) FROM sales")
    assert found == direct.fetchall()


def test_a_folder_with_stars_and_quotes_in_its_name_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "it's [new]*?"
    write_files(facts_of([Shopping(1).sale(BERLIN)], [BERLIN]), folder)

    found = warehouse.connect(folder).execute("SELECT count(*) FROM sales_by_hour").fetchall()

    assert found == [(1,)]
