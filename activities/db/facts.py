"""What the analysts' export reads: which days are due, and the rows of days, as Arrow tables.

The statements give exactly the columns of `domain.facts`. They run inside COPY, which takes no
parameters, so the days stand in them as literals, quoted by psycopg.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
import sqlalchemy as sa
from adbc_driver_manager.dbapi import Cursor
from adbc_driver_postgresql import dbapi
from psycopg import sql

from activities.db import grants
from activities.db.engine import Connection, DatabaseAway, libpq_url

_OF_DAYS = """
    WITH days AS MATERIALIZED (
        SELECT * FROM unnest({stores}::text[], {dates}::date[]) AS d (store_id, business_date))"""

_FACTS = {
    "stores": """
        SELECT st.id AS store_id, st.name, st.currency, st.timezone
        FROM stores st WHERE st.id IN (SELECT store_id FROM days)""",
    "sales": """
        SELECT s.store_id, s.business_date, s.id::text AS sale_id, s.till_id, s.cashier_id,
               s.receipt_number, s.sold_at, s.currency, s.discount_minor, s.tax_minor,
               s.rounding_minor, s.total_minor, s.change_minor, s.line_count, s.reference
        FROM days JOIN sales s USING (store_id, business_date)""",
    "sale_lines": """
        SELECT s.store_id, s.business_date, s.id::text AS sale_id, l.id::text AS line_id,
               l.position, s.till_id, s.sold_at, l.sku, l.name, l.category,
               l.quantity_thousandths, l.unit, l.unit_price_micros, l.price_source, l.currency,
               l.list_minor, l.discount_minor, l.tax_minor, l.total_minor
        FROM days JOIN sales s USING (store_id, business_date)
        JOIN sale_lines l ON l.store_id = s.store_id AND l.sale_id = s.id""",
    "tenders": """
        SELECT s.store_id, s.business_date, s.id::text AS sale_id, t.id::text AS tender_id,
               t.kind, t.currency, t.given_minor, t.kept_minor
        FROM days JOIN sales s USING (store_id, business_date)
        JOIN tenders t ON t.store_id = s.store_id AND t.sale_id = s.id""",
    "line_taxes": """
        SELECT s.store_id, s.business_date, s.id::text AS sale_id, x.line_id::text AS line_id,
               x.code AS tax_code, x.rate_ppm, x.currency, x.base_minor, x.tax_minor
        FROM days JOIN sales s USING (store_id, business_date)
        JOIN line_taxes x ON x.store_id = s.store_id AND x.sale_id = s.id""",
}

_DUE = sa.text("""
    WITH sold AS (
        SELECT store_id, business_date, count(*) AS sales,
               CAST(sum(total_minor) AS bigint) AS total_minor
        FROM sales
        WHERE CAST(:since AS date) IS NULL OR business_date >= :since
        GROUP BY store_id, business_date
    )
    SELECT sold.store_id, sold.business_date, sold.sales, sold.total_minor
    FROM sold LEFT JOIN exports e
        ON e.store_id = sold.store_id AND e.business_date = sold.business_date
    WHERE :everything OR (e.sales, e.total_minor) IS DISTINCT FROM (sold.sales, sold.total_minor)
    ORDER BY sold.business_date, sold.store_id
""")

_EXPORTED = sa.text("""
    INSERT INTO exports (store_id, business_date, sales, total_minor)
    SELECT * FROM unnest(CAST(:stores AS text[]), CAST(:dates AS date[]),
                         CAST(:sales AS bigint[]), CAST(:totals AS bigint[]))
    ON CONFLICT (store_id, business_date) DO UPDATE SET
        sales = excluded.sales, total_minor = excluded.total_minor, exported_at = now()
""")

_LOCK = sa.text("""
    SELECT pg_advisory_xact_lock(hashtextextended('export of ' || id, 0))
    FROM (SELECT DISTINCT unnest(CAST(:ids AS text[])) AS id ORDER BY id) AS stores
""")


@dataclass(frozen=True, slots=True, order=True)
class SoldDay:
    """What one store sold on one business date; the total adds minor units of any currency."""

    store_id: str
    business_date: dt.date
    sales: int
    total_minor: int


class Snapshot:
    """The ledger at one moment, however long it is read."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def read(self, table: str, days: Sequence[tuple[str, dt.date]]) -> pa.Table:
        """Return the rows of one exported table that belong to the days, in no order."""
        self._cursor.execute(fact_query(table, days))
        return self._cursor.fetch_arrow_table()


@contextmanager
def snapshot(url: str) -> Iterator[Snapshot]:
    """Read from one REPEATABLE READ snapshot, column-wise through PostgreSQL's binary COPY."""
    try:
        connection = dbapi.connect(libpq_url(url))
    except dbapi.OperationalError as error:
        raise DatabaseAway(str(error).partition("\n")[0]) from error
    with connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(grants.TAKE)
        yield Snapshot(cursor)


def fact_query(table: str, days: Sequence[tuple[str, dt.date]]) -> str:
    """Return the SELECT of one exported table's rows of some days."""
    stores, dates = zip(*days, strict=True)
    literals = {"stores": sql.Literal(list(stores)), "dates": sql.Literal(list(dates))}
    return sql.SQL(_OF_DAYS).format(**literals).as_string() + _FACTS[table]


def days_to_export(
    connection: Connection, since: dt.date | None, *, everything: bool = False
) -> list[SoldDay]:
    """Find the days whose files are missing or no longer hold all sales, oldest first.

    From `since` on; with `everything`, all days that had sales.
    """
    return _sold_days(connection, _DUE, {"since": since, "everything": everything})


def exported_days(connection: Connection) -> list[SoldDay]:
    """Return what every exported day held when its files were written."""
    query = "SELECT store_id, business_date, sales, total_minor FROM exports"
    return _sold_days(connection, sa.text(query), {})


def _sold_days(
    connection: Connection, query: sa.TextClause, values: dict[str, object]
) -> list[SoldDay]:
    return [SoldDay(*row) for row in connection.execute(query, values)]


def record_exports(connection: Connection, days: Sequence[SoldDay]) -> None:
    """Remember what the days' files hold; counts and totals are those of the files."""
    columns = {
        "stores": [day.store_id for day in days],
        "dates": [day.business_date for day in days],
        "sales": [day.sales for day in days],
        "totals": [day.total_minor for day in days],
    }
    connection.execute(_EXPORTED, columns)


def lock_stores(connection: Connection, store_ids: Iterable[str]) -> None:
    """Keep other exports of these stores waiting until the transaction ends."""
    connection.execute(_LOCK, {"ids": list(store_ids)})
