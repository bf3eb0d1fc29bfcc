"""Parquet files of `domain.facts` rows: always whole, always the same for the same rows."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import get_type_hints
from urllib.parse import quote

import pyarrow as pa
from pyarrow import parquet

from domain.errors import DomainError

FILE = "part.parquet"
_ASIDE = ".part.aside"
_ROWS_A_GROUP = 128 * 1024
_WORTH_A_DICTIONARY = 100
_TYPES = {
    str: pa.string(),
    int: pa.int64(),
    dt.date: pa.date32(),
    dt.datetime: pa.timestamp("us", tz="UTC"),
}
# Rows of one file in the order in which they are asked for, ending in what makes them unique.
_ORDER = {
    "stores": ["store_id"],
    "sales": ["store_id", "business_date", "sold_at", "sale_id"],
    "sale_lines": ["store_id", "business_date", "sold_at", "sale_id", "position", "line_id"],
    "tenders": ["store_id", "business_date", "sale_id", "tender_id"],
    "line_taxes": ["store_id", "business_date", "sale_id", "line_id", "tax_code"],
}


class WrongColumns(DomainError):
    """The ledger gave other columns than `domain.facts` promises."""

    def __init__(self, table: str, found: pa.Schema, expected: pa.Schema) -> None:
        super().__init__(
            f"Table {table} was read as {_listed(found)}, expected {_listed(expected)}. "
            "No file was written."
        )


def _listed(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in schema)


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one file, the values of its partition and the folder it belongs into."""

    key: tuple[object, ...]
    folder: Path
    rows: pa.Table


def arrow_schema(row: type) -> pa.Schema:
    """Return the columns of an exported table as Arrow has them."""
    hints = get_type_hints(row)
    return pa.schema([(field.name, _TYPES[hints[field.name]]) for field in fields(row)])


def in_order(table: str, row: type, rows: pa.Table) -> pa.Table:
    """Check names and types against the row of `domain.facts` and sort; integers may widen."""
    expected = arrow_schema(row)
    if not _fits(rows.schema, expected):
        raise WrongColumns(table, rows.schema, expected)
    return rows.cast(expected).sort_by([(name, "ascending") for name in _ORDER[table]])


def _fits(found: pa.Schema, expected: pa.Schema) -> bool:
    return found.names == expected.names and all(
        mine.type == theirs.type
        or (pa.types.is_signed_integer(mine.type) and theirs.type == pa.int64())
        for mine, theirs in zip(found, expected, strict=True)
    )


def parts(folder: Path, columns: Sequence[str], rows: pa.Table) -> Iterator[Part]:
    """Cut sorted rows into one part per value of the partition columns."""
    counted = rows.select(columns).group_by(list(columns), use_threads=False)
    start = 0
    for run in counted.aggregate([([], "count_all")]).to_pylist():
        length = run.pop("count_all")
        yield Part(tuple(run.values()), part_folder(folder, run), rows.slice(start, length))
        start += length


def part_folder(folder: Path, partition: Mapping[str, object]) -> Path:
    """Return the hive-style folder of a partition; DuckDB reads odd letters back as they were."""
    return folder.joinpath(*(f"{name}={quote(str(v), safe=' ')}" for name, v in partition.items()))


def write_aside(part: Part) -> bool:
    """Write a part next to its place, under a name that no reader looks for, and fsync it.

    False, and nothing written, when the file in place holds the same bytes already.
    """
    encoded = _encoded(part.rows)
    if _holds(part.folder / FILE, encoded):
        return False
    part.folder.mkdir(parents=True, exist_ok=True)
    with (part.folder / _ASIDE).open("wb") as file:
        file.write(encoded)
        file.flush()
        os.fsync(file.fileno())
    return True


def _encoded(rows: pa.Table) -> pa.Buffer:
    stream = pa.BufferOutputStream()
    parquet.write_table(
        rows,
        stream,
        row_group_size=_ROWS_A_GROUP,
        compression="zstd",
        store_schema=False,
        use_dictionary=rows.num_rows >= _WORTH_A_DICTIONARY,
    )
    return stream.getvalue()


def _holds(path: Path, encoded: pa.Buffer) -> bool:
    try:
        return path.stat().st_size == encoded.size and bool(path.read_bytes() == encoded)
    except FileNotFoundError:
        return False


def put_in_place(folder: Path) -> None:
    """Rename the file written aside to the name that readers look for, for good."""
    (folder / _ASIDE).replace(folder / FILE)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def take_away(folder: Path) -> None:
    """Remove the file of a part that has no rows (any more)."""
    (folder / FILE).unlink(missing_ok=True)
