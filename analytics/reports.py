"""Answering an analyst's own SQL: one question in, a table or a file out, nothing changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import duckdb
from rich.table import Table
from rich.text import Text

from analytics.dictionary import nearest
from domain.errors import DomainError

_NUMBERS = ("BIGINT", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "INTEGER", "SMALLINT", "TINYINT")
_EXPLAIN = re.compile(r"\s*EXPLAIN\s+(ANALYZE\s+)?", re.IGNORECASE)


class QueryRefused(DomainError):
    """A question that DuckDB could not answer or that would change something."""


class FileFormat(StrEnum):
    """How an answer is written to a file; the value is DuckDB's own word and options."""

    CSV = "FORMAT csv, HEADER"
    JSON = "FORMAT json, ARRAY true"
    PARQUET = "FORMAT parquet, COMPRESSION zstd"


class Question:
    """One SELECT of an analyst over the warehouse; each use runs it anew."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, sql: str, limit: int | None = None
    ) -> None:
        self._connection = connection
        self._sql = _only_reading(connection, sql)
        self._limit = limit

    def as_table(self) -> Table:
        """Draw the answer for a terminal: every value as DuckDB writes it, numbers to the right."""
        relation = self._relation()
        table = Table()
        for name, kind in zip(relation.columns, relation.types, strict=True):
            right = str(kind).startswith(_NUMBERS)
            table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
        for row in _texts(relation):
            table.add_row(*map(Text, row))
        return table

    def write(self, path: Path, form: FileFormat) -> None:
        """Write the answer to a file."""
        try:
            self._relation().create_view("answer")
            quoted = str(path).replace("'", "''")
            self._connection.execute(f"COPY answer TO '{quoted}' ({form.value})")
        except duckdb.Error as error:
            raise _refusal(error) from error

    def _relation(self) -> duckdb.DuckDBPyRelation:
        try:
            relation = self._connection.sql(self._sql)
            return relation if self._limit is None else relation.limit(self._limit)
        except duckdb.Error as error:
            raise _refusal(error) from error


def _only_reading(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Return the one statement there is, if it only reads."""
    try:
        # EXPLAIN ANALYZE runs what it explains, so that is what has to be looked at.
        found = connection.extract_statements(_EXPLAIN.sub("", sql, count=1))
    except duckdb.Error as error:
        raise _refusal(error) from error
    if len(found) != 1:
        raise QueryRefused(f"Expected one statement, found {len(found)}. Nothing was run.")
    if found[0].type != duckdb.StatementType.SELECT:
        kind = found[0].type.name
        raise QueryRefused(f"{kind} may change something; only SELECT is run here.")
    return _without_end(sql)


def _without_end(sql: str) -> str:
    """Cut off the last semicolon and comments, so that the rest can stand inside other SQL."""
    text = sql.encode()
    for start, kind in reversed(duckdb.tokenize(sql)):
        if kind != duckdb.token_type.comment and text[start:] != b";":
            break
        text = text[:start].rstrip()
    return text.decode()


def _texts(relation: duckdb.DuckDBPyRelation) -> Iterator[list[str]]:
    columns = [f'CAST("{_doubled(name)}" AS VARCHAR)' for name in relation.columns]
    try:
        for row in relation.project(", ".join(columns)).fetchall():
            yield ["" if value is None else value for value in row]
    except duckdb.Error as error:
        raise _refusal(error) from error


def _doubled(name: str) -> str:
    return name.replace('"', '""')


def _refusal(error: duckdb.Error) -> QueryRefused:
    """Give DuckDB's words, and the documented names most like the one it does not know."""
    words = re.findall(r'column "([^"]+)"|Table with name (\S+) does not', str(error))
    known = [name for column, table in words for name in nearest(column or table)]
    hint = f"\nDocumented names like it: {', '.join(dict.fromkeys(known))}." if known else ""
    return QueryRefused(f"{error}{hint}")
