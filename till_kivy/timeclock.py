"""The time clock: who came to work and who went home, in the journal of the till they did it at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from domain.catalog import Person
from domain.errors import Conflict
from domain.events import ClockedIn, ClockedOut
from domain.roles import Action, insist
from till_kivy.journal import Journal


class AtWorkAlready(Conflict):
    """Somebody who would come twice."""

    def __init__(self, person: Person) -> None:
        super().__init__(f"{person.name} is clocked in here already. Nothing was changed.")


class TimeClock:
    """Knows who clocked in at this till; whoever did so at another one may clock out here too."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._at_work = journal.at_work()

    @property
    def at_work(self) -> Mapping[str, dt.datetime]:
        """Who is at work by this till's journal, and since when."""
        return self._at_work

    def clock_in(self, person: Person) -> None:
        """Note that a person came; raises `AtWorkAlready` or `NotAllowed`."""
        insist(person.role, Action.CLOCK_TIME)
        if person.id in self._at_work:
            raise AtWorkAlready(person)
        self._journal.append(ClockedIn(person.id))
        self._at_work = self._journal.at_work()

    def clock_out(self, person: Person) -> None:
        """Note that a person went; raises `NotAllowed`."""
        insist(person.role, Action.CLOCK_TIME)
        self._journal.append(ClockedOut(person.id))
        self._at_work = self._journal.at_work()
