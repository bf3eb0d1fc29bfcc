"""One program per till: two that sell from one folder would show each other's tickets wrongly."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from till_kivy.errors import TillOccupied

LOCK = "till.lock"


class Occupied:
    """A till's folder taken for this program; the kernel gives it back when the program ends."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise TillOccupied(folder) from error

    def close(self) -> None:
        """Let another program have the till."""
        os.close(self._file)
