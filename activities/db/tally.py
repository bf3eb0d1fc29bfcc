"""How many sales the ledger holds per till, and what they came to."""

from __future__ import annotations

import sqlalchemy as sa

from activities.db.engine import Connection
from domain.reconcile import Tally

_TALLY = sa.text("""
    SELECT till_id, currency, count(*) AS sales, sum(total_minor) AS total_minor
    FROM sales
    WHERE CAST(:store_id AS text) IS NULL OR store_id = :store_id
    GROUP BY till_id, currency
    ORDER BY till_id, currency
""")


def ledger_tally(connection: Connection, store_id: str | None = None) -> tuple[Tally, ...]:
    """Count and add up the posted sales, of one store or all, per till and currency, in order."""
    rows = connection.execute(_TALLY, {"store_id": store_id})
    return tuple(Tally(row.till_id, row.currency, row.sales, int(row.total_minor)) for row in rows)
