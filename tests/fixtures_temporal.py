"""Fixtures with a real Temporal server, and with a whole office on top of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from builders import ADA, STORE, VAT
from loops import Loop
from offices import RunningOffice, settings_for
from quiet_ports import quiet_port

from activities.db import shop
from api.engines.temporal import EmbeddedTemporal, TemporalPorts
from domain.catalog import Employee, Shop, StoreTax, Till
from domain.sale import receipt_number
from till_kivy.keystore import Ed25519Signer


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


@pytest.fixture(scope="module")
def office(
    temporal: EmbeddedTemporal,
    postgres_url: str,
    loop: Loop,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RunningOffice]:
    """API and worker in this process, of a shop with store S1 and tills T1 and T2 (no keys yet)."""
    settings = settings_for(tmp_path_factory.mktemp("office"), postgres_url, temporal.ports.grpc)
    running = RunningOffice.open(settings, loop)
    load_corner_shop(running)
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def till(office: RunningOffice) -> httpx.Client:
    """The API as till T3, which is enrolled; its journal is empty."""
    signer = Ed25519Signer(b"3" * 32)
    with office.database.begin() as connection:
        enrolled = Till("T3", "S1", "A3", signer.public_key)
        shop.load_shop(connection, Shop(tills=(enrolled,)))
    return office.as_till("T3", signer)


def load_corner_shop(office: RunningOffice) -> None:
    with office.database.begin() as connection:
        shop.load_shop(connection, corner_shop())


def corner_shop() -> Shop:
    return Shop(
        stores=(STORE,),
        tills=(Till("T1", "S1", "A1"), Till("T2", "S1", "A2")),
        people=(Employee("S1", ADA),),
        taxes=(StoreTax("S1", VAT),),
    )


@pytest.fixture(scope="session")
def numbers() -> Iterator[str]:
    """Receipt numbers of till T1, each used once in the session and by nobody else."""
    return (receipt_number("A1", count) for count in itertools.count(700_001))
