"""Holding the views to `schema.yml`: the columns they have and what must hold for their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb

from analytics.dictionary import Column, Model


def broken_promises(
    connection: duckdb.DuckDBPyConnection, models: Iterable[Model]
) -> Iterator[str]:
    """Yield a sentence for each thing in the documentation that is not so."""
    for model in models:
        wrong = list(_wrong_columns(connection, model))
        yield from wrong or _wrong_rows(connection, model)


def _wrong_columns(connection: duckdb.DuckDBPyConnection, model: Model) -> Iterator[str]:
    described = connection.execute(f"DESCRIBE {model.name}").fetchall()
    found = {name: kind for name, kind, *_ in described}
    documented = {column.name: column.type for column in model.columns}
    for name in found.keys() - documented.keys():
        yield f"{model.name}.{name} ({found[name]}) is not documented."
    for name in documented.keys() - found.keys():
        yield f"{model.name}.{name} is documented and not there."
    for name in found.keys() & documented.keys():
        if found[name] != documented[name]:
            yield f"{model.name}.{name} is {found[name]}, documented as {documented[name]}."
    if found.keys() == documented.keys() and list(found) != list(documented):
        yield f"{model.name} has its columns in the order {', '.join(found)}."


def _wrong_rows(connection: duckdb.DuckDBPyConnection, model: Model) -> Iterator[str]:
    for rule, query in _rules(model):
        [(count,)] = connection.execute(f"FROM ({query}) SELECT count(*)").fetchall()
        if count:
            yield f"{model.name}: {rule} does not hold {count} times."


def _rules(model: Model) -> Iterator[tuple[str, str]]:
    """Yield what must hold and a query for the rows where it does not."""
    columns = ", ".join(model.unique)
    yield (
        f"unique ({columns})",
        f"FROM {model.name} SELECT {columns} GROUP BY ALL HAVING count(*) > 1",
    )
    for column in model.columns:
        for rule, condition in _conditions(column):
            yield f"{column.name} {rule}", f"FROM {model.name} WHERE {condition}"


def _conditions(column: Column) -> Iterator[tuple[str, str]]:
    if column.required:
        yield "not null", f"{column.name} IS NULL"
    if column.not_negative:
        yield "not negative", f"{column.name} < 0"
    if column.accepted:
        accepted = ", ".join(f"'{value}'" for value in column.accepted)
        yield f"one of {accepted}", f"{column.name} NOT IN ({accepted})"
    if column.references:
        other, _, key = column.references.partition(".")
        yield (
            f"is in {column.references}",
            f"{column.name} NOT IN (FROM {other} SELECT {key} WHERE {key} IS NOT NULL)",
        )
