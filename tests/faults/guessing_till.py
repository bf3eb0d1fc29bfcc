"""A till at which somebody types a PIN, and which is killed before it can answer.

Started as a program: `guessing_till.py FOLDER PIN`. It says `looking` once it is about to compare
the PIN, and waits there until it is killed; otherwise it says what the cashier is told.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import partial
from pathlib import Path

from counter import Counter
from faults.selling_till import SABOTAGE, writer_to

from domain.catalog import Person
from domain.errors import DomainError
from till_kivy.pins import PinGuard

AFTER = "count after verify"
LOOKING = "looking"
say = writer_to(1)


def wait_to_be_killed(self: PinGuard, person: Person, pin: str) -> bool:
    """Say that the PIN is being looked at; the answer never comes."""
    say(LOOKING)
    threading.Event().wait()
    return False


def count_afterwards(self: PinGuard, person: Person, pin: str) -> None:
    """Look first: what a till must not do."""
    self._fits(person, pin)
    self._count(person)


def guess(folder: Path, pin: str) -> None:
    """Try one PIN of Anna's."""
    instead = partial(setattr, PinGuard)
    instead("_fits", wait_to_be_killed)
    if os.environ.get(SABOTAGE) == AFTER:
        instead("look", count_afterwards)
    counter = Counter.open(folder)
    try:
        counter.register.log_in("anna", pin)
    except DomainError as error:
        say(type(error).__name__)


if __name__ == "__main__":
    guess(Path(sys.argv[1]), sys.argv[2])
