"""The demo shop, unattended, from an empty folder to equal books."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from commands import Tillflow, place, settings_in, tillflow
from leftovers import MARK, carries

from api.engines.postgres import EmbeddedPostgres

pytestmark = pytest.mark.timeout(240)
BALANCED = re.compile(
    r"till journals (\d+) sales (.+) = ledger \1 sales \2 = DuckDB \1 sales \2  balanced"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with place() as folder:
        yield folder


def test_the_demo_sells_balances_leaves_nothing_running_and_goes_on_the_next_day(
    folder: Path,
) -> None:
    settings = settings_in(folder / "elsewhere")
    words = ("demo", "--sales", "20", "--exit", "--dir", str(folder / "demo"))

    first = tillflow(*words, settings=settings)
    taken_over(folder / "demo")
    second = tillflow(*words, "--seed", "7", settings=settings)

    assert first.returncode == 0, first.stdout + first.stderr
    assert sales_of(first.stdout) == 20
    assert second.returncode == 0, second.stdout + second.stderr
    assert sales_of(second.stdout) == 40
    assert owner_of(folder / "demo") == "New owner"
    assert [p.name() for p in still_running(str(folder))] == []


def test_the_demo_keeps_out_of_another_shop(folder: Path) -> None:
    settings = settings_in(folder)
    words = ("demo", "--sales", "1", "--exit", "--dir", str(folder))
    with Tillflow(settings, "up") as office:
        office.until_it_says("Ctrl-C stops everything")

    refused = tillflow(*words, settings=settings)

    assert refused.returncode == 1
    assert f"{folder} holds another shop" in " ".join(refused.stderr.split())
    assert "demo-demo-demo" not in refused.stdout + refused.stderr


def test_an_unattended_demo_needs_a_number_of_sales(folder: Path) -> None:
    refused = tillflow("demo", "--exit", settings=settings_in(folder))

    assert refused.returncode == 2
    assert "--exit needs --sales" in refused.stderr


def taken_over(demo: Path) -> None:
    """Let the demo shop's owner have another name."""
    with office_books(demo) as connection:
        connection.execute("UPDATE users SET name = 'New owner' WHERE id = 'demo'")


def owner_of(demo: Path) -> str:
    with office_books(demo) as connection:
        return str(connection.execute("SELECT name FROM users WHERE id = 'demo'").fetchall()[0][0])


@contextmanager
def office_books(folder: Path) -> Iterator[psycopg.Connection]:
    """The database of an office that has stopped."""
    settings = settings_in(folder)
    with (
        EmbeddedPostgres(settings.postgres_dir) as postgres,
        psycopg.connect(postgres.url()) as books,
    ):
        yield books


def sales_of(text: str) -> int:
    found = BALANCED.search(text)
    assert found, text
    return int(found[1])


def still_running(folder: str) -> list[psutil.Process]:
    mark = os.environ[MARK]
    return [
        process
        for process in psutil.process_iter()
        if carries(process, mark) and any(folder in word for word in process.cmdline())
    ]
