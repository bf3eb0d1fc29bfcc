"""The warehouse's own count of sales per till, to hold against tills and ledger."""

from __future__ import annotations

import duckdb

from domain.reconcile import Tally


def tally(connection: duckdb.DuckDBPyConnection) -> list[Tally]:
    """Count and add up the exported sales per till and currency, in order."""
    rows = connection.execute(
        "SELECT till_id, currency, count(*), CAST(sum(total_minor) AS BIGINT) "
        "FROM sales GROUP BY till_id, currency ORDER BY till_id, currency"
    ).fetchall()
    return [Tally(*row) for row in rows]
