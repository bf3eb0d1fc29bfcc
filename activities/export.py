"""The bodies of the steps that write the analysts' Parquet files.

A day is written again whenever the ledger holds other sales for it than its files do: there is
no watermark that a transaction which commits late could slip under. A month that is long over is
one file, and is written again as a whole (ADR-0008).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import compress, groupby, product
from pathlib import Path
from typing import Any

import pyarrow as pa
from temporalio import activity

from activities import parquet
from activities.db import facts
from activities.db.engine import Database
from activities.db.facts import SoldDay
from activities.layout import Layout, Month, days_of, month_of
from activities.parquet import Place
from domain.facts import STORES, TABLES, StoreFact
from workflows.steps import DaysExported, DaysToExport, ExportAsked, ExportedDay, StoreDay

WRITERS = 4
DAYS_AT_ONCE = 100
"""Days read by one set of queries: fewer would cost round trips, more would cost memory."""

A_MONTH_IN_DAYS = 10
"""What a whole month counts for in that: nearly all have days without sales."""

# A sale that can be seen has its store and its lines: `sales` are put in place last.
_ROWS: dict[str, type] = {STORES: StoreFact, **dict(reversed(TABLES.items()))}
_BY_DAY = ("store_id", "business_date")
_PARTITIONS = {STORES: ("store_id",), **dict.fromkeys(TABLES, _BY_DAY)}

Rows = dict[str, pa.Table]
"""The rows of each exported table, in order."""


class Exporter:
    """Writes what the ledger holds, by store and business day, into one export folder."""

    def __init__(self, database: Database, export_dir: Path) -> None:
        self._database = database
        self._layout = Layout(export_dir)

    @activity.defn
    def days_to_export(self, asked: ExportAsked) -> DaysToExport:
        """Find the business days whose files are to be written, oldest month first."""
        with self._database.begin() as connection:
            due = facts.days_to_export(connection, None)
            if asked.everything or asked.since_days is not None:
                due += facts.days_to_export(connection, _since(asked), everything=True)
            exported = facts.exported_days(connection)
        days = {_store_day(day) for day in due}
        days.update(self._lacking(_store_day(day) for day in exported if day.sales))
        return DaysToExport(tuple(sorted(days, key=_by_month)))

    @activity.defn
    def export_chunk(self, chunk: DaysToExport) -> DaysExported:
        """Write some days' Parquet files aside and rename them into place; same day, same files."""
        return DaysExported(tuple(self.export_days(chunk.days)))

    def export_day(self, day: StoreDay) -> ExportedDay:
        """Write one day's Parquet files aside and rename them into place; same day, same files."""
        return self.export_days([day])[0]

    def export_days(self, days: Sequence[StoreDay]) -> list[ExportedDay]:
        """Write many days, read together by one query per table; the answers are in their order."""
        return [written for some in self._batches(days) for written in self._export(some)]

    def _lacking(self, exported: Iterable[StoreDay]) -> Iterator[StoreDay]:
        """Find the days whose files somebody threw away, and those of months to make one of."""
        for month, days in groupby(sorted(exported, key=_by_month), month_of):
            yield from self._layout.lacks(month, list(days), _today())

    def _batches(self, days: Sequence[StoreDay]) -> Iterator[list[StoreDay]]:
        batch: list[StoreDay] = []
        weight = 0
        for month, of_month in groupby(days, month_of):
            some = list(of_month)
            heavy = A_MONTH_IN_DAYS if self._layout.is_whole(month, _today()) else len(some)
            if batch and weight + heavy > DAYS_AT_ONCE:
                yield batch
                batch, weight = [], 0
            batch += some
            weight += heavy
        if batch:
            yield batch

    def _export(self, days: Sequence[StoreDay]) -> list[ExportedDay]:
        """Hold the stores' locks from before the snapshot until the manifest is committed.

        Otherwise an older snapshot could overwrite the files of a newer one unnoticed.
        """
        with self._database.begin() as connection:
            facts.lock_stores(connection, (day.store_id for day in days))
            whole = {m for m in map(month_of, days) if self._layout.is_whole(m, _today())}
            rows = self._read(days, whole)
            self._write(days, whole, rows)
            written = _summaries(days, rows)
            facts.record_exports(connection, [_sold_day(day) for day in written])
        return written

    def _read(self, days: Sequence[StoreDay], whole: set[Month]) -> Rows:
        """Read every table as of one moment: the days, and all other days of whole months."""
        wanted = {*days, *(day for month in whole for day in days_of(month))}
        keys = [(day.store_id, day.business_date) for day in sorted(wanted)]
        with facts.snapshot(self._database.url) as snapshot:
            return {
                table: parquet.in_order(table, row, snapshot.read(table, keys))
                for table, row in _ROWS.items()
            }

    def _write(self, days: Sequence[StoreDay], whole: set[Month], rows: Rows) -> None:
        parts = [
            part
            for table, of_table in rows.items()
            for part in parquet.parts(
                _PARTITIONS[table], of_table, partial(self._place, whole, table)
            )
        ]
        for place in {part.place for part in parts}:
            parquet.clear_beside(place)
        # fsync is mostly waiting, and encoding lets other threads run.
        with ThreadPoolExecutor(WRITERS) as writers:
            changed = list(compress(parts, writers.map(parquet.write_aside, parts)))
        for part in changed:
            parquet.put_in_place(part.place)
        asked = {
            self._place(whole, t, d.store_id, d.business_date) for t, d in product(TABLES, days)
        }
        for place in asked - {part.place for part in parts}:
            parquet.take_away(place)

    def _place(
        self, whole: set[Month], table: str, store_id: str, date: dt.date | None = None
    ) -> Place:
        if date is None:
            return self._layout.store(store_id)
        day = StoreDay(store_id, date)
        month = month_of(day)
        return self._layout.month(table, month) if month in whole else self._layout.day(table, day)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _by_month(day: StoreDay) -> tuple[str, StoreDay]:
    """Sort by month, so that the days of a store's month stand together."""
    return (month_of(day)[1], day)


def _since(asked: ExportAsked) -> dt.date | None:
    """Return the day from which on everything is written, changed or not."""
    if asked.everything or asked.since_days is None:
        return None
    return _today() - dt.timedelta(days=asked.since_days)


def _summaries(days: Sequence[StoreDay], rows: Rows) -> list[ExportedDay]:
    """Count and add up what was read of each of the days."""
    sums = [("total_minor", "sum"), ("currency", "min"), ("currency", "max")]
    sales, lines = _by_day(rows["sales"], sums), _by_day(rows["sale_lines"], [])
    return [_summary(day, sales.get(day), lines.get(day)) for day in days]


def _by_day(rows: pa.Table, sums: list[tuple[str, str]]) -> dict[StoreDay, dict[str, Any]]:
    grouped = rows.group_by(list(_BY_DAY)).aggregate([([], "count_all"), *sums])
    return {StoreDay(one["store_id"], one["business_date"]): one for one in grouped.to_pylist()}


def _summary(
    day: StoreDay, sales: dict[str, Any] | None, lines: dict[str, Any] | None
) -> ExportedDay:
    if sales is None:
        return ExportedDay(day.store_id, day.business_date, 0, 0, 0, "")
    one_currency = sales["currency_min"] == sales["currency_max"]
    return ExportedDay(
        store_id=day.store_id,
        business_date=day.business_date,
        sales=sales["count_all"],
        lines=lines["count_all"] if lines else 0,
        total_minor=sales["total_minor_sum"],
        currency=sales["currency_min"] if one_currency else "",
    )


def _store_day(day: SoldDay) -> StoreDay:
    return StoreDay(day.store_id, day.business_date)


def _sold_day(day: ExportedDay) -> SoldDay:
    return SoldDay(day.store_id, day.business_date, day.sales, day.total_minor)
