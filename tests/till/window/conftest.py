"""A cashier's hands on the sample shop's till."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from till.window_harness import Hands, window


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[Hands]:
    """The window with nobody logged in."""
    with window(tmp_path / "till") as hands:
        yield hands


@pytest.fixture
def selling(hands: Hands) -> Hands:
    """The window with Anna logged in."""
    hands.log_in()
    return hands
