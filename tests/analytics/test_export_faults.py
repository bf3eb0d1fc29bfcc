from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from exporting import Selling, files_in
from waiting import until
from world_shop import BERLIN, FIRST_NIGHT, Shopping

from activities import parquet
from activities.db import facts
from activities.parquet import Place

PROJECT = Path(__file__).resolve().parents[2]

# Exports what is due in a process of its own, which is killed when it puts its second file in
# place. The sabotage writes straight to the place that readers look at.
KILLED = """
import os, signal, sys
from pathlib import Path
from activities import parquet
from activities.db.engine import Database
from activities.export import Exporter
from activities.parquet import Place
from workflows.steps import ExportAsked

url, folder, sabotaged = sys.argv[1:]
if sabotaged == "True":
    Place.aside = Place.path

def killed(place):
    os.kill(os.getpid(), signal.SIGKILL)

parquet.put_in_place = killed
exporter = Exporter(Database(url), Path(folder))
exporter.export_days(exporter.days_to_export(ExportAsked()).days)
"""


@pytest.mark.parametrize("sabotaged", [False, True])
def test_killed_between_write_and_rename_shows_the_old_files(
    selling: Selling, *, sabotaged: bool
) -> None:
    shopping = Shopping(1)
    selling.post([shopping.sale(BERLIN, FIRST_NIGHT) for _ in range(5)])
    selling.export()
    before = selling.tally()
    selling.post([shopping.sale(BERLIN, FIRST_NIGHT) for _ in range(5)])

    arguments = [selling.database.url, str(selling.folder), str(sabotaged)]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, cwd=PROJECT)

    assert killed.returncode == -signal.SIGKILL
    assert (selling.tally() == before) is not sabotaged


def test_an_export_after_a_kill_finishes_the_work_and_leaves_nothing_behind(
    selling: Selling,
) -> None:
    selling.post(Shopping(2).sales(20))
    arguments = [selling.database.url, str(selling.folder), "False"]
    subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, cwd=PROJECT)
    assert selling.tally() == []

    selling.export()

    assert sum(tally.sales for tally in selling.tally()) == 20
    assert all(name.endswith(parquet.SUFFIX) for name in files_in(selling.folder))


def test_readers_see_whole_exports_while_days_are_written_again(selling: Selling) -> None:
    shopping = Shopping(3)
    selling.post([shopping.sale(BERLIN, FIRST_NIGHT) for _ in range(4)])
    selling.export()
    seen = set()

    with ThreadPoolExecutor(1) as other:
        for _ in range(8):
            selling.post([shopping.sale(BERLIN, FIRST_NIGHT)])
            exporting = other.submit(selling.export)
            while not exporting.done():
                seen.update(selling.ask("SELECT count(*) FROM sales"))
            exporting.result()

    assert seen <= {(count,) for count in range(4, 13)}
    assert selling.ask("SELECT count(*) FROM sales") == [(12,)]


def test_at_no_rename_is_there_a_sale_without_its_lines(
    selling: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    lone = "SELECT count(*) FROM sales WHERE sale_id NOT IN (SELECT sale_id FROM sale_lines)"
    selling.post(Shopping(4).sales(4))
    seen: list[tuple[int]] = []

    def put_and_look(place: Place) -> None:
        put_in_place(place)
        seen.extend(selling.ask(lone))

    put_in_place = parquet.put_in_place
    monkeypatch.setattr(parquet, "put_in_place", put_and_look)
    selling.export()

    assert len(seen) >= 8
    assert set(seen) == {(0,)}


def test_two_exports_of_one_store_wait_for_each_other(selling: Selling) -> None:
    selling.post([Shopping(5).sale(BERLIN)])

    with ThreadPoolExecutor(1) as other:
        with selling.database.begin() as connection:
            facts.lock_stores(connection, [BERLIN.id])
            exporting = other.submit(selling.export)
            until(lambda: _somebody_waits(selling.database.url))
            assert selling.tally() == []
        exporting.result(timeout=20)

    assert sum(tally.sales for tally in selling.tally()) == 1


def _somebody_waits(url: str) -> bool:
    with psycopg.connect(url) as connection:
        waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return connection.execute(waiting).fetchone() is not None


def test_a_full_disk_leaves_the_old_files_and_the_day_due(
    selling: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    shopping = Shopping(6)
    selling.post([shopping.sale(BERLIN, FIRST_NIGHT)])
    selling.export()
    before = files_in(selling.folder)
    selling.post([shopping.sale(BERLIN, FIRST_NIGHT)])

    with monkeypatch.context() as faulty:
        faulty.setattr(os, "fsync", _disk_full)
        with pytest.raises(OSError, match="No space left"):
            selling.export()

    now = files_in(selling.folder)
    assert {name: now[name] for name in before} == before
    assert len(selling.due()) == 1


def _disk_full(_: int) -> None:
    raise OSError(28, "No space left on device")
