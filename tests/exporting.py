"""A ledger that sales are posted to and the export that is made of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from activities.db.engine import Database
from activities.db.posting import post_sales
from activities.export import Exporter
from analytics import warehouse
from analytics.tally import tally
from domain.reconcile import Tally
from domain.sale import Sale
from workflows.steps import ExportAsked, ExportedDay, StoreDay


class Selling:
    """Posts sales as the office does, exports what is due, reads as an analyst does."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.exporter = Exporter(database, folder)

    def post(self, sales: Iterable[Sale]) -> None:
        with self.database.begin() as connection:
            outcomes = {posted.outcome for posted in post_sales(connection, list(sales))}
        assert outcomes <= {"recorded"}

    def due(self, asked: ExportAsked | None = None) -> tuple[StoreDay, ...]:
        return self.exporter.days_to_export(asked or ExportAsked()).days

    def export(self) -> list[ExportedDay]:
        return self.exporter.export_days(self.due())

    def ask(self, sql: str) -> list[Any]:
        return warehouse.steadily(self.folder, lambda opened: opened.execute(sql).fetchall())

    def tally(self) -> list[Tally]:
        return warehouse.steadily(self.folder, tally)


def day_of(sale: Sale) -> StoreDay:
    return StoreDay(sale.store_id, sale.business_date)


def files_in(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
