"""Keeping programs running: started in order, restarted when they fall, stopped without a rest."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from api import watchdog
from domain import logline

STOP_WITHIN_S = 20.0
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STEADY_AFTER_S = 60.0
_LAST_LINES = 5

Say = Callable[[str], None]


class Piece(Protocol):
    """Something that runs; `pid` leads its process group and is `None` when it does not run."""

    def start(self) -> None:
        """Start it and return once it may be used."""
        ...

    def stop(self) -> None:
        """Stop it and all that it started; harmless when it does not run."""
        ...

    @property
    def pid(self) -> int | None:
        """The process id."""
        ...


class Child:
    """A program of our own, in a process group of its own, talking into a log file."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = list(command)
        self._environment = {**os.environ, **environment}
        self._running: subprocess.Popen[bytes] | None = None
        self.log = log

    def start(self) -> None:
        """Start the program; what it says is added to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A Ctrl-C in the terminal reaches us alone; we stop our children in order.
                start_new_session=True,
            )

    def stop(self) -> None:
        """Ask the whole group to end, and end it when it does not."""
        if self._running is None:
            return
        running, self._running = self._running, None
        _signal_group(running.pid, signal.SIGTERM)
        try:
            running.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            _signal_group(running.pid, signal.SIGKILL)
            running.wait()
        _signal_group(running.pid, signal.SIGKILL)

    @property
    def pid(self) -> int | None:
        """The process id while the program runs."""
        if self._running is None or self._running.poll() is not None:
            return None
        return self._running.pid

    @property
    def exit_code(self) -> int | None:
        """How the program ended, `None` while it runs."""
        return self._running.poll() if self._running else None

    @property
    def last_words(self) -> str:
        """The end of its log, for a person to read."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(map(_readable, text.strip().splitlines()[-_LAST_LINES:]))


@dataclass(slots=True)
class _Kept:
    name: str
    piece: Piece
    pid: int | None
    started_at: float
    again: bool = True
    delay_s: float = FIRST_DELAY_S
    restart_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Keeps pieces running until it is left; also when it is killed itself, nothing stays behind.

    `holds` are open files, such as locks, that stay open until everything has ended.
    """

    say: Say
    holds: tuple[int, ...] = ()
    _kept: list[_Kept] = field(default_factory=list)
    _dog: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Let the watchdog out."""
        self._dog = subprocess.Popen(
            [sys.executable, "-I", "-S", str(watchdog.__file__)],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
            pass_fds=self.holds,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything, the last started first."""
        self.stop()

    def start(self, name: str, piece: Piece, *, again: bool = True) -> None:
        """Start a piece and keep it running, or let it end when `again` is false."""
        kept = _Kept(name, piece, None, time.monotonic(), again)
        self._kept.append(kept)
        self._begin(kept)

    def look(self) -> None:
        """Restart what has fallen, each time after a longer while; call it a few times a second."""
        now = time.monotonic()
        for kept in (kept for kept in self._kept if kept.again):
            if kept.restart_at is None and not _runs(kept.piece):
                self._note_fall(kept, now)
            if kept.restart_at is not None and now >= kept.restart_at:
                kept.piece.stop()
                self._begin(kept)

    def stop(self) -> None:
        """Stop everything that was started, the last first, and send the watchdog home.

        What cannot be stopped hinders nobody else, and is left to the watchdog.
        """
        with ExitStack() as stopping:
            stopping.callback(self._send_dog_home)
            for kept in self._kept:
                stopping.callback(self._end, kept)
            self._kept.clear()

    def _end(self, kept: _Kept) -> None:
        kept.piece.stop()
        self._tell_dog("-", kept)

    def _send_dog_home(self) -> None:
        if self._dog is not None:
            assert self._dog.stdin is not None
            self._dog.stdin.close()
            self._dog.wait()
            self._dog = None

    def _begin(self, kept: _Kept) -> None:
        kept.restart_at = None
        kept.started_at = time.monotonic()
        kept.piece.start()
        kept.pid = kept.piece.pid
        self._tell_dog("+", kept)

    def _note_fall(self, kept: _Kept, now: float) -> None:
        if now - kept.started_at > STEADY_AFTER_S:
            kept.delay_s = FIRST_DELAY_S
        self._tell_dog("-", kept)
        self.say(f"{kept.name} has ended unexpectedly; starting it again in {kept.delay_s:g} s.")
        if isinstance(kept.piece, Child) and kept.piece.last_words:
            self.say(f"{kept.piece.last_words}\n(all of it in {kept.piece.log})")
        kept.restart_at = now + kept.delay_s
        kept.delay_s = min(2 * kept.delay_s, LONGEST_DELAY_S)

    def _tell_dog(self, word: str, kept: _Kept) -> None:
        if self._dog is not None and self._dog.stdin is not None and kept.pid is not None:
            self._dog.stdin.write(f"{word}{kept.pid}\n")
            self._dog.stdin.flush()


def _readable(line: str) -> str:
    """Put a line of a structured log into words; any other is words already."""
    try:
        told = json.loads(line)
    except ValueError:
        return line
    return logline.readable(told) if isinstance(told, dict) and "event" in told else line


def _runs(piece: Piece) -> bool:
    """Tell whether a piece runs; a child that has ended but was not waited for does not."""
    pid = piece.pid
    if pid is None:
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return True


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
