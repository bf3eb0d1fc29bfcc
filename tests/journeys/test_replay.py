"""Real sales through a whole office: every line accounted for, also after a kill."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from baskets import basket_cache
from commands import Tillflow, place, settings_in, tillflow
from notrun import optional_data
from replays import HEADER, ODD_LINES, odd_file

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def folder() -> Iterator[Path]:
    with place() as folder:
        yield folder


def test_a_file_with_every_odd_line_ends_balanced(folder: Path) -> None:
    file = odd_file(folder)

    done = tillflow(
        "replay", str(file), "--dir", str(folder / "replay"), settings=settings_in(folder)
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ODD_LINES.splitlines())} lines = 4 sold + 15 set aside" in done.stdout
    assert "ledger 137.15 GBP = 137.15 GBP added up in SQL over lines.csv" in done.stdout
    assert "till journals 3 sales 137.15 GBP = ledger 3 sales 137.15 GBP" in done.stdout
    assert (folder / "replay" / "replay" / "set_aside.csv").exists()


def test_a_replay_that_was_killed_goes_on_and_sells_nothing_twice(folder: Path) -> None:
    file, settings = many_invoices(folder, 600), settings_in(folder)
    words = ("replay", str(file), "--dir", str(folder / "replay"), "--tills", "2")
    with Tillflow(settings, *words) as killed:
        killed.until_it_says("products loaded")
        killed.until_a_log_says(folder / "replay" / "logs", '"sales": 1')
        killed.end(signal.SIGKILL)

    done = tillflow(*words, settings=settings)

    assert done.returncode == 0, done.stdout + done.stderr
    before = re.search(r"([\d,]+) sales made \(([\d,]+) were sold before\)", done.stdout)
    assert before, done.stdout
    assert int(before[1]) + int(before[2]) == 600
    assert "till journals 600 sales 3003.00 GBP = ledger 600 sales 3003.00 GBP" in done.stdout


def test_a_part_of_the_real_file_ends_balanced(folder: Path) -> None:
    file = optional_data("online_retail_2010_2011.parquet")

    done = tillflow(
        *("replay", str(file), "--limit", "150", "--dir", str(folder / "replay")),
        settings=settings_in(folder),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "balanced" in done.stdout


def test_a_chain_of_stores_ends_balanced_with_its_old_months_in_one_file_each(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    basket_cache(folder / "cache" / "tillflow")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))

    done = tillflow(
        *("replay", "--dataset", "completejourney", "--dir", str(folder / "replay")),
        settings=settings_in(folder),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 lines = 3 sold + 4 set aside" in done.stdout
    assert "ledger 9.05 USD = 9.05 USD added up in SQL over completejourney" in done.stdout
    assert (
        "till journals 2 sales 9.05 USD = ledger 2 sales 9.05 USD = DuckDB 2 sales" in done.stdout
    )
    sales = (folder / "replay" / "export" / "sales").rglob("*.parquet")
    assert sorted(str(path.relative_to(path.parents[2])) for path in sales) == [
        "store_id=CJ330/business_month=2017-01/2017-01.parquet",
        "store_id=CJ406/business_month=2017-01/2017-01.parquet",
    ]


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["no-such-file.csv"], 1, "There is no file no-such-file.csv"),
        ([], 2, "Name a file, or a data set with --dataset"),
        (["--dataset", "mystery"], 2, "There is no data set mystery"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_a_sentence(
    folder: Path, words: list[str], status: int, sentence: str
) -> None:
    done = tillflow("replay", *words, "--dir", str(folder), settings=settings_in(folder))

    assert done.returncode == status
    assert sentence in done.stdout + done.stderr


def many_invoices(folder: Path, count: int) -> Path:
    path = folder / "many.csv"
    lines = (
        f"{number},A{number % 7},Thing,{number % 2 + 1},2011-03-{number % 28 + 1:02d},3.335,,UK"
        for number in range(1, count + 1)
    )
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path
