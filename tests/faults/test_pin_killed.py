"""Promise 16: five guesses, then none; a pulled plug gives no guess back (sabotage is caught)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from counter import Counter
from faults.guessing_till import AFTER, LOOKING
from faults.tills_found import environment

from domain.pins import MOST_TRIES
from till_kivy.pins import PinIsLocked

PROGRAM = Path(__file__).with_name("guessing_till.py")


def guesses_taken(folder: Path, tries: int, sabotage: str = "") -> int:
    """Type a PIN again and again, pull the plug while it is looked at, and count the looks."""
    heard = [one_guess(folder, f"{number:06d}", sabotage) for number in range(tries)]
    assert set(heard) <= {LOOKING, PinIsLocked.__name__}
    return heard.count(LOOKING)


def one_guess(folder: Path, pin: str, sabotage: str) -> str:
    command = [sys.executable, str(PROGRAM), str(folder), pin]
    with subprocess.Popen(
        command, env=environment(sabotage), stdout=subprocess.PIPE, text=True
    ) as till:
        assert till.stdout is not None
        heard = till.stdout.readline().strip()
        till.kill()
        return heard


def test_a_till_killed_during_each_look_gives_five_looks_and_no_more(tmp_path: Path) -> None:
    assert guesses_taken(tmp_path, MOST_TRIES + 2) == MOST_TRIES

    counter = Counter.open(tmp_path)
    with pytest.raises(PinIsLocked):
        counter.log_in()
    counter.close()


def test_sabotage_a_till_that_counts_after_looking_is_caught(tmp_path: Path) -> None:
    assert guesses_taken(tmp_path, MOST_TRIES + 2, AFTER) > MOST_TRIES
