"""Parquet files of `domain.facts` rows: always whole, always the same for the same rows."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path
from typing import get_type_hints

import pyarrow as pa
from pyarrow import parquet

from activities.exchange import exchange
from domain.errors import DomainError

SUFFIX = ".parquet"
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
class Place:
    """The folder and the name of one file."""

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        """Where readers find the file."""
        return self.folder / self.name

    @property
    def aside(self) -> Path:
        """Where the file is written before it takes its name."""
        return self.folder / f".{self.name}.aside"

    @property
    def beside(self) -> Path:
        """Where a folder is made ready that takes the place of one with several files."""
        return self.folder.with_name(f".{self.folder.name}.aside")

    def replaced(self) -> list[Path]:
        """Find the files that this one takes the place of: those of days, for one of a month."""
        stem = self.name.removesuffix(SUFFIX)
        return list(self.folder.glob(f"{stem}-*{SUFFIX}"))


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one file and its place."""

    place: Place
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


def parts(columns: Sequence[str], rows: pa.Table, place_of: Callable[..., Place]) -> Iterator[Part]:
    """Cut sorted rows into one part per place; `place_of` is asked with the columns' values."""
    counted = rows.group_by(list(columns)).aggregate([([], "count_all")])
    # Arrow gives groups in no order, also with one thread; the rows are in this one.
    ordered = counted.sort_by([(name, "ascending") for name in columns])
    runs = [tuple(run.values()) for run in ordered.to_pylist()]
    start = 0
    for place, of_place in groupby(runs, lambda run: place_of(*run[:-1])):
        length = sum(run[-1] for run in of_place)
        yield Part(place, rows.slice(start, length))
        start += length


def write_aside(part: Part) -> bool:
    """Write a part next to its place, under a name that no reader looks for, and fsync it.

    False, and nothing written, when the file in place holds the same bytes already.
    """
    encoded = _encoded(part.rows)
    place = part.place
    replaced = place.replaced()
    if not replaced and _holds(place.path, encoded):
        return False
    path = place.beside / place.name if replaced else place.aside
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(encoded)
        file.flush()
        os.fsync(file.fileno())
    if replaced:
        _sync_folder(place.beside)
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


def put_in_place(place: Place) -> None:
    """Let readers see what was written aside instead of what it replaces, at once and for good.

    Files that are replaced stay in the folder beside, for readers who have just listed them.
    """
    if place.beside.exists():
        exchange(place.beside, place.folder)
        _sync_folder(place.folder.parent)
    else:
        place.aside.replace(place.path)
        _sync_folder(place.folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def take_away(place: Place) -> None:
    """Remove the files of a part that has no rows (any more)."""
    for path in (place.path, *place.replaced()):
        path.unlink(missing_ok=True)


def clear_beside(place: Place) -> None:
    """Remove what an earlier export left beside the folder."""
    if place.beside.exists():
        shutil.rmtree(place.beside)
