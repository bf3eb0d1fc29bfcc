"""The till of the sample shop, on a disk of its own per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from counter import Counter


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """A till with all its devices, nobody logged in."""
    counter = Counter.open(tmp_path)
    yield counter
    counter.close()
