"""The analyst: rows exported per second against a raw COPY, and how long the models take."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
from duckdb import DuckDBPyConnection
from figures import Figure, Samples, rate
from fixtures_office import TEMPLATE
from world_shop import WORLD, Shopping

from activities.db import facts
from activities.db.engine import Database, libpq_url
from activities.db.migrate import migrate
from activities.db.posting import post_sales
from activities.db.shop import load_shop
from activities.export import Exporter
from analytics import warehouse
from api.engines.postgres import EmbeddedPostgres
from domain.facts import TABLES
from workflows.steps import ExportAsked, StoreDay

CHUNK = 500
MODELS = ("sales_by_hour", "sales_by_day", "sales_by_product", "sales_by_tax", "sales_by_tender")


def measure(*, quick: bool) -> list[Figure]:
    """Fill a ledger with sales of six kinds of stores, export it, and query the files."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        postgres.start()
        migrate(postgres.url(TEMPLATE))
        database = Database(postgres.url(TEMPLATE))
        try:
            _fill(database, 2_000 if quick else 30_000)
            export_dir = Path(folder) / "export"
            times = 2 if quick else 5
            return [*_export(database, export_dir, times), *_models(export_dir, times)]
        finally:
            database.close()
            postgres.stop()


def _fill(database: Database, count: int) -> None:
    with database.begin() as connection:
        load_shop(connection, WORLD)
    shopping = Shopping()
    for _ in range(0, count, CHUNK):
        with database.begin() as connection:
            post_sales(connection, shopping.sales(CHUNK))


def _export(database: Database, export_dir: Path, times: int) -> list[Figure]:
    """Export every day again and again; in between, COPY the same rows to nowhere."""
    exporter = Exporter(database, export_dir)
    days = list(exporter.days_to_export(ExportAsked(everything=True)).days)
    exported: list[float] = []
    copied: list[float] = []
    for _ in range(times):
        rows = _raw_copy(database.url, days, copied)
        _clear(export_dir)
        exported.append(_rate(rows, partial(exporter.export_days, days)))
    base = sorted(copied)[len(copied) // 2]
    return [
        rate("the same rows by COPY (SELECT …) TO STDOUT, thrown away", "rows/s", copied),
        rate(
            "export: PostgreSQL → Parquet, fsynced",
            "rows/s",
            exported,
            against="raw COPY",
            base=base,
        ),
    ]


def _clear(export_dir: Path) -> None:
    """Throw the files away, so that each export writes all of them."""
    for file in export_dir.rglob("*.parquet"):
        file.unlink()


def _raw_copy(url: str, days: list[StoreDay], rates: list[float]) -> int:
    wanted = [(day.store_id, day.business_date) for day in days]
    rows = 0
    begin = time.perf_counter()
    with psycopg.connect(libpq_url(url)) as connection, connection.cursor() as cursor:
        for table in TABLES:
            query = facts.fact_query(table, wanted)
            with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copy:
                for _ in copy:
                    pass
            rows += cursor.rowcount
    rates.append(rows / (time.perf_counter() - begin))
    return rows


def _rate(rows: int, act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return rows / (time.perf_counter() - begin)


def _ask(opened: DuckDBPyConnection, model: str) -> None:
    opened.execute(f"FROM {model}").fetchall()


def _models(export_dir: Path, times: int) -> list[Figure]:
    opened = warehouse.connect(export_dir)
    figures = []
    for model in MODELS:
        took = Samples()
        for _ in range(times + 1):
            took.measure(partial(_ask, opened, model))
        figures.append(took.figure(f"DuckDB model {model}"))
    return figures
