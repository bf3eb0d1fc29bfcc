from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from builders import product, snapshot
from little_office import LittleOffice
from waiting import until

from domain.catalog import Snapshot
from till_kivy.loop import Loop
from till_kivy.sync import CatalogSync

DAYS = 100_000.0


class PaperShelf:
    """A catalogue kept on a sheet of paper."""

    def __init__(self) -> None:
        self.kept: list[Snapshot] = []

    @property
    def version(self) -> int:
        return self.kept[-1].version if self.kept else 0

    def replace(self, snapshot: Snapshot) -> None:
        self.kept.append(snapshot)


class Ear:
    """Remembers what it heard of the office."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, problem: str) -> None:
        self.heard.append(problem)


@pytest.fixture
def office() -> LittleOffice:
    office = LittleOffice({})
    office.catalogue = snapshot(version=4)
    return office


@contextmanager
def syncing(
    office: LittleOffice, shelf: PaperShelf, ear: Ear, every_s: float = DAYS
) -> Iterator[CatalogSync]:
    sync = CatalogSync(office, shelf, ear, every_s)
    sync.start()
    yield sync
    sync.stop()


def test_a_new_till_gets_its_catalogue(office: LittleOffice) -> None:
    shelf, ear = PaperShelf(), Ear()

    with syncing(office, shelf, ear) as sync:
        assert sync.wait(10)

    assert shelf.kept == [office.catalogue]
    assert ear.heard == [""]


def test_the_same_catalogue_is_not_put_in_place_again(office: LittleOffice) -> None:
    shelf, ear = PaperShelf(), Ear()

    with syncing(office, shelf, ear, every_s=0.01):
        until(lambda: len(ear.heard) >= 3)

    assert len(shelf.kept) == 1


def test_a_changed_price_arrives_without_a_restart(office: LittleOffice) -> None:
    shelf = PaperShelf()

    with syncing(office, shelf, Ear(), every_s=0.01):
        until(lambda: shelf.version == 4)
        office.catalogue = snapshot(product(price="3.90"), version=5)
        until(lambda: shelf.version == 5)

    assert shelf.kept[-1].products[0].price.micros == 3_900_000


def test_a_nudge_asks_now(office: LittleOffice) -> None:
    shelf = PaperShelf()

    with syncing(office, shelf, Ear()) as sync:
        assert sync.wait(10)
        office.catalogue = snapshot(version=5)
        sync.nudge()
        until(lambda: shelf.version == 5)


def test_without_the_office_the_last_catalogue_is_good(office: LittleOffice) -> None:
    shelf, ear = PaperShelf(), Ear()
    shelf.replace(snapshot(version=3))
    office.away = "connection refused"

    with syncing(office, shelf, ear, every_s=0.01) as sync:
        until(lambda: ear.heard)
        assert not sync.wait(0)
        assert shelf.version == 3
        assert "connection refused" in ear.heard[0]

        office.away = ""
        assert sync.wait(10)

    assert shelf.version == 4


# ---------------------------------------------------------------- the loop below it


def test_a_step_that_fails_unexpectedly_is_logged_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    attempts, again = [], threading.Event()

    def step() -> float:
        attempts.append(1)
        if len(attempts) == 1:
            raise ZeroDivisionError
        again.set()
        return DAYS

    loop = Loop("test", step)
    with caplog.at_level(logging.ERROR):
        loop.start()
        until(lambda: attempts)
        loop.nudge()
        assert again.wait(10)
    loop.stop()

    assert "test was surprised and goes on later" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_loop_that_never_began_can_be_stopped() -> None:
    Loop("test", lambda: DAYS).stop()


def test_a_stopped_loop_takes_no_further_step() -> None:
    steps: list[int] = []

    def step() -> float:
        steps.append(1)
        return 0.0

    loop = Loop("test", step)
    loop.start()
    until(lambda: len(steps) > 3)

    loop.stop()

    count = len(steps)
    loop.nudge()
    assert len(steps) == count
