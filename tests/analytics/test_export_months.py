"""Months that are long over: one file each, exact and whole at every moment."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from exporting import Selling, day_of, files_in
from world_shop import BERLIN, TOKYO, Shopping

import activities.export
import activities.layout
from activities import parquet
from activities.exchange import exchange
from activities.export import Exporter
from activities.layout import OVER_FOR, days_of, is_over
from domain.facts import TABLES
from workflows.steps import ExportAsked

PROJECT = Path(__file__).resolve().parents[2]
MARCH = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
IN_MARCH = dt.date(2026, 3, 20)
IN_JUNE = dt.date(2026, 6, 1)
COUNT = "SELECT count(*) FROM sales"

# Makes months of days in a process of its own, which is killed right before or after the third
# of the four tables changes.
KILLED = """
import datetime as dt, os, signal, sys
from pathlib import Path
from activities import parquet
from activities.db.engine import Database
from activities.export import Exporter
from workflows.steps import ExportAsked

url, folder, moment = sys.argv[1:]
done, exchange = [], parquet.exchange

def killed(one, other):
    done.append(one)
    if moment == "after":
        exchange(one, other)
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if moment == "before":
        exchange(one, other)

parquet.exchange = killed
exporter = Exporter(Database(url), Path(folder))
exporter.export_days(exporter.days_to_export(ExportAsked()).days)
"""


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.date], None]:
    """Let the export believe that it is another day."""

    def is_today(day: dt.date) -> None:
        monkeypatch.setattr(activities.export, "_today", lambda: day)

    return is_today


@pytest.fixture
def march(selling: Selling, today: Callable[[dt.date], None]) -> Shopping:
    """Twelve days of March in two stores, exported while it was March."""
    shopping = Shopping(1)
    for store in (BERLIN, TOKYO):
        selling.post(shopping.sale(store, MARCH + dt.timedelta(days=day)) for day in range(12))
    today(IN_MARCH)
    selling.export()
    assert len(names(selling)) == 24
    today(IN_JUNE)
    return shopping


def names(selling: Selling, table: str = "sales") -> list[str]:
    """Return the names of a table's files that readers see."""
    found = (selling.folder / table).glob("store_id=*/business_month=*/*.parquet")
    return sorted(file.name for file in found)


def left_beside(selling: Selling) -> list[Path]:
    return list(selling.folder.glob("*/store_id=*/.*"))


def test_a_month_that_is_long_over_becomes_one_file_per_store_and_table(
    selling: Selling, march: Shopping
) -> None:
    before = {table: selling.ask(f"FROM files.{table} ORDER BY ALL") for table in TABLES}

    selling.export()

    for table in TABLES:
        assert set(names(selling, table)) == {"2026-03.parquet"}
        assert selling.ask(f"FROM files.{table} ORDER BY ALL") == before[table]
    assert len(names(selling)) == 2


def test_a_month_is_over_a_week_after_its_end() -> None:
    month, last = ("S1", "2026-02"), dt.date(2026, 2, 28)

    assert len(days_of(month)) == 28
    assert not is_over(month, last + OVER_FOR)
    assert is_over(month, last + OVER_FOR + dt.timedelta(days=1))


def test_old_day_files_stay_beside_for_one_export_and_then_go(
    selling: Selling, march: Shopping
) -> None:
    selling.export()
    assert left_beside(selling)

    selling.export()

    assert left_beside(selling) == []
    assert selling.due() == ()
    assert selling.ask(COUNT) == [(24,)]


def test_days_made_one_are_the_same_bytes_as_a_month_written_at_once(
    selling: Selling, march: Shopping, tmp_path: Path
) -> None:
    selling.export()
    selling.export()
    elsewhere = Exporter(selling.database, tmp_path / "elsewhere")

    elsewhere.export_days(selling.due(ExportAsked(everything=True)))

    assert files_in(tmp_path / "elsewhere") == files_in(selling.folder)


def test_a_late_sale_changes_the_file_of_its_month_and_no_other(
    selling: Selling, march: Shopping
) -> None:
    selling.export()
    selling.export()
    before = files_in(selling.folder)
    late = march.sale(TOKYO, MARCH + dt.timedelta(days=25))
    selling.post([late])

    [written] = selling.export()

    now = files_in(selling.folder)
    assert (written.business_date, written.sales) == (late.business_date, 1)
    assert {name for name in now if now[name] != before[name]} <= {
        name for name in now if "tokyo" in name
    }
    assert (str(late.id),) in selling.ask("SELECT sale_id FROM sales")
    assert selling.ask(COUNT) == [(25,)]
    assert selling.due() == ()


def test_a_month_once_in_one_file_stays_so_when_the_clock_goes_back(
    selling: Selling, march: Shopping, today: Callable[[dt.date], None]
) -> None:
    selling.export()
    selling.export()
    today(IN_MARCH)
    selling.post([march.sale(BERLIN, MARCH)])

    selling.export()

    assert set(names(selling)) == {"2026-03.parquet"}
    assert selling.ask(COUNT) == [(25,)]


def test_a_file_of_a_month_that_somebody_threw_away_is_written_again(
    selling: Selling, march: Shopping
) -> None:
    selling.export()
    selling.export()
    next(selling.folder.glob("sales/store_id=tokyo/*/2026-03.parquet")).unlink()

    assert {day.store_id for day in selling.due()} == {TOKYO.id}
    selling.export()

    assert selling.ask(COUNT) == [(24,)]


@pytest.mark.parametrize("sabotaged", [False, True])
def test_at_no_moment_of_making_a_month_is_a_sale_missing_or_there_twice(
    selling: Selling, march: Shopping, monkeypatch: pytest.MonkeyPatch, *, sabotaged: bool
) -> None:
    seen: list[tuple[int]] = []

    def watched(one: Path, other: Path) -> None:
        seen.extend(selling.ask(COUNT))
        if sabotaged:  # two renames instead of one exchange
            other.rename(old := other.with_name(".old"))
            seen.extend(selling.ask(COUNT))
            one.rename(other)
            old.rename(one)
        else:
            exchange(one, other)
        seen.extend(selling.ask(COUNT))

    monkeypatch.setattr(parquet, "exchange", watched)
    selling.export()

    assert len(seen) >= 16
    assert (set(seen) == {(24,)}) is not sabotaged


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_months_are_made_nothing_is_missing_and_the_next_export_ends_it(
    selling: Selling, march: Shopping, moment: str
) -> None:
    arguments = [selling.database.url, str(selling.folder), moment]

    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, cwd=PROJECT)

    assert killed.returncode == -signal.SIGKILL
    assert selling.ask(COUNT) == [(24,)]
    while selling.due():
        selling.export()
    assert selling.ask(COUNT) == [(24,)]
    assert set(names(selling)) == {"2026-03.parquet"}
    assert left_beside(selling) == []


def test_where_folders_cannot_be_exchanged_days_stay_days(
    selling: Selling, march: Shopping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "exchange", _cannot)
    monkeypatch.setattr(activities.layout, "can_exchange", lambda _: False)

    assert selling.due() == ()
    late = march.sale(BERLIN, MARCH)
    selling.post([late])

    assert selling.due() == (day_of(late),)
    selling.export()
    assert len(names(selling)) == 24
    assert selling.ask(COUNT) == [(25,)]


def _cannot(one: Path, other: Path) -> None:
    raise OSError(22, os.strerror(22), str(one), None, str(other))


def test_folders_change_places_with_all_that_is_in_them(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / folder.name).touch()

    exchange(one, other)

    assert [path.name for path in one.iterdir()] == ["other"]
    assert [path.name for path in other.iterdir()] == ["one"]


def test_what_cannot_change_places_says_why(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="one"):
        exchange(tmp_path / "one", tmp_path / "other")
