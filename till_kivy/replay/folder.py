"""The folder of a replay: its plan, its lines by till, and what was set aside."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from till_kivy.replay.classify import SetAside, SourceLine
from till_kivy.replay.invoices import Invoice, invoices
from till_kivy.replay.plan import Plan
from till_kivy.replay.source import Source, connect, quoted

_PLANS = TypeAdapter(Plan)
_FIELDS = "number, invoice, code, name, quantity, sold_at, price, discount, category, dated"
_HEADER = "line InvoiceNo StockCode Description Quantity InvoiceDate UnitPrice reason".split()
_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class PlannedTill:
    """A till of the plan and how many lines it has to go through."""

    id: str
    store_id: str
    lines: int


class Folder:
    """Where a replay keeps its plan."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = quoted(path / "lines.parquet")

    def write_lines(self, source: Source, tills: int, limit: int) -> int:
        """Sort the file's lines by till and invoice; return how many there are."""
        self.path.mkdir(parents=True, exist_ok=True)
        till = "store || '-1'" if source.by_store else f"'R' || ((place - 1) % {tills} + 1)"
        store = "store" if source.by_store else "'REPLAY'"
        sql = _PLAN.format(
            lines=source.lines, till=till, store=store, limit=int(limit), fields=_FIELDS
        )
        aside = self.path / "lines.parquet.new"
        with connect() as connection:
            connection.execute(f"COPY ({sql}) TO {quoted(aside)} (FORMAT parquet)")
        aside.replace(self.path / "lines.parquet")
        return int(self._one("SELECT count(*) FROM {}"))

    def tills(self) -> list[PlannedTill]:
        """Return the tills that have something to do, the busiest first."""
        rows = self._rows(
            "SELECT till, store_id, count(*) FROM {} GROUP BY ALL ORDER BY count(*) DESC, till"
        )
        return [PlannedTill(*row) for row in rows]

    def invoices(self, plan: Plan, till_id: str | None = None) -> Iterator[Invoice]:
        """Yield the invoices of one till, or of all, in the order of the file."""
        where = "" if till_id is None else "WHERE till = $till"
        sql = f"SELECT {_FIELDS} FROM {{}} {where} ORDER BY till, place, number"  # noqa: S608 -- constants
        values = {} if till_id is None else {"till": till_id}
        return invoices((SourceLine(*row) for row in self._rows(sql, values)), plan.currency)

    def code_numbers(self) -> dict[str, int]:
        """Number the stock codes in the order in which the whole file first names them."""
        return dict(self._rows("SELECT DISTINCT code, code_number FROM {}"))

    def save(self, plan: Plan) -> None:
        """Write down what the plan was made of."""
        aside = self.path / "plan.json.new"
        aside.write_bytes(_PLANS.dump_json(plan, indent=1))
        aside.replace(self.path / "plan.json")

    def load(self) -> Plan | None:
        """Return the plan that is here already."""
        path = self.path / "plan.json"
        return _PLANS.validate_json(path.read_bytes()) if path.exists() else None

    def write_set_aside(self, lines: Iterable[SetAside]) -> None:
        """List what is no sale, in the order of the file."""
        aside = self.path / "set_aside.csv.new"
        with aside.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(_HEADER)
            for line in sorted(lines, key=lambda line: line.source.number):
                writer.writerow(_row(line))
        aside.replace(self.path / "set_aside.csv")

    def _rows(self, sql: str, values: dict[str, str] | None = None) -> Iterator[tuple[Any, ...]]:
        with connect() as connection:
            result = connection.execute(sql.format(f"read_parquet({self._lines})"), values or {})
            while rows := result.fetchmany(_ROWS):
                yield from rows

    def _one(self, sql: str) -> Any:  # noqa: ANN401 -- a cell of a query
        return next(iter(self._rows(sql)))[0]


def _row(line: SetAside) -> list[object]:
    source = line.source
    return [
        source.number,
        source.invoice,
        source.code,
        source.name,
        source.quantity,
        source.dated,
        source.price,
        line.reason.value,
    ]


# A code is numbered by its place in the whole file, so that a larger part keeps the numbers.
_PLAN = """
WITH lines AS ({lines}),
firsts AS (
    SELECT *, min(number) OVER (PARTITION BY invoice) AS first,
           min(number) OVER (PARTITION BY code) AS code_first
    FROM lines
),
placed AS (
    SELECT *, dense_rank() OVER (ORDER BY first) AS place,
           dense_rank() OVER (ORDER BY code_first) AS code_number
    FROM firsts
)
SELECT {fields}, place, code_number, {till} AS till, {store} AS store_id
FROM placed WHERE place <= {limit}
ORDER BY till, place, number
"""
