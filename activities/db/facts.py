"""What the analysts' export reads: which days are due, and a day's rows as SQL text.

The statements give exactly the columns of `domain.facts`, in an order that is always the same.
They take the store's id as `$1` and the business date as `$2`, as ADBC and libpq number them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from activities.db.engine import Connection

_OF_THE_DAY = "s.store_id = $1 AND s.business_date = $2"

FACTS: dict[str, str] = {
    "sales": f"""
        SELECT s.store_id, s.business_date, s.id::text AS sale_id, s.till_id, s.cashier_id,
               s.receipt_number, s.sold_at, s.currency, s.discount_minor, s.tax_minor,
               s.rounding_minor, s.total_minor, s.change_minor, s.line_count::bigint AS line_count,
               s.reference
        FROM sales s
        WHERE {_OF_THE_DAY}
        ORDER BY s.sold_at, s.id""",
    "sale_lines": f"""
        SELECT s.store_id, s.business_date, l.sale_id::text AS sale_id, l.id::text AS line_id,
               l.position::bigint AS position, s.till_id, s.sold_at, l.sku, l.name, l.category,
               l.quantity_thousandths, l.unit, l.unit_price_micros, l.price_source, l.currency,
               l.list_minor, l.discount_minor, l.tax_minor, l.total_minor
        FROM sales s JOIN sale_lines l ON l.store_id = s.store_id AND l.sale_id = s.id
        WHERE {_OF_THE_DAY}
        ORDER BY s.sold_at, s.id, l.position""",
    "tenders": f"""
        SELECT s.store_id, s.business_date, t.sale_id::text AS sale_id, t.id::text AS tender_id,
               t.kind, t.currency, t.given_minor, t.kept_minor
        FROM sales s JOIN tenders t ON t.store_id = s.store_id AND t.sale_id = s.id
        WHERE {_OF_THE_DAY}
        ORDER BY s.sold_at, s.id, t.id""",
    "line_taxes": f"""
        SELECT s.store_id, s.business_date, x.sale_id::text AS sale_id, x.line_id::text AS line_id,
               x.code AS tax_code, x.rate_ppm, x.currency, x.base_minor, x.tax_minor
        FROM sales s
        JOIN sale_lines l ON l.store_id = s.store_id AND l.sale_id = s.id
        JOIN line_taxes x
            ON x.store_id = l.store_id AND x.sale_id = l.sale_id AND x.line_id = l.id
        WHERE {_OF_THE_DAY}
        ORDER BY s.sold_at, s.id, l.position, x.position""",
}

_DAYS = sa.text("""
    WITH sold AS (
        SELECT store_id, business_date, currency, count(*) AS sales, sum(total_minor) AS total_minor
        FROM sales
        WHERE CAST(:since AS date) IS NULL OR business_date >= :since
        GROUP BY store_id, business_date, currency
    )
    SELECT sold.store_id, sold.business_date, sold.sales, sold.total_minor, sold.currency
    FROM sold LEFT JOIN exports e
        ON e.store_id = sold.store_id AND e.business_date = sold.business_date
    WHERE :everything OR (e.sales, e.total_minor) IS DISTINCT FROM (sold.sales, sold.total_minor)
    ORDER BY sold.store_id, sold.business_date
""")

_EXPORTED = sa.text("""
    INSERT INTO exports (store_id, business_date, sales, total_minor)
    VALUES (:store_id, :business_date, :sales, :total_minor)
    ON CONFLICT (store_id, business_date) DO UPDATE SET
        sales = excluded.sales, total_minor = excluded.total_minor, exported_at = now()
""")


@dataclass(frozen=True, slots=True)
class SoldDay:
    """What one store sold on one business date."""

    store_id: str
    business_date: dt.date
    sales: int
    total_minor: int
    currency: str


def days_to_export(
    connection: Connection, since: dt.date | None, *, everything: bool = False
) -> Sequence[SoldDay]:
    """Find the days whose files are missing or no longer hold all sales, from `since` on.

    With `everything`, all days that had sales.
    """
    rows = connection.execute(_DAYS, {"since": since, "everything": everything})
    return [
        SoldDay(row.store_id, row.business_date, row.sales, int(row.total_minor), row.currency)
        for row in rows
    ]


def record_export(connection: Connection, day: SoldDay) -> None:
    """Remember what the day's files hold; count and total are those of the files."""
    connection.execute(
        _EXPORTED,
        {
            "store_id": day.store_id,
            "business_date": day.business_date,
            "sales": day.sales,
            "total_minor": day.total_minor,
        },
    )
