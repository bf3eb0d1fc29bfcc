"""What must come out of the export, worked out from the sales and not from the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from activities import parquet
from activities.layout import Layout
from activities.parquet import Place
from domain.catalog import Store
from domain.facts import STORES, TABLES, LineTaxFact, SaleFact, SaleLineFact, StoreFact, TenderFact
from domain.sale import Sale
from workflows.steps import StoreDay

Rows = dict[str, list[Any]]


def facts_of(sales: Iterable[Sale], stores: Iterable[Store]) -> Rows:
    """Work out every row that these sales make in each exported table, in no order."""
    facts: Rows = {STORES: [StoreFact(s.id, s.name, s.currency, s.timezone) for s in stores]}
    for sale in sales:
        facts.setdefault("sales", []).append(_sale(sale))
        facts.setdefault("sale_lines", []).extend(_lines(sale))
        facts.setdefault("tenders", []).extend(_tenders(sale))
        facts.setdefault("line_taxes", []).extend(_taxes(sale))
    return facts


def write_files(facts: Rows, folder: Path) -> None:
    """Put the rows where the export would put days of this month, without an office."""
    for table, rows in facts.items():
        row = TABLES.get(table, StoreFact)
        columns = ["store_id"] if table == STORES else ["store_id", "business_date"]
        plain = pa.Table.from_pylist([asdict(one) for one in rows], parquet.arrow_schema(row))
        ordered = parquet.in_order(table, row, plain)
        for part in parquet.parts(columns, ordered, partial(_place, Layout(folder), table)):
            if parquet.write_aside(part):
                parquet.put_in_place(part.place)


def _place(layout: Layout, table: str, store_id: str, date: dt.date | None = None) -> Place:
    return layout.store(store_id) if date is None else layout.day(table, StoreDay(store_id, date))


def _sale(sale: Sale) -> SaleFact:
    return SaleFact(
        store_id=sale.store_id,
        business_date=sale.business_date,
        sale_id=str(sale.id),
        till_id=sale.till_id,
        cashier_id=sale.cashier_id,
        receipt_number=sale.receipt_number,
        sold_at=sale.sold_at,
        currency=sale.currency,
        discount_minor=sale.discount.minor,
        tax_minor=sale.tax.minor,
        rounding_minor=sale.rounding.minor,
        total_minor=sale.total.minor,
        change_minor=sale.change.minor,
        line_count=len(sale.lines),
        reference=sale.reference,
    )


def _lines(sale: Sale) -> Iterator[SaleLineFact]:
    for position, line in enumerate(sale.lines, start=1):
        yield SaleLineFact(
            store_id=sale.store_id,
            business_date=sale.business_date,
            sale_id=str(sale.id),
            line_id=str(line.id),
            position=position,
            till_id=sale.till_id,
            sold_at=sale.sold_at,
            sku=line.sku,
            name=line.name,
            category=line.category,
            quantity_thousandths=line.quantity.thousandths,
            unit=line.quantity.unit.value,
            unit_price_micros=line.unit_price.micros,
            price_source=line.price_source.value,
            currency=sale.currency,
            list_minor=line.list_total.minor,
            discount_minor=line.discount.minor,
            tax_minor=sum(tax.amount.minor for tax in line.taxes),
            total_minor=line.total.minor,
        )


def _tenders(sale: Sale) -> Iterator[TenderFact]:
    """Change comes out of the last tender."""
    for tender in sale.tenders:
        change = sale.change.minor if tender is sale.tenders[-1] else 0
        yield TenderFact(
            store_id=sale.store_id,
            business_date=sale.business_date,
            sale_id=str(sale.id),
            tender_id=str(tender.id),
            kind=tender.kind.value,
            currency=sale.currency,
            given_minor=tender.amount.minor,
            kept_minor=tender.amount.minor - change,
        )


def _taxes(sale: Sale) -> Iterator[LineTaxFact]:
    rates = {rate.code: rate.rate_ppm for rate in sale.tax_rates}
    for line in sale.lines:
        for tax in line.taxes:
            yield LineTaxFact(
                store_id=sale.store_id,
                business_date=sale.business_date,
                sale_id=str(sale.id),
                line_id=str(line.id),
                tax_code=tax.code,
                rate_ppm=rates[tax.code],
                currency=sale.currency,
                base_minor=tax.base.minor,
                tax_minor=tax.amount.minor,
            )
