"""Waiting for something that another thread or process does, with a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_LOOK_EVERY_S = 0.01


def until(condition: Callable[[], object], deadline_s: float = 20.0) -> None:
    """Return once the condition holds; fail with its source line when it does not in time."""
    ends = time.monotonic() + deadline_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < ends, f"not within {deadline_s} s"
        pause.wait(_LOOK_EVERY_S)
