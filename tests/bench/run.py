"""Run the benchmarks and print their figures: `make bench`, or with ARGS="till office --write"."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

if TYPE_CHECKING:
    from figures import Figure

ROOT = Path(__file__).parents[2]
GROUPS = ("till", "office", "replay", "analytics")
REPORT = ROOT / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks

Made by `make bench ARGS="{groups} --write"` at commit {commit}, on {machine}.
Read the ratios: each row and what it is held against were measured in the same run on the same
machine. For rates the second figure is the slowest repetition, for durations the 99th percentile.

"""
_TABLE = (
    "| what | unit | median | p99 / slowest | n | against | ratio |\n"
    "|---|---|--:|--:|--:|---|--:|\n"
)


def main() -> None:
    """Measure the groups that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", help=f"any of {', '.join(GROUPS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="few repetitions, to try the harness")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.relative_to(ROOT)}")
    asked = parser.parse_args()
    unknown = set(asked.groups) - set(GROUPS)
    if unknown:
        parser.error(f"no such group: {', '.join(sorted(unknown))} (there are {', '.join(GROUPS)})")
    groups = asked.groups or list(GROUPS)
    report = _HEAD.format(groups=" ".join(groups), commit=_commit(), machine=_machine())
    for group in groups:
        print(f"measuring {group} …", file=sys.stderr, flush=True)
        figures = importlib.import_module(f"bench_{group}").measure(quick=asked.quick)
        report += f"## {group}\n\n{_TABLE}{''.join(map(_row, figures))}\n"
    print(report)
    if asked.write:
        REPORT.write_text(report)


def _row(figure: Figure) -> str:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}×"
    cells = (
        figure.name,
        figure.unit,
        _number(figure.median),
        _number(figure.p99),
        str(figure.samples),
        figure.against,
        ratio,
    )
    return f"| {' | '.join(cells)} |\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _commit() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or "unknown"


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {system}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
