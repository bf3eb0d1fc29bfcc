"""Files of sales lines, read by DuckDB into one layout whatever theirs is.

Every layout is a SELECT that yields the columns of `SourceLine` as text plus `store`, and a
second, independent SELECT that says what the sold lines come to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from domain.basket import MOST_LINES
from domain.errors import DomainError
from domain.money import exponent

COLUMNS = (
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "Country",
)  # fmt: skip
_DATE = """coalesce(try_cast(InvoiceDate AS TIMESTAMP), try_strptime(CAST(InvoiceDate AS VARCHAR),
    ['%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S', '%Y/%m/%d %H:%M:%S']))"""
_ENCODINGS = ("utf-8", "latin-1")


class ReplayRefused(DomainError):
    """A file that cannot be replayed."""


@dataclass(frozen=True, slots=True)
class Source:
    """What to read, in which money and time zone; `id` is the SHA-256 of its content."""

    name: str
    id: str
    currency: str
    timezone: str
    lines: str
    expected: str
    by_store: bool = False


def connect() -> duckdb.DuckDBPyConnection:
    """Open a DuckDB of its own that keeps the order of lines."""
    return duckdb.connect(config={"preserve_insertion_order": True})


def open_file(path: Path, currency: str, timezone: str) -> Source:
    """Look at a Parquet or CSV file with the columns of Online Retail; raise `ReplayRefused`."""
    if not path.is_file():
        raise ReplayRefused(f"There is no file {path}. Give the path of a Parquet or CSV file.")
    reader = _reader(path)
    return Source(
        name=path.name,
        id=fingerprint(path),
        currency=currency,
        timezone=timezone,
        lines=_LINES.format(reader=reader, date=_DATE),
        expected=_EXPECTED.format(
            reader=reader,
            date=_DATE,
            digits=exponent(currency),
            scale=10 ** exponent(currency),
            most_lines=MOST_LINES,
            most=10**12,
        ),
    )


def expected_minor(source: Source, limit: int) -> int:
    """Add up in SQL, apart from all other code, what the sold lines of the first invoices cost."""
    with connect() as connection:
        row = connection.execute(source.expected, {"limit": limit}).fetchone()
    return int(row[0]) if row else 0


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def quoted(path: Path) -> str:
    """Write a path as a SQL string."""
    return "'" + str(path).replace("'", "''") + "'"


def _reader(path: Path) -> str:
    """Find a table function that reads the file whole and has every column that is needed."""
    readers = (
        [f"read_parquet({quoted(path)})"]
        if path.suffix.lower() in {".parquet", ".pq"}
        else [_csv_reader(path, encoding) for encoding in _ENCODINGS]
    )
    problem = ""
    for reader in readers:
        try:
            _check_columns(path, reader)
        except duckdb.Error as error:
            problem = str(error).splitlines()[0]
        else:
            return reader
    raise ReplayRefused(f"{path} cannot be read as Parquet or CSV: {problem} Nothing was replayed.")


def _csv_reader(path: Path, encoding: str) -> str:
    return (
        f"read_csv({quoted(path)}, all_varchar=true, header=true, delim=',', quote='\"',"
        f" null_padding=true, parallel=false, encoding='{encoding}')"
    )


def _check_columns(path: Path, reader: str) -> None:
    with connect() as connection:
        found = connection.execute(f"SELECT * FROM {reader} LIMIT 0").description  # noqa: S608 -- our own
        connection.execute(f"SELECT count(COLUMNS(*)) FROM {reader}")  # noqa: S608 -- our own
    names = {column[0].lower() for column in found or ()}
    missing = [column for column in COLUMNS if column.lower() not in names]
    if missing:
        raise ReplayRefused(
            f"{path.name} has no column {', '.join(missing)}. Expected {', '.join(COLUMNS)};"
            f" found {', '.join(sorted(names)) or 'none'}. Nothing was replayed."
        )


_LINES = """
SELECT row_number() OVER () AS number,
       coalesce(trim(CAST(InvoiceNo AS VARCHAR)), '') AS invoice,
       coalesce(trim(CAST(StockCode AS VARCHAR)), '') AS code,
       coalesce(trim(CAST(Description AS VARCHAR)), '') AS name,
       coalesce(trim(CAST(Quantity AS VARCHAR)), '') AS quantity,
       CASE WHEN {date} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31'
            THEN {date} END AS sold_at,  -- what a calendar can show
       coalesce(trim(CAST(UnitPrice AS VARCHAR)), '') AS price,
       '0' AS discount,
       '' AS category,
       coalesce(trim(CAST(InvoiceDate AS VARCHAR)), '') AS dated,
       '' AS store
FROM {reader}
"""

# Shares no code with classify.py on purpose: it is the other opinion on what was sold.
_EXPECTED = """
WITH numbered AS (
    SELECT *, row_number() OVER () AS n, coalesce(trim(CAST(InvoiceNo AS VARCHAR)), '') AS inv
    FROM {reader}
),
placed AS (SELECT inv, row_number() OVER (ORDER BY min(n)) AS place FROM numbered GROUP BY inv),
sound AS (
    SELECT inv, (row_number() OVER (PARTITION BY inv ORDER BY n) - 1) // {most_lines} AS part,
           TRY_CAST(UnitPrice AS DECIMAL(20, 6)) AS price,
           TRY_CAST(Quantity AS DECIMAL(16, 0)) AS pieces,
           {date} AS sold_at,
           regexp_full_match(trim(CAST(Quantity AS VARCHAR)), '[0-9]+([.]0*)?')
             AND regexp_full_match(trim(CAST(UnitPrice AS VARCHAR)), '[0-9]+([.][0-9]{{0,6}}0*)?')
             AND inv <> '' AND NOT regexp_full_match(inv, '[AaCc][0-9]+')
             AND coalesce(trim(CAST(StockCode AS VARCHAR)), '') <> ''
             AND length(inv) <= 193 AND length(trim(CAST(StockCode AS VARCHAR))) <= 200
             AND length(trim(CAST(Quantity AS VARCHAR))) <= 200
             AND length(trim(CAST(UnitPrice AS VARCHAR))) <= 200 AS readable
    FROM numbered JOIN placed USING (inv)
    WHERE place <= $limit
),
lines AS (
    SELECT inv, part, round(price * pieces, {digits}) * {scale} AS minor
    FROM sound
    WHERE readable AND pieces BETWEEN 1 AND 100000 AND price > 0
      AND sold_at >= TIMESTAMP '1970-01-02' AND sold_at < TIMESTAMP '2199-12-31'
),
tickets AS (
    SELECT sum(minor) AS minor FROM lines WHERE minor <= {most} GROUP BY inv, part
)
SELECT CAST(coalesce(sum(minor), 0) AS BIGINT) FROM tickets WHERE minor <= {most}
"""
