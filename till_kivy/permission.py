"""Whether the till may sell: by the office's lease, and by a time that cannot be set back."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Protocol
from zoneinfo import ZoneInfo

from domain.errors import DomainError
from domain.lease import SignedLease, Standing, lease_text
from till_kivy.clock import Clock
from till_kivy.errors import NotTheOffice, OfficeRefused
from till_kivy.journal import Journal
from till_kivy.journal_lease import KeptLease
from till_kivy.keystore import verify_ed25519

WARN_BEFORE = dt.timedelta(hours=12)
NOTE_EVERY = dt.timedelta(minutes=1)


class NotTrading(DomainError):
    """A till that must not sell now; an open ticket stays as it is."""

    status = 403


class Permission(Protocol):
    """Whoever says whether the till may sell."""

    def insist(self) -> None:
        """Raise `NotTrading` unless it may."""
        ...

    def warning(self, timezone: str) -> str:
        """Say in a sentence what the cashier should know, empty when all is well."""
        ...

    def brief(self, timezone: str) -> str:
        """Say the same in two or three words, for the state bar."""
        ...


class Always:
    """No office has a say: a till that was never enrolled, or one that replays the past."""

    def insist(self) -> None:
        return

    def warning(self, timezone: str) -> str:
        return ""

    def brief(self, timezone: str) -> str:
        return ""


class LeasedPermission:
    """The office's lease as this till keeps it.

    Time is the latest of two: what the journal's file says has come, plus what a counter that
    nobody can set has counted since; and the machine's clock, less what it was ahead of the office
    when the lease came. So a clock set back adds nothing; each start counts as one whole interval
    between two notes, so that starting over and over adds nothing either. A clock set forward may
    end the lease early; the office's next word puts that right. Only for a machine that is off is
    there no counter: its time counts unless the clock was set back meanwhile.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._lock = threading.Lock()
        self._kept = journal.lease()
        self._counted_from_s = clock.steady_s()
        if self._kept is not None:
            self._note(self._kept, at_least=self._kept.latest + NOTE_EVERY)

    def insist(self) -> None:
        problem = self._problem()
        if problem:
            raise NotTrading(problem)

    @property
    def stopped(self) -> bool:
        """Tell whether the office has said that this till may not trade."""
        kept = self._kept
        return kept is not None and kept.word.lease.standing is not Standing.TRADING

    def warning(self, timezone: str) -> str:
        if problem := self._problem():
            return problem
        ends = self._ends_soon(timezone)
        return ends and (
            f"Without the office this till may sell until {ends}. Connect it to the network before "
            "that."
        )

    def brief(self, timezone: str) -> str:
        if self._problem():
            return "Must not sell"
        ends = self._ends_soon(timezone)
        return ends and f"Sells until {ends}"

    def learn(self, word: SignedLease) -> None:
        """Take the office's word; an older one than the last changes nothing.

        Raises `OfficeRefused` for another till's, `NotTheOffice` for a word that this till's office
        did not sign.
        """
        with self._lock:
            if not self._is_news(word):
                return
            heard_s, granted_at = self._clock.steady_s(), word.lease.granted_at
            kept = KeptLease(word, granted_at, self._clock.now() - granted_at)
            self._journal.learn(word, kept)
            self._kept, self._counted_from_s = kept, heard_s

    def note_time(self) -> float:
        """Write down what time it is, for the next start; return the seconds until it is due."""
        with self._lock:
            if self._kept is not None:
                self._note(self._kept, at_least=self._kept.latest)
        return NOTE_EVERY.total_seconds()

    def _is_news(self, word: SignedLease) -> bool:
        lease = word.lease
        if lease.till_id != self._journal.till_id:
            raise OfficeRefused(f"The office spoke of till {lease.till_id}. It was ignored.")
        office_key = self._journal.chain.office_key
        if not verify_ed25519(office_key, lease_text(lease), word.signature):
            raise NotTheOffice(office_key)
        if self._kept is None:
            return True
        before = self._kept.word.lease
        said_before = (before.standing, before.why) == (lease.standing, lease.why)
        if lease.standing is not Standing.TRADING and said_before:
            return False
        return lease.granted_at > before.granted_at

    def _problem(self) -> str:
        kept = self._kept
        if kept is None:
            return "This till has no permission to sell yet. Connect it to the office."
        lease = kept.word.lease
        if lease.standing is Standing.REVOKED:
            return f"The office has taken this till out of service: {lease.why}"
        if lease.standing is Standing.FROZEN:
            return f"The office has stopped this till: {lease.why} Call a manager."
        if self._now(kept) >= lease.until:
            return (
                "This till has been without the office for too long and must not sell. Connect it "
                "to the network; what was sold is safe."
            )
        return ""

    def _ends_soon(self, timezone: str) -> str:
        """Return when the lease ends, by the store's own clock; empty while that is far away."""
        assert self._kept is not None, "a till without a lease has a problem"
        until = self._kept.word.lease.until
        near = until - self._now(self._kept) <= WARN_BEFORE
        return f"{until.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}" if near else ""

    def _now(self, kept: KeptLease) -> dt.datetime:
        counted = dt.timedelta(seconds=self._clock.steady_s() - self._counted_from_s)
        return max(kept.latest + counted, self._clock.now() - kept.ahead)

    def _note(self, kept: KeptLease, at_least: dt.datetime) -> None:
        """Keep what time it is and count on from there; the disk may take its time."""
        noted_s = self._clock.steady_s()
        moment = max(at_least, self._now(kept))
        self._journal.note_time(moment)
        self._kept, self._counted_from_s = KeptLease(kept.word, moment, kept.ahead), noted_s
