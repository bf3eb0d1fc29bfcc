"""The rows that analysts get: one dataclass per exported table, plain values in column order.

Money is in minor units (`_minor`), quantities in thousandths, rates in parts per million. What
each column means stands in `analytics/models/schema.yml`; the export writes exactly these.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SaleFact:
    """One row per sale."""

    store_id: str
    business_date: dt.date
    sale_id: str
    till_id: str
    cashier_id: str
    receipt_number: str
    sold_at: dt.datetime
    currency: str
    discount_minor: int
    tax_minor: int
    rounding_minor: int
    total_minor: int
    change_minor: int
    line_count: int
    reference: str


@dataclass(frozen=True, slots=True)
class SaleLineFact:
    """One row per line of a sale."""

    store_id: str
    business_date: dt.date
    sale_id: str
    line_id: str
    position: int
    till_id: str
    sold_at: dt.datetime
    sku: str
    name: str
    category: str
    quantity_thousandths: int
    unit: str
    unit_price_micros: int
    price_source: str
    currency: str
    list_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class TenderFact:
    """One row per tender; cash is what was kept, after change."""

    store_id: str
    business_date: dt.date
    sale_id: str
    tender_id: str
    kind: str
    currency: str
    given_minor: int
    kept_minor: int


@dataclass(frozen=True, slots=True)
class LineTaxFact:
    """One row per tax of a line."""

    store_id: str
    business_date: dt.date
    sale_id: str
    line_id: str
    tax_code: str
    rate_ppm: int
    currency: str
    base_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class StoreFact:
    """One row per store that has sold something, as it is today."""

    store_id: str
    name: str
    currency: str
    timezone: str


TABLES: dict[str, type] = {
    "sales": SaleFact,
    "sale_lines": SaleLineFact,
    "tenders": TenderFact,
    "line_taxes": LineTaxFact,
}

STORES = "stores"
"""The one table that is exported by store alone; its rows are `StoreFact`."""
