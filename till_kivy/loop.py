"""A thread that repeats one step for as long as the till runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)
_AFTER_SURPRISE_S = 30.0
_STOP_WITHIN_S = 15.0


class Loop:
    """Repeats `step` in a thread of its own; `step` returns the seconds until it wants to go again.

    A nudge ends the waiting early.
    """

    def __init__(self, name: str, step: Callable[[], float]) -> None:
        self._step = step
        self._nudged = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to repeat the step."""
        self._thread.start()

    def nudge(self) -> None:
        """Go again now."""
        self._nudged.set()

    def stop(self) -> None:
        """Finish the step at hand and end the thread."""
        self._stopping.set()
        self._nudged.set()
        if self._thread.ident is not None:
            self._thread.join(_STOP_WITHIN_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._nudged.wait(self._one_step())
            self._nudged.clear()

    def _one_step(self) -> float:
        try:
            return self._step()
        except Exception:  # noqa: BLE001 -- selling goes on whatever happens, and so must this
            _log.exception("%s was surprised and goes on later", self._thread.name)
            return _AFTER_SURPRISE_S
