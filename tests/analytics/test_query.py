from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from analytics import warehouse
from analytics.__main__ import app
from analytics.tally import tally

PROJECT = Path(__file__).resolve().parents[2]


def _analytics(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--export-dir", str(folder)])


def test_a_table_shows_every_row_and_exact_amounts(export_dir: Path) -> None:
    answer = _analytics(
        export_dir, "query", "SELECT currency, 1.50::DECIMAL(8, 2) AS price FROM stores ORDER BY 1"
    )

    assert answer.exit_code == 0, answer.stderr
    shown = [line for line in answer.stdout.splitlines() if "1.50" in line]
    assert [line.strip("│ ").split(" ")[0] for line in shown] == [
        "CHF",
        "EUR",
        "JPY",
        "KWD",
        "NPR",
        "USD",
    ]
    assert answer.stderr.startswith("6 rows")


def test_a_table_shows_values_and_names_letter_by_letter(export_dir: Path) -> None:
    sql = "SELECT '[/x] 3 for 2' AS \"[b]name\", 'lemon:grapes: [red]juice[/red]' AS plain"

    answer = _analytics(export_dir, "query", sql)

    assert answer.exit_code == 0, answer.stderr
    for shown in ("[/x] 3 for 2", "[b]name", "lemon:grapes: [red]juice[/red]"):
        assert shown in answer.stdout


@pytest.mark.parametrize("option", ["--data-dir", "--export-dir"])
def test_a_folder_without_an_office_is_told_with_exit_code_2(tmp_path: Path, option: str) -> None:
    words = ["query", "SELECT count(*) FROM sales", option, str(tmp_path / "no")]

    answer = CliRunner().invoke(app, words)

    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith(f"There is no office and no export in {tmp_path / 'no'}.")


def test_an_office_that_has_not_exported_yet_has_no_sales(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    words = ["query", "SELECT count(*) FROM sales", "--data-dir", str(tmp_path)]

    answer = CliRunner().invoke(app, [*words, "--format", "csv"])

    assert answer.stdout.splitlines()[-1] == "0", answer.stderr


def test_csv_json_and_parquet_hold_the_same_answer(export_dir: Path, tmp_path: Path) -> None:
    question = "SELECT store_id, total, sold_at FROM sales ORDER BY sale_id"
    expected = (
        warehouse.connect(export_dir)
        .execute(
            "SELECT store_id, total::VARCHAR, sold_at::VARCHAR FROM sales ORDER BY sale_id LIMIT 5"
        )
        .fetchall()
    )

    for form, reader in (("csv", "read_csv"), ("json", "read_json"), ("parquet", "read_parquet")):
        answer = _analytics(export_dir, "query", question, "--format", form, "--limit", "5")
        file = tmp_path / f"answer.{form}"
        file.write_bytes(answer.stdout_bytes)
        own = duckdb.connect()
        own.execute("SET TimeZone = 'UTC'")
        found = own.execute(
            f"FROM {reader}('{file}') SELECT store_id::VARCHAR, total::DECIMAL(18, 4)::VARCHAR, "
            "sold_at::TIMESTAMPTZ::VARCHAR"
        ).fetchall()
        assert [row[1:] for row in found] == [row[1:] for row in expected], form


def test_a_question_can_come_from_a_file(export_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "question.sql"
    file.write_text('-- how many\nSELECT count(*) AS "ñ;" FROM sales; -- all of them\n')

    answer = _analytics(export_dir, "query", "--file", str(file), "--format", "json")

    assert json.loads(answer.stdout) == [{"ñ;": 300}]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT totl FROM sales", "Documented names like it: sales.total,"),
        ("SELECT * FROM sale_by_hours", "Documented names like it: sales_by_hour"),
        ("SELEC 1", "syntax error"),
        ("DROP VIEW sales", "DROP may change something; only SELECT is run here."),
        ("COPY sales TO 'x.csv'", "COPY may change something"),
        ("EXPLAIN ANALYZE COPY sales TO 'x.csv'", "COPY may change something"),
        ("SELECT 1; SELECT 2", "Expected one statement, found 2. Nothing was run."),
        ("", "Expected one statement, found 0."),
        ("SELECT CAST('x' AS INTEGER)", "Could not convert string 'x'"),
    ],
)
@pytest.mark.parametrize("form", ["table", "csv"])
def test_what_cannot_be_answered_is_said_with_exit_code_2(
    export_dir: Path, sql: str, said: str, form: str
) -> None:
    answer = _analytics(export_dir, "query", sql, "--format", form)

    assert answer.exit_code == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_a_question_is_given_once(export_dir: Path) -> None:
    for arguments in ((), ("SELECT 1", "--file", "q.sql"), ("--file", "not-there.sql")):
        answer = _analytics(export_dir, "query", *arguments)

        assert answer.exit_code == 2
        assert answer.stderr


def test_the_tally_is_a_list_for_programs(export_dir: Path) -> None:
    answer = _analytics(export_dir, "tally", "--json")

    expected = tally(warehouse.connect(export_dir))
    assert [(one["till_id"], one["total_minor"]) for one in json.loads(answer.stdout)] == [
        (one.till_id, one.total_minor) for one in expected
    ]
    assert sum(one.sales for one in expected) == 300


def test_the_folder_is_found_by_the_offices_own_setting(export_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "export").symlink_to(export_dir)
    environment = {**os.environ, "TILLFLOW_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "analytics", "tally"]

    answer = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=True)

    assert len(answer.stdout.splitlines()) == 12


def test_models_views_and_checks_can_be_printed(export_dir: Path) -> None:
    listed, script, checked = (
        _analytics(export_dir, "views"),
        warehouse.script(export_dir),
        _analytics(export_dir, "check"),
    )

    assert listed.stdout == script
    assert checked.stdout == "Every column is as documented and every check holds.\n"
    assert checked.exit_code == 0
