"""Which office runs in a data folder: one at a time, and found by the commands that ask it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from activities.settings import Settings
from api.engines.postgres import EmbeddedPostgres

CLEARED_WITHIN_S = 20.0
LOOK_EVERY_S = 0.2
_LOCK = "office.lock"
_TOLD = ("api_host", "api_port", "temporal_port", "temporal_ui_port")


class CannotStart(Exception):
    """Something cannot be started here; the sentence says why and what to do."""


class OneAtATime:
    """Keeps a second office out of a folder for as long as this one lives, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _LOCK
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        """Take the folder or raise `CannotStart`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+", encoding="ascii")
        except OSError as error:
            raise CannotStart(
                f"The data folder {self._path.parent} cannot be used: {error.strerror}. "
                "Choose another one with --dir or TILLFLOW_DATA_DIR."
            ) from error
        try:
            self._lock(self._file)
        except CannotStart:
            self._file.close()
            raise
        self._write({"pid": os.getpid()})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the next one in."""
        if self._file is not None:
            self._file.close()

    def fileno(self) -> int:
        """The open lock: whoever inherits it holds the folder too."""
        assert self._file is not None, "The folder has not been taken."
        return self._file.fileno()

    def _lock(self, file: IO[str]) -> None:
        """Wait for the rest of a killed office to be cleared away, but for no living one."""
        deadline = time.monotonic() + CLEARED_WITHIN_S
        while not _locked(file):
            pid = _told(file).get("pid", 0)
            if _lives(pid) or time.monotonic() > deadline:
                raise CannotStart(
                    f"Process {pid or '?'} already runs an office in {self._path.parent}. "
                    "Stop it, or choose another folder with --dir or TILLFLOW_DATA_DIR."
                )
            time.sleep(LOOK_EVERY_S)

    def tell(self, settings: Settings) -> None:
        """Write down where this office listens, for commands in other terminals."""
        self._write({"pid": os.getpid(), **{name: getattr(settings, name) for name in _TOLD}})

    def _write(self, told: dict[str, Any]) -> None:
        assert self._file is not None, "The folder has not been taken."
        self._file.truncate(0)
        self._file.write(json.dumps(told) + "\n")
        self._file.flush()


def running_office(settings: Settings) -> Settings | None:
    """Return the settings of the office that runs in the data folder, `None` when none does."""
    path = settings.data_dir / _LOCK
    if not path.exists():
        return None
    with path.open("r+", encoding="ascii") as file:
        if _locked(file):
            return None
        told = _told(file)
    known = {name: told[name] for name in _TOLD if name in told}
    postgres = EmbeddedPostgres(settings.postgres_dir)
    if settings.database_url is None and postgres.pid is not None:
        known["database_url"] = postgres.url()
    return settings.model_copy(update=known)


def _locked(file: IO[str]) -> bool:
    """Take the lock if nobody has it; it is let go when the file is closed."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _told(file: IO[str]) -> dict[str, Any]:
    file.seek(0)
    told: dict[str, Any] = json.loads(file.read() or "{}")
    return told


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return pid > 0
