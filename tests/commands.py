"""`tillflow` as a person runs it: a process of its own that talks into a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psutil
from quiet_ports import quiet_port
from waiting import until

from activities.settings import Settings

OWNER_PASSWORD = "the owner's own words"
OWNER = {
    "TILLFLOW_OWNER_LOGIN": "olga",
    "TILLFLOW_OWNER_NAME": "Olga",
    "TILLFLOW_OWNER_PASSWORD": OWNER_PASSWORD,
}
UP_WITHIN_S = 90.0
DONE_WITHIN_S = 120.0


@contextmanager
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's own account may reach; pytest's belong to one user alone."""
    with tempfile.TemporaryDirectory(prefix="tillflow-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def settings_in(folder: Path) -> Settings:
    """Give an office ports that nobody else has."""
    return Settings(
        data_dir=folder,
        api_port=quiet_port(),
        temporal_port=quiet_port(),
        temporal_ui_port=quiet_port(),
    )


class Tillflow:
    """A command that runs until it is told to stop."""

    def __init__(self, settings: Settings, *words: str) -> None:
        self.said: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "api.cli", *words],
            env=environment_of(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.end()
        self._process.wait(DONE_WITHIN_S)
        self._listener.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def until_it_says(self, words: str) -> None:
        until(lambda: words in self.text or self._process.poll() is not None, UP_WITHIN_S)
        assert words in self.text, self.text

    def until_a_log_says(self, logs: Path, words: str) -> None:
        until(lambda: any(words in log.read_text() for log in logs.glob("*.log")), UP_WITHIN_S)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self._process.send_signal(number)
        return self._process.wait(DONE_WITHIN_S)

    def programs(self) -> list[psutil.Process]:
        """Every process below it, the watchdog and the databases' own included."""
        return list(psutil.Process(self._process.pid).children(recursive=True))

    def program(self, *words: str) -> psutil.Process:
        """The process whose command line holds these words."""
        return next(p for p in self.programs() if set(words) <= set(p.cmdline()))

    @property
    def text(self) -> str:
        return "".join(self.said)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        self.said.extend(iter(self._process.stdout.readline, ""))


def tillflow(
    *words: str,
    settings: Settings,
    deadline_s: float = DONE_WITHIN_S,
    owner: bool = True,
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with an owner named in its environment or without.

    `more` are further variables of it.
    """
    environment = environment_of(settings) | more
    if not owner:
        environment = {name: text for name, text in environment.items() if name not in OWNER}
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=deadline_s,
        check=False,
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """Return what a command finds around it: an owner, and no display."""
    plain = {"COLUMNS": "300", "TERM": "dumb"}
    hidden = {"DISPLAY", "WAYLAND_DISPLAY"}
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**OWNER, **inherited, **settings.as_environment(), **plain}
