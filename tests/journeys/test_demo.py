"""The demo shop, unattended, from an empty folder to equal books."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from commands import place, settings_in, tillflow
from leftovers import MARK, carries

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
    second = tillflow(*words, "--seed", "7", settings=settings)

    assert first.returncode == 0, first.stdout + first.stderr
    assert sales_of(first.stdout) == 20
    assert second.returncode == 0, second.stdout + second.stderr
    assert sales_of(second.stdout) == 40
    assert [p.name() for p in still_running(str(folder))] == []


def test_an_unattended_demo_needs_a_number_of_sales(folder: Path) -> None:
    refused = tillflow("demo", "--exit", settings=settings_in(folder))

    assert refused.returncode == 2
    assert "--exit needs --sales" in refused.stderr


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
