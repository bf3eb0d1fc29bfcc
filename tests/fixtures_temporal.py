"""Fixtures with a real Temporal server and an event loop to speak to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loops import Loop
from quiet_ports import quiet_port

from api.engines.temporal import EmbeddedTemporal, TemporalPorts


def a_temporal(folder: Path) -> EmbeddedTemporal:
    """Make a server with timers in milliseconds and without a UI, not started yet."""
    ports = TemporalPorts(quiet_port())
    return EmbeddedTemporal(folder / "temporal.sqlite", ports, quick_timers=True)


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTemporal]:
    """One server for the session: file-backed, WAL, timers in milliseconds, no UI."""
    folder = tmp_path_factory.mktemp("temporal")
    with a_temporal(folder) as server:
        yield server


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """An event loop in a thread: `loop.run(coroutine)`."""
    with Loop() as running:
        yield running
