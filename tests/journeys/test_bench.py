"""The benchmarks run: what measures nothing any more would only be seen when somebody asks it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[1] / "bench" / "run.py"


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("group", "figure"),
    [
        ("till", "append of a 5-line sale"),
        ("office", "backlog: 500"),
        ("analytics", "sales_by_tax"),
    ],
)
def test_a_group_of_benchmarks_measures(group: str, figure: str) -> None:
    done = subprocess.run(
        [sys.executable, RUN, group, "--quick"],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert figure in done.stdout
