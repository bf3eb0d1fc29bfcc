"""The bodies of the steps that write the analysts' Parquet files.

A day is written again whenever the ledger holds other sales for it than its files do: there is
no watermark that a transaction which commits late could slip under.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import compress, product
from pathlib import Path

import pyarrow.compute as pc
from temporalio import activity

from activities import parquet
from activities.db import facts
from activities.db.engine import Database
from activities.db.facts import SoldDay
from activities.parquet import Part
from domain.facts import STORES, TABLES, StoreFact
from workflows.steps import DaysExported, DaysToExport, ExportAsked, ExportedDay, StoreDay

WRITERS = 4
DAYS_AT_ONCE = 100
"""Days read by one set of queries: fewer would cost round trips, more would cost memory."""

# A sale that can be seen has its store and its lines: `sales` are put in place last.
_ROWS: dict[str, type] = {STORES: StoreFact, **dict(reversed(TABLES.items()))}
_BY_DAY = ("store_id", "business_date")
_PARTITIONS = {STORES: ("store_id",), **dict.fromkeys(TABLES, _BY_DAY)}

Key = tuple[object, ...]
Found = dict[str, dict[Key, Part]]
"""Per table the parts to be written, by the values of their partition."""


class Exporter:
    """Writes what the ledger holds, by store and business day, into one export folder."""

    def __init__(self, database: Database, export_dir: Path) -> None:
        self._database = database
        self._export_dir = export_dir

    @activity.defn
    def days_to_export(self, asked: ExportAsked) -> DaysToExport:
        """Find the business days whose files are to be written, oldest first."""
        with self._database.begin() as connection:
            due = facts.days_to_export(connection, None)
            if asked.everything or asked.since_days is not None:
                due += facts.days_to_export(connection, _since(asked), everything=True)
            exported = facts.exported_days(connection)
        # Somebody may have thrown files away since.
        due += [day for day in exported if day.sales and not self._has_files(day)]
        days = {StoreDay(day.store_id, day.business_date) for day in due}
        return DaysToExport(tuple(sorted(days, key=lambda day: (day.business_date, day.store_id))))

    @activity.defn
    def export_chunk(self, chunk: DaysToExport) -> DaysExported:
        """Write some days' Parquet files aside and rename them into place; same day, same files."""
        return DaysExported(tuple(self.export_days(chunk.days)))

    def export_day(self, day: StoreDay) -> ExportedDay:
        """Write one day's Parquet files aside and rename them into place; same day, same files."""
        return self.export_days([day])[0]

    def export_days(self, days: Sequence[StoreDay]) -> list[ExportedDay]:
        """Write many days, read together by one query per table; the answers are in their order."""
        written: list[ExportedDay] = []
        for start in range(0, len(days), DAYS_AT_ONCE):
            written.extend(self._export(days[start : start + DAYS_AT_ONCE]))
        return written

    def _export(self, days: Sequence[StoreDay]) -> list[ExportedDay]:
        """Hold the stores' locks from before the snapshot until the manifest is committed.

        Otherwise an older snapshot could overwrite the files of a newer one unnoticed.
        """
        with self._database.begin() as connection:
            facts.lock_stores(connection, (day.store_id for day in days))
            found = self._read(days)
            self._write(days, found)
            written = [_summary(day, found) for day in days]
            facts.record_exports(connection, [_sold_day(day) for day in written])
        return written

    def _read(self, days: Sequence[StoreDay]) -> Found:
        """Read and cut every table as of one moment."""
        wanted = [(day.store_id, day.business_date) for day in days]
        found = {}
        with facts.snapshot(self._database.url) as snapshot:
            for table, row in _ROWS.items():
                rows = parquet.in_order(table, row, snapshot.read(table, wanted))
                parts = parquet.parts(self._export_dir / table, _PARTITIONS[table], rows)
                found[table] = {part.key: part for part in parts}
        return found

    def _write(self, days: Sequence[StoreDay], found: Found) -> None:
        parts = [part for of_table in found.values() for part in of_table.values()]
        # fsync is mostly waiting, and encoding lets other threads run.
        with ThreadPoolExecutor(WRITERS) as writers:
            changed = list(compress(parts, writers.map(parquet.write_aside, parts)))
        for part in changed:
            parquet.put_in_place(part.folder)
        for table, day in product(TABLES, days):
            if _key(day) not in found[table]:
                parquet.take_away(self._folder(table, day))

    def _has_files(self, day: SoldDay) -> bool:
        """Tell whether the files are there that every day with sales has."""
        tables = ("sales", "sale_lines")
        return all((self._folder(table, day) / parquet.FILE).exists() for table in tables)

    def _folder(self, table: str, day: StoreDay | SoldDay) -> Path:
        partition = dict(zip(_BY_DAY, _key(day), strict=True))
        return parquet.part_folder(self._export_dir / table, partition)


def _key(day: StoreDay | SoldDay) -> Key:
    return (day.store_id, day.business_date)


def _since(asked: ExportAsked) -> dt.date | None:
    """Return the day from which on everything is written, changed or not."""
    if asked.everything or asked.since_days is None:
        return None
    return dt.datetime.now(dt.UTC).date() - dt.timedelta(days=asked.since_days)


def _summary(day: StoreDay, found: Found) -> ExportedDay:
    sales = found["sales"].get(_key(day))
    if sales is None:
        return ExportedDay(day.store_id, day.business_date, 0, 0, 0, "")
    currencies = pc.unique(sales.rows["currency"]).to_pylist()
    return ExportedDay(
        store_id=day.store_id,
        business_date=day.business_date,
        sales=sales.rows.num_rows,
        lines=found["sale_lines"][_key(day)].rows.num_rows,
        total_minor=pc.sum(sales.rows["total_minor"]).as_py(),
        currency=currencies[0] if len(currencies) == 1 else "",
    )


def _sold_day(day: ExportedDay) -> SoldDay:
    return SoldDay(day.store_id, day.business_date, day.sales, day.total_minor)
