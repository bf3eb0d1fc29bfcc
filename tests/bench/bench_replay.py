"""Replaying real sales: lines per second from the file to the acknowledged ledger entry."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, rate

ROOT = Path(__file__).parents[2]
REAL = "online_retail_2010_2011.parquet"
_READ = re.compile(r"([\d,]+) lines read")
_COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice")


def measure(*, quick: bool) -> list[Figure]:
    """Replay some invoices, real ones where they are there, in a fresh office."""
    invoices = 100 if quick else 4_000
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        file, name = _real() or _made_up(Path(folder), invoices)
        command = [sys.executable, "-m", "api.cli", "replay", str(file), "--limit", str(invoices)]
        begin = time.perf_counter()
        done = subprocess.run(
            [*command, "--dir", f"{folder}/replay"], capture_output=True, text=True, check=False
        )
        took = time.perf_counter() - begin
    assert done.returncode == 0, done.stdout + done.stderr
    lines = int(_found(_READ, done.stdout).replace(",", ""))
    what = f"replay of {invoices:,} invoices ({name}), office start and export included"
    return [rate(what, "lines/s", [lines / took])]


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    assert match, f"{pattern.pattern} is not in what the replay said:\n{text}"
    return match[1]


def _real() -> tuple[Path, str] | None:
    folder = Path(os.environ.get("TILLFLOW_DATASETS") or ROOT / ".." / "shared" / "data")
    file = folder / REAL
    return (file, REAL) if file.exists() else None


def _made_up(folder: Path, invoices: int) -> tuple[Path, str]:
    """Write a file of ten-line invoices, for a machine without the real one."""
    file = folder / "lines.csv"
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(_COLUMNS)
        for invoice in range(invoices):
            for line in range(10):
                day = f"2026-01-{1 + invoice % 28:02d} 10:{invoice % 60:02d}:00"
                writer.writerow((invoice, f"P{line}", f"Thing {line}", 1 + line % 3, day, "1.25"))
    return file, "made-up lines"
