"""A sale as rows of the ledger's tables, in the order in which columns are named here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain import ledger
from domain.money import Money
from domain.sale import Sale, SaleLine

Row = tuple[Any, ...]

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "sales": {
        "store_id": "text",
        "id": "uuid",
        "till_id": "text",
        "cashier_id": "text",
        "receipt_number": "text",
        "business_date": "date",
        "sold_at": "timestamptz",
        "currency": "text",
        "discount_minor": "int8",
        "tax_minor": "int8",
        "rounding_minor": "int8",
        "total_minor": "int8",
        "tendered_minor": "int8",
        "change_minor": "int8",
        "line_count": "int4",
        "catalog_version": "int8",
        "reference": "text",
        "content_hash": "text",
        "document": "text",
    },
    "sale_lines": {
        "store_id": "text",
        "sale_id": "uuid",
        "id": "uuid",
        "position": "int4",
        "sku": "text",
        "name": "text",
        "category": "text",
        "gtin": "text",
        "quantity_thousandths": "int8",
        "unit": "text",
        "unit_price_micros": "int8",
        "price_source": "text",
        "currency": "text",
        "list_minor": "int8",
        "discount_minor": "int8",
        "discount_reason": "text",
        "tax_minor": "int8",
        "total_minor": "int8",
        "batch": "text",
        "serial": "text",
    },
    "line_taxes": {
        "store_id": "text",
        "sale_id": "uuid",
        "line_id": "uuid",
        "position": "int4",
        "code": "text",
        "rate_ppm": "int8",
        "currency": "text",
        "base_minor": "int8",
        "tax_minor": "int8",
    },
    "tenders": {
        "store_id": "text",
        "sale_id": "uuid",
        "id": "uuid",
        "kind": "text",
        "currency": "text",
        "given_minor": "int8",
        "kept_minor": "int8",
    },
    "stock_movements": {
        "store_id": "text",
        "source_line_id": "uuid",
        "kind": "text",
        "sku": "text",
        "quantity_thousandths": "int8",
        "unit": "text",
        "business_date": "date",
    },
    "postings": {
        "store_id": "text",
        "source_id": "uuid",
        "position": "int4",
        "account": "text",
        "detail": "text",
        "currency": "text",
        "amount_minor": "int8",
        "business_date": "date",
    },
}


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
