"""The import rules of pyproject.toml hold, and each of them can be broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import house
import pytest

LINTER = Path(sys.executable).parent / "lint-imports"


def lint(folder: Path) -> tuple[int, str]:
    finished = subprocess.run(
        [LINTER, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return finished.returncode, finished.stdout + finished.stderr


@pytest.fixture
def empty_rooms(tmp_path: Path) -> Path:
    """The rooms without furniture, under the project's own rules."""
    shutil.copy(house.ROOT / "pyproject.toml", tmp_path)
    for room in (*house.ROOMS, "activities/db", "till_kivy/hardware", "till_kivy/screens"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    return tmp_path


def furnish(rooms: Path, **files: str) -> None:
    for name, text in files.items():
        path = rooms / f"{name.replace('__', '/')}.py"
        path.write_text(f"{text}\n")


def test_empty_rooms_break_no_rule(empty_rooms: Path) -> None:
    code, output = lint(empty_rooms)

    assert code == 0, output


def test_what_each_room_may_import_breaks_no_rule(empty_rooms: Path) -> None:
    furnish(
        empty_rooms,
        domain__money="import biip",
        workflows__steps="import temporalio\nimport domain.money",
        activities__db__engine="import sqlalchemy",
        activities__settings="import domain.money",
        activities__export="import duckdb",
        api__sales="import activities.db.engine\nimport activities.settings",
        till_kivy__hardware__printer="import escpos",
        till_kivy__screens__selling="import kivy.uix",
        till_kivy__replay="import duckdb",
        till_kivy__app="import kivy.app\nimport till_kivy.hardware.printer",
        till_kivy__journal="import sqlcipher3",
        analytics__warehouse="import duckdb\nimport domain.money",
    )

    code, output = lint(empty_rooms)

    assert code == 0, output


@pytest.mark.parametrize(
    ("file", "text", "rule"),
    [
        ("domain__money", "import workflows", "Rooms lie on top of each other"),
        ("workflows__steps", "import activities.db", "Rooms lie on top of each other"),
        ("activities__ledger", "import api", "Rooms lie on top of each other"),
        ("api__sales", "import activities", "Rooms lie on top of each other"),
        ("api__sales", "import till_kivy", "Rooms lie on top of each other"),
        ("till_kivy__sync", "import workflows", "The till and the analyst know nothing"),
        ("till_kivy__sync", "import activities.db", "The till and the analyst know nothing"),
        ("analytics__reports", "import workflows", "The till and the analyst know nothing"),
        ("domain__money", "import pydantic", "domain stands on the standard library"),
        ("till_kivy__register", "import kivy", "Only screens, widgets and app"),
        ("till_kivy__register", "import gpiozero", "Only till_kivy.hardware talks to devices"),
        ("till_kivy__screens__selling", "import escpos", "Only till_kivy.hardware talks"),
        ("api__sales", "import sqlalchemy", "Only activities speaks to PostgreSQL"),
        ("till_kivy__catalog", "import psycopg", "Only activities speaks to PostgreSQL"),
        ("activities__ledger", "import sqlcipher3", "The encrypted journal belongs to the till"),
        ("api__reports", "import duckdb", "DuckDB is the analyst's"),
        ("till_kivy__journal", "import duckdb", "DuckDB is the analyst's"),
    ],
)
def test_the_rule_stops_what_it_is_written_against(
    empty_rooms: Path, file: str, text: str, rule: str
) -> None:
    furnish(empty_rooms, **{file: text})

    code, output = lint(empty_rooms)

    assert code == 1
    assert rule in output.partition("Broken contracts")[2]


def test_two_files_that_need_each_other_are_stopped(empty_rooms: Path) -> None:
    furnish(empty_rooms, domain__sale="import domain.basket", domain__basket="import domain.sale")

    code, output = lint(empty_rooms)

    assert code == 1
    assert "No cycles between the files of a room" in output.partition("Broken contracts")[2]


def test_the_real_rooms_break_no_rule() -> None:
    code, output = lint(house.ROOT)

    assert code == 0, output
