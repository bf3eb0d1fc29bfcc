"""The time clock: who came to work and who went home, in the journal of the till they did it at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from domain.catalog import Person
from domain.events import ClockedIn, ClockedOut
from domain.roles import Action, insist
from till_kivy.journal import Journal


class TimeClock:
    """Knows who clocked in at this till; whoever did so at another one may clock out here too."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._at_work = journal.at_work()

    @property
    def at_work(self) -> Mapping[str, dt.datetime]:
        """Who is at work by this till's journal, and since when."""
        return self._at_work

    def turn(self, person: Person) -> bool:
        """Note that a person came, or that one who is here went; tell whether they came."""
        comes = person.id not in self._at_work
        self._note(person, ClockedIn(person.id) if comes else ClockedOut(person.id))
        return comes

    def clock_out(self, person: Person) -> None:
        """Note that a person went, wherever they came."""
        self._note(person, ClockedOut(person.id))

    def _note(self, person: Person, event: ClockedIn | ClockedOut) -> None:
        """Write it down; raises `NotAllowed` for a role that has no working hours here."""
        insist(person.role, Action.CLOCK_TIME)
        self._journal.append(event)
        self._at_work = self._journal.at_work()
