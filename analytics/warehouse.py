"""The views of the warehouse: documented models over whatever Parquet files have been exported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import TypeVar, get_type_hints

import duckdb

from analytics.dictionary import Column, Model, models
from domain.errors import DomainError
from domain.facts import STORES, TABLES, StoreFact
from domain.money import UNUSUAL_EXPONENTS, decimal_text

_TYPES = {
    str: "VARCHAR",
    int: "BIGINT",
    dt.date: "DATE",
    dt.datetime: "TIMESTAMP WITH TIME ZONE",
}
_FILES = {
    **dict.fromkeys(TABLES, "store_id=*/business_month=*/*.parquet"),
    STORES: "store_id=*/part.parquet",
}
_MOST_DECIMALS = 4
_TRIES = 5
_EXCHANGED = (
    "TProtocolException",
    "don't know what type",
    "No magic bytes",
    "too small",
    "Cannot open file",
)
Answer = TypeVar("Answer")


def connect(export_dir: Path) -> duckdb.DuckDBPyConnection:
    """Open DuckDB in memory with every model as a view over the export folder.

    A folder that is empty or not there yet gives views with no rows. Connect again to see
    files of a table that had none before; all other new files are seen at once.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for statement in statements(export_dir):
        connection.execute(statement)
    return connection


def steadily(export_dir: Path, ask: Callable[[duckdb.DuckDBPyConnection], Answer]) -> Answer:
    """Ask a fresh warehouse, and again when an export exchanged a file that was being opened.

    DuckDB looks for files and reads them in two steps, with the size it saw in the first.
    """
    for _ in range(_TRIES - 1):
        try:
            return ask(connect(export_dir))
        except (duckdb.Error, DomainError) as error:
            if not any(sign in str(error) for sign in _EXCHANGED):
                raise
    return ask(connect(export_dir))


def script(export_dir: Path) -> str:
    """Return the SQL that makes all views in an analyst's own DuckDB, comments and all."""
    heading = f"-- The warehouse of {export_dir.resolve()}: read this file into DuckDB.\n"
    return heading + "".join(f"\n{statement};\n" for statement in statements(export_dir))


def statements(export_dir: Path) -> Iterator[str]:
    """Yield each statement that builds the warehouse, in order."""
    yield "CREATE SCHEMA IF NOT EXISTS files"
    yield _major_macro()
    for name, row in {STORES: StoreFact, **TABLES}.items():
        yield f"CREATE OR REPLACE VIEW files.{name} AS\n{_source(export_dir.resolve(), name, row)}"
    for model in models():
        yield f"CREATE OR REPLACE VIEW {model.name} AS\n{model.sql}"
        yield from _comments(model)


def column_types(row: type) -> dict[str, str]:
    """Return the DuckDB type of each column of an exported table."""
    hints = get_type_hints(row)
    return {field.name: _TYPES[hints[field.name]] for field in fields(row)}


def _source(export_dir: Path, name: str, row: type) -> str:
    """Read the table's files, or make the same columns without rows while there are none."""
    types = column_types(row)
    pattern = f"{name}/{_FILES[name]}"
    if next(export_dir.glob(pattern), None) is None:
        columns = ",\n".join(
            f"    CAST(NULL AS {kind}) AS {column}" for column, kind in types.items()
        )
        return f"SELECT\n{columns}\nWHERE false"
    columns = ",\n".join(f"    {column}" for column in types)
    return (
        f"SELECT\n{columns}\nFROM read_parquet(\n    {_path(export_dir, pattern)},\n"
        "    hive_partitioning = true,\n    hive_types_autocast = false,\n"
        "    union_by_name = true\n)"
    )


def _path(export_dir: Path, pattern: str) -> str:
    """Quote a path for SQL so that only the pattern's own stars are stars."""
    plain = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(export_dir))
    return _quoted(f"{plain}/{pattern}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _major_macro() -> str:
    """Make `major(minor, currency)`: an exact amount in major units, by ISO 4217 exponent."""
    cases = "".join(
        f"        WHEN list_contains([{_currencies(digits)}], currency) THEN {_unit(digits)}\n"
        for digits in sorted(set(UNUSUAL_EXPONENTS.values()))
    )
    return (
        "CREATE OR REPLACE MACRO major(minor, currency) AS\n"
        f"    CAST(minor * CASE\n{cases}        ELSE {_unit(2)}\n"
        f"    END AS DECIMAL(18, {_MOST_DECIMALS}))"
    )


def _currencies(digits: int) -> str:
    return ", ".join(_quoted(code) for code, own in UNUSUAL_EXPONENTS.items() if own == digits)


def _unit(digits: int) -> str:
    """Write what one minor unit is worth, always with the same number of decimals."""
    return decimal_text(10 ** (_MOST_DECIMALS - digits), _MOST_DECIMALS)


def _comments(model: Model) -> Iterator[str]:
    yield f"COMMENT ON VIEW {model.name} IS {_quoted(model.about)}"
    for column in model.columns:
        yield _column_comment(model, column)


def _column_comment(model: Model, column: Column) -> str:
    return f"COMMENT ON COLUMN {model.name}.{column.name} IS {_quoted(column.about)}"
