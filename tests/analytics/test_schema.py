from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from exported import Rows, facts_of, write_files
from world_shop import STORES, Shopping

from analytics import warehouse
from analytics.checks import broken_promises
from analytics.dictionary import Model, models


def test_every_view_is_documented_and_keeps_its_promises(export_dir: Path) -> None:
    connection = warehouse.connect(export_dir)

    assert list(broken_promises(connection, models())) == []
    assert {
        name
        for (name,) in connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal"
        ).fetchall()
    } == {model.name for model in models()}


def test_an_empty_warehouse_has_the_same_columns_and_no_rows(tmp_path: Path) -> None:
    connection = warehouse.connect(tmp_path / "not there yet")

    assert list(broken_promises(connection, models())) == []
    for model in models():
        assert connection.execute(f"FROM {model.name}").fetchall() == []


def test_a_table_without_files_is_empty_beside_others_that_have_some(tmp_path: Path) -> None:
    facts = facts_of(Shopping(1).sales(5), STORES)
    del facts["line_taxes"]
    write_files(facts, tmp_path)

    connection = warehouse.connect(tmp_path)

    assert connection.execute("SELECT count(*) FROM sales_by_tax").fetchall() == [(0,)]
    assert connection.execute("SELECT sum(sales) FROM sales_by_day").fetchall() == [(5,)]


def test_every_sentence_about_a_column_stands_beside_it_in_the_sql() -> None:
    for model in models():
        lines = model.sql.splitlines()
        assert lines[0] == f"-- {model.about}"
        for column in model.columns:
            assert any(
                line.endswith(f" -- {column.about}") and column.name in line for line in lines
            ), f"{model.name}.{column.name}"


def test_every_sentence_can_be_asked_for_in_sql(tmp_path: Path) -> None:
    connection = warehouse.connect(tmp_path)

    found = connection.execute(
        "SELECT table_name, column_name, comment FROM duckdb_columns() "
        "WHERE schema_name = 'main' AND NOT internal"
    ).fetchall()

    assert set(found) == {
        (model.name, column.name, column.about) for model in models() for column in model.columns
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"columns": -1}, "sales_by_tender.kept (DECIMAL(18,4)) is not documented."),
        ({"type": "DATE"}, "sales_by_tender.kept is DECIMAL(18,4), documented as DATE."),
        ({"name": "keep"}, "sales_by_tender.keep is documented and not there."),
        ({"accepted": ("9",)}, "sales_by_tender: kept one of '9' does not hold 1 times."),
        ({"not_negative": True}, "sales_by_tender: kept not negative does not hold 1 times."),
        (
            {"references": "sales.total"},
            "sales_by_tender: kept is in sales.total does not hold 1 times.",
        ),
        ({"unique": ("currency",)}, "sales_by_tender: unique (currency) does not hold 1 times."),
    ],
)
def test_a_difference_from_the_documentation_is_found(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    write_files(_two_days_one_of_them_negative(), tmp_path)

    found = list(broken_promises(warehouse.connect(tmp_path), [_changed(change)]))

    assert sentence in found


def _two_days_one_of_them_negative() -> Rows:
    [store] = STORES[:1]
    facts = facts_of([Shopping(2).sale(store)], [store])
    first = replace(facts["tenders"][0], kind="cash", kept_minor=-1)
    facts["tenders"] = [first, replace(first, kind="card", kept_minor=900)]
    facts["sales"] = [replace(facts["sales"][0], total_minor=900)]
    return facts


def _changed(change: dict[str, object]) -> Model:
    model = next(model for model in models() if model.name == "sales_by_tender")
    if "unique" in change:
        return replace(model, unique=("currency",))
    if "columns" in change:
        return replace(model, columns=model.columns[:-1])
    last = replace(model.columns[-1], **change)  # type: ignore[arg-type]  # the case names a field
    return replace(model, columns=(*model.columns[:-1], last))
