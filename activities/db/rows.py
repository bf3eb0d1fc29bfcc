"""A sale as rows of the ledger's tables, in the order in which `schema` names their columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from activities.db import schema
from domain import ledger
from domain.money import Money
from domain.sale import Sale, SaleLine

Row = tuple[Any, ...]


def _columns(table: sa.Table) -> dict[str, str]:
    """Return the columns and their types that are given, not filled in by the database."""
    return {
        column.name: str(column.type.compile(_POSTGRESQL)).lower()
        for column in table.columns
        if column.name != "posted_at"
    }


_POSTGRESQL: sa.Dialect = sa.make_url("postgresql+psycopg://").get_dialect()()

COLUMNS = {
    table.name: _columns(table)
    for table in (
        schema.sales,
        schema.sale_lines,
        schema.line_taxes,
        schema.tenders,
        schema.stock_movements,
        schema.postings,
    )
}
"""Per table the columns that rows are made of, in order, with PostgreSQL's word for their type."""


def sale_row(sale: Sale, content_hash: str, document: str | None) -> Row:
    """Return the sale's own row; `document` is given when no journal is expected to have it."""
    tendered = Money.total((tender.amount for tender in sale.tenders), sale.currency)
    return (
        sale.store_id,
        sale.id,
        sale.till_id,
        sale.cashier_id,
        sale.receipt_number,
        sale.business_date,
        sale.sold_at,
        sale.currency,
        sale.discount.minor,
        sale.tax.minor,
        sale.rounding.minor,
        sale.total.minor,
        tendered.minor,
        sale.change.minor,
        len(sale.lines),
        sale.catalog_version,
        sale.reference,
        content_hash,
        document,
    )


def children(sales: Sequence[Sale]) -> dict[str, list[Row]]:
    """Return all other rows of these sales by table."""
    return {table: [row for sale in sales for row in of(sale)] for table, of in _ROWS.items()}


def _lines(sale: Sale) -> Iterator[Row]:
    for position, line in enumerate(sale.lines, 1):
        yield (
            sale.store_id,
            sale.id,
            line.id,
            position,
            line.sku,
            line.name,
            line.category,
            line.gtin,
            line.quantity.thousandths,
            line.quantity.unit.value,
            line.unit_price.micros,
            line.price_source.value,
            sale.currency,
            line.list_total.minor,
            line.discount.minor,
            line.discount_reason,
            _tax_minor(line),
            line.total.minor,
            line.batch,
            line.serial,
        )


def _tax_minor(line: SaleLine) -> int:
    return sum(tax.amount.minor for tax in line.taxes)


def _line_taxes(sale: Sale) -> Iterator[Row]:
    rates = {rate.code: rate.rate_ppm for rate in sale.tax_rates}
    head = (sale.store_id, sale.id)
    for line in sale.lines:
        for position, tax in enumerate(line.taxes, 1):
            amounts = (sale.currency, tax.base.minor, tax.amount.minor)
            yield (*head, line.id, position, tax.code, rates[tax.code], *amounts)


def _tenders(sale: Sale) -> Iterator[Row]:
    """Yield the tenders; change is taken off the last ones, which made it necessary."""
    change = sale.change.minor
    for tender in reversed(sale.tenders):
        given = tender.amount.minor
        back = min(change, given)
        change -= back
        kind = tender.kind.value
        yield (sale.store_id, sale.id, tender.id, kind, sale.currency, given, given - back)


def _stock_movements(sale: Sale) -> Iterator[Row]:
    for moved in ledger.stock_movements(sale):
        yield (
            sale.store_id,
            moved.source_line_id,
            moved.kind.value,
            moved.sku,
            moved.quantity.thousandths,
            moved.quantity.unit.value,
            sale.business_date,
        )


def _postings(sale: Sale) -> Iterator[Row]:
    for position, posting in enumerate(ledger.postings(sale), 1):
        yield (
            sale.store_id,
            sale.id,
            position,
            posting.account.value,
            posting.detail,
            sale.currency,
            posting.amount.minor,
            sale.business_date,
        )


_ROWS = {
    "sale_lines": _lines,
    "line_taxes": _line_taxes,
    "tenders": _tenders,
    "stock_movements": _stock_movements,
    "postings": _postings,
}
