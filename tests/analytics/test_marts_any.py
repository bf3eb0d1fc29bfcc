"""Each mart, column by column, is what plain Python makes of the same sales, whatever they are."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from exported import facts_of, write_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world_shop import STORES, Shopping

from analytics import warehouse
from analytics.checks import broken_promises
from analytics.dictionary import models
from analytics.tally import tally
from domain.money import Money
from domain.reconcile import Tally
from domain.sale import Sale, SaleLine

Key = tuple[Any, ...]
Rows = dict[Key, tuple[Any, ...]]
ZONES = {store.id: ZoneInfo(store.timezone) for store in STORES}
# Around both changes of the clocks, the turn of a year, and a leap day.
NIGHTS = [
    dt.datetime(2026, 3, 28, 20, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 24, 20, tzinfo=dt.UTC),
    dt.datetime(2026, 12, 31, 9, tzinfo=dt.UTC),
    dt.datetime(2028, 2, 28, 18, tzinfo=dt.UTC),
]


@st.composite
def sold(draw: st.DrawFn) -> list[Sale]:
    """Sell in any stores at any minutes of an awkward night and the day after it."""
    shopping = Shopping(draw(st.integers(0, 10_000)))
    night = draw(st.sampled_from(NIGHTS))
    stores = draw(st.lists(st.sampled_from(STORES), min_size=1, max_size=2, unique=True))
    minutes = draw(st.lists(st.integers(0, 30 * 60), max_size=20))
    return [
        shopping.sale(stores[n % len(stores)], night + dt.timedelta(minutes=minute))
        for n, minute in enumerate(minutes)
    ]


def day(sale: Sale) -> Key:
    return sale.store_id, sale.business_date, sale.currency


def lines_of(sales: Iterable[Sale]) -> Iterator[tuple[Sale, SaleLine]]:
    return ((sale, line) for sale in sales for line in sale.lines)


def added(rows: Iterable[tuple[Key, tuple[int, ...]]]) -> Rows:
    """Add up the figures of each key."""
    sums: dict[Key, list[int]] = defaultdict(list)
    for key, figures in rows:
        before = sums[key] or [0] * len(figures)
        sums[key] = [a + b for a, b in zip(before, figures, strict=True)]
    return {key: tuple(figures) for key, figures in sums.items()}


def by_day(sales: list[Sale]) -> Rows:
    return added(
        (
            day(sale),
            (
                1,
                len(sale.lines),
                sale.discount.minor,
                sale.tax.minor,
                sale.rounding.minor,
                sale.total.minor,
            ),
        )
        for sale in sales
    )


def by_hour(sales: list[Sale]) -> Rows:
    return added(
        (
            (*day(sale), sale.sold_at.astimezone(ZONES[sale.store_id]).hour),
            (1, len(sale.lines), sale.tax.minor, sale.total.minor),
        )
        for sale in sales
    )


def by_product(sales: list[Sale]) -> Rows:
    return added(
        (
            (*day(sale), line.sku, line.quantity.unit.value),
            (
                1,
                line.quantity.thousandths,
                line.list_total.minor,
                line.discount.minor,
                sum(tax.amount.minor for tax in line.taxes),
                line.total.minor,
            ),
        )
        for sale, line in lines_of(sales)
    )


def by_tax(sales: list[Sale]) -> Rows:
    rates = {(sale.id, rate.code): rate.rate_ppm for sale in sales for rate in sale.tax_rates}
    return added(
        ((*day(sale), tax.code, rates[sale.id, tax.code]), (1, tax.base.minor, tax.amount.minor))
        for sale, line in lines_of(sales)
        for tax in line.taxes
    )


def by_tender(sales: list[Sale]) -> Rows:
    return added(
        (
            (*day(sale), tender.kind.value),
            (1, tender.amount.minor, tender.amount.minor - back),
        )
        for sale in sales
        for tender, back in _change(sale)
    )


def _change(sale: Sale) -> Iterator[tuple[Any, int]]:
    """Say of each tender how much of it was given back: change comes out of the last."""
    for tender in sale.tenders:
        yield tender, sale.change.minor if tender is sale.tenders[-1] else 0


DAY = "store_id, business_date, currency"
MARTS: dict[str, tuple[Callable[[list[Sale]], Rows], str, str]] = {
    "sales_by_day": (
        by_day,
        DAY,
        "sales, lines, discount_minor, tax_minor, rounding_minor, total_minor",
    ),
    "sales_by_hour": (by_hour, f"{DAY}, hour", "sales, lines, tax_minor, total_minor"),
    "sales_by_product": (
        by_product,
        f"{DAY}, sku, unit",
        "lines, quantity_thousandths, list_minor, discount_minor, tax_minor, total_minor",
    ),
    "sales_by_tax": (by_tax, f"{DAY}, tax_code, rate_ppm", "lines, base_minor, tax_minor"),
    "sales_by_tender": (by_tender, f"{DAY}, kind", "tenders, given_minor, kept_minor"),
}
MAJOR = {
    "sales_by_day": "total",
    "sales_by_hour": "total",
    "sales_by_product": "total",
    "sales_by_tax": "tax",
    "sales_by_tender": "kept",
}


def read(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    return warehouse.steadily(folder, lambda opened: opened.execute(sql).fetchall())


def all_marts(opened: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        mart: opened.execute(f"SELECT {keys}, {figures} FROM {mart}").fetchall()  # noqa: S608 -- ours
        for mart, (_, keys, figures) in MARTS.items()
    }


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sales=sold())
def test_every_figure_of_every_mart_is_the_plain_sum(sales: list[Sale]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(facts_of(sales, STORES), folder)

        found = warehouse.steadily(folder, all_marts)

    for mart, (plain, keys, _) in MARTS.items():
        width = len(keys.split(","))
        assert len({row[:width] for row in found[mart]}) == len(found[mart]), mart
        assert {row[:width]: row[width:] for row in found[mart]} == plain(sales), mart


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sales=sold())
def test_the_tally_is_the_count_and_sum_per_till_and_every_promise_holds(sales: list[Sale]) -> None:
    expected = added(((sale.till_id, sale.currency), (1, sale.total.minor)) for sale in sales)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(facts_of(sales, STORES), folder)

        found = warehouse.steadily(folder, tally)
        broken = warehouse.steadily(folder, lambda own: list(broken_promises(own, models())))

    assert found == sorted(Tally(*key, *figures) for key, figures in expected.items())
    assert broken == []


@pytest.mark.parametrize("mart", MAJOR)
def test_amounts_in_major_units_are_the_minor_ones_to_the_last_decimal(
    export_dir: Path, mart: str
) -> None:
    name = MAJOR[mart]

    rows = read(
        export_dir,
        f"SELECT currency, {name}_minor, {name} FROM {mart}",  # noqa: S608 -- ours
    )

    assert len({currency for currency, *_ in rows}) > 1
    assert all(Decimal(Money(minor, currency).amount) == amount for currency, minor, amount in rows)


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_shows_no_day_on_which_nothing_was_sold(tmp_path: Path, mart: str) -> None:
    only = Shopping(3).sale(STORES[0])
    write_files(facts_of([only], STORES), tmp_path)

    days = read(tmp_path, f"SELECT DISTINCT store_id, business_date FROM {mart}")  # noqa: S608 -- ours

    assert days == [(only.store_id, only.business_date)]
