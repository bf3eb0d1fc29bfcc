"""The real Temporal server with its UI, on SQLite, for one machine.

Each dynamic value earns its place: without the poll rates one shard looks for work 20 times a
second and every workflow task takes 50 ms; one partition per queue keeps the tail short; fairness
lets a live sale pass a backlog.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from workflows.attributes import LIST_LIMIT, REGISTERED

HOST = "127.0.0.1"
READY_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0
LOOK_EVERY_S = 0.05
RETENTION = "7d"
_INDEXED = "INDEXED_VALUE_TYPE_"
_DYNAMIC = {
    "history.transferProcessorMaxPollRPS": "1000",
    "history.timerProcessorMaxPollRPS": "1000",
    "history.visibilityProcessorMaxPollRPS": "200",
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
    "matching.enableFairness": "true",
    **LIST_LIMIT,
}
_FOR_TESTS = {"history.timerProcessorMaxTimeShift": '"10ms"'}


class TemporalFailed(Exception):
    """The embedded server did not come up; the sentence says why and what to change."""


@dataclass(frozen=True, slots=True)
class TemporalPorts:
    """Where the server listens; without a `ui` port there is no UI."""

    grpc: int
    ui: int | None = None


class EmbeddedTemporal:
    """A Temporal server of one's own, started and stopped together with its children."""

    def __init__(
        self, file: Path, ports: TemporalPorts, *, codec_url: str = "", quick_timers: bool = False
    ) -> None:
        self.file = file
        self.ports = ports
        self._codec_url = codec_url
        self._quick_timers = quick_timers
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where workers and clients reach it."""
        return f"{HOST}:{self.ports.grpc}"

    @property
    def ui_url(self) -> str:
        """Where people look at it; empty without a UI."""
        return f"http://{HOST}:{self.ports.ui}" if self.ports.ui else ""

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.file.with_suffix(".log")

    @property
    def pid(self) -> int:
        """The server's process id, while it runs."""
        assert self._process is not None, "The server has not been started."
        return self._process.pid

    def start(self) -> None:
        """Start the server and return once it answers; raise `TemporalFailed` if it does not."""
        _refuse_taken(self.ports.grpc, "TILLFLOW_TEMPORAL_PORT")
        if self.ports.ui is not None:
            _refuse_taken(self.ports.ui, "TILLFLOW_TEMPORAL_UI_PORT")
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(self._command()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A Ctrl-C in the terminal must reach the one who started it, not the server.
                start_new_session=True,
            )
        try:
            self._wait_until_ready(time.monotonic() + READY_WITHIN_S)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and everything it started; harmless when it does not run."""
        if self._process is None:
            return
        process, self._process = self._process, None
        _signal_group(process, signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process = process
            self.kill()

    def kill(self) -> None:
        """End the server as a power cut does; the next `start` goes on with what it had stored."""
        if self._process is not None:
            _signal_group(self._process, signal.SIGKILL)
            self._process.wait(STOP_WITHIN_S)
            self._process = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def _command(self) -> Iterator[str]:
        yield from (_binary(), "server", "start-dev", "--ip", HOST, "--log-level", "warn")
        yield from ("--port", str(self.ports.grpc), "--db-filename", str(self.file))
        yield from ("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=2")
        yield from self._ui()
        for name, kind in REGISTERED.items():
            yield from ("--search-attribute", f"{name}={kind}")
        for key, value in (_DYNAMIC | (_FOR_TESTS if self._quick_timers else {})).items():
            yield from ("--dynamic-config-value", f"{key}={value}")

    def _ui(self) -> Iterator[str]:
        if self.ports.ui is None:
            yield "--headless"
            return
        yield from ("--ui-port", str(self.ports.ui), "--ui-disable-news-fetch")
        if self._codec_url:
            yield from ("--ui-codec-endpoint", self._codec_url)

    def _wait_until_ready(self, deadline: float) -> None:
        """Set the retention over and over: once that works, the namespace is there."""
        while not (_listens(self.ports.grpc) and self._keeps_history()):
            self._refuse_dead()
            if time.monotonic() > deadline:
                message = f"Temporal did not answer within {READY_WITHIN_S:.0f} s: {self._last()}"
                raise TemporalFailed(message)
        self._renew_attributes()

    def _refuse_dead(self) -> None:
        assert self._process is not None
        try:
            code = self._process.wait(LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            return
        message = f"Temporal stopped with code {code} while starting: {self._last()}"
        raise TemporalFailed(message)

    def _keeps_history(self) -> bool:
        update = ("namespace", "update", "--namespace", "default", "--retention", RETENTION)
        return self._operate(*update).returncode == 0

    def _renew_attributes(self) -> None:
        """Make attributes anew that an older version registered with another type."""
        listed = self._operate("search-attribute", "list", "--output", "json")
        there = json.loads(listed.stdout)["customAttributes"]
        for name, kind in REGISTERED.items():
            if there[name].removeprefix(_INDEXED).replace("_", "") != kind.upper():
                self._operate("search-attribute", "remove", "--name", name, "--yes")
                self._operate("search-attribute", "create", "--name", name, "--type", kind)

    def _operate(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        command = [_binary(), "operator", *words, "--address", self.address]
        return subprocess.run(command, capture_output=True, check=False, timeout=READY_WITHIN_S)

    def _last(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = [line for line in lines if "level=ERROR" in line or line.startswith("Error")]
        return f"{said[-1] if said else 'it said nothing'} (all of it in {self.log})"


def _binary() -> str:
    return str(Path(sysconfig.get_path("scripts")) / "temporal")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _refuse_taken(port: int, setting: str) -> None:
    with socket.socket() as probe:
        # A port whose last connections are still closing is free for a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            message = (
                f"Temporal cannot listen on port {port}: another program has it. "
                f"Stop that program or set {setting} to a free port."
            )
            raise TemporalFailed(message) from error


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        process.poll()
