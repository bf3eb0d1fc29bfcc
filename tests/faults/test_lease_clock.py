"""Promise 15: a lease ends when its time has passed, whatever the machine's clock says of it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Self

import pytest
from faults.leased_till import SOLD, TRUSTING
from faults.tills_found import environment
from notrun import not_run
from tills import OFFICE

from domain.lease import LASTS, Lease, SignedLease, Standing, lease_text
from till_kivy import sample
from till_kivy.clock import SystemClock
from till_kivy.permission import NOTE_EVERY, LeasedPermission
from till_kivy.till import Till, create, open_journal

PROGRAM = Path(__file__).with_name("leased_till.py")
LEFT_S = 10.0
RIGHT = "+0"
TEN_YEARS_BACK, TEN_YEARS_AHEAD = "-10y", "+10y"


@cache
def faketime() -> str:
    """Find faketime, which sets one program's clock."""
    found = shutil.which("faketime")
    if found is None:
        not_run("a till's clock set back: no faketime", "apt install faketime")
    return found


class Machine:
    """The leased till in a process of its own, whose clock is set by writing into a file."""

    def __init__(self, folder: Path, clock: str, sabotage: str) -> None:
        self._hands = folder / "clock.txt"
        self.set_clock(clock)
        self._process = subprocess.Popen(
            # What is said by its variable could not be changed afterwards.
            [
                faketime(),
                "-f",
                clock,
                "env",
                "-u",
                "FAKETIME",
                sys.executable,
                str(PROGRAM),
                str(folder),
            ],
            env=environment(sabotage)
            | {
                "FAKETIME_TIMESTAMP_FILE": str(self._hands),
                "FAKETIME_NO_CACHE": "1",
                # Nobody can set the counter of the machine's running time.
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def set_clock(self, clock: str) -> None:
        """Set the machine's clock to so much before or after the right time."""
        aside = self._hands.with_suffix(".new")
        aside.write_text(clock)
        aside.replace(self._hands)

    def sell(self) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(os.linesep)
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


Lend = Callable[[dt.timedelta], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A till of the sample shop, which has no lease yet."""
    create(tmp_path / "till", sample.TILL.id, sample.TILL.series)
    with closing(Till.open(tmp_path / "till")) as till:
        till.catalog.replace(sample.snapshot())
        till.journal.trust(OFFICE.public_key)
    return tmp_path / "till"


@pytest.fixture
def lend(folder: Path) -> Lend:
    """Give the till a lease from now on."""

    def lent(lasts: dt.timedelta) -> None:
        now = dt.datetime.now(dt.UTC)
        lease = Lease(sample.TILL.id, Standing.TRADING, now, now + lasts)
        with closing(open_journal(folder)) as journal:
            word = SignedLease(lease, OFFICE.sign(lease_text(lease)))
            LeasedPermission(journal, SystemClock()).learn(word)

    return lent


def one_sale(folder: Path, clock: str, sabotage: str = "") -> str:
    """Start the till with its clock so wrong, and sell once."""
    with Machine(folder, clock, sabotage) as machine:
        return machine.sell()


@pytest.mark.parametrize("sabotage", ["", TRUSTING])
def test_a_clock_set_back_while_the_till_sells_adds_nothing(
    folder: Path, lend: Lend, sabotage: str
) -> None:
    lend(NOTE_EVERY + dt.timedelta(seconds=LEFT_S))  # a start counts as a whole interval
    with Machine(folder, RIGHT, sabotage) as machine:
        before = machine.sell()
        machine.set_clock("-1h")
        threading.Event().wait(LEFT_S)
        after = machine.sell()

    assert before == SOLD
    assert (after == SOLD) is bool(sabotage)
    assert "too long" in after or sabotage


@pytest.mark.parametrize("sabotage", ["", TRUSTING])
def test_a_clock_set_back_between_two_starts_adds_nothing(
    folder: Path, lend: Lend, sabotage: str
) -> None:
    lend(LASTS)

    said = [one_sale(folder, clock, sabotage) for clock in ("+71h", "+73h", TEN_YEARS_BACK)]

    assert said[0] == SOLD
    assert "too long" in said[1]
    assert (said[2] == SOLD) is bool(sabotage)


def test_a_clock_set_forward_by_mistake_is_mended_by_the_offices_next_word(
    folder: Path, lend: Lend
) -> None:
    lend(LASTS)
    mistaken = one_sale(folder, TEN_YEARS_AHEAD)
    put_right = one_sale(folder, RIGHT)

    lend(LASTS)

    assert "too long" in mistaken
    assert "too long" in put_right
    assert one_sale(folder, RIGHT) == SOLD
