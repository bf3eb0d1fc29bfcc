"""Consent of a supervisor or manager: in the journal before the act, good for that act alone."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from domain.approval import (
    LASTS,
    ApprovalAsked,
    ApprovalGiven,
    ApprovalNeeded,
    check_approver,
    check_use,
)
from domain.catalog import Person
from domain.money import Money
from domain.roles import NotAllowed, Verdict, verdict
from till_kivy.clock import Clock
from till_kivy.journal import Journal


class Approvals:
    """At most one consent is unused at a time; a program that ends forgets it."""

    def __init__(self, journal: Journal, clock: Clock, new_id: Callable[[], UUID]) -> None:
        self._journal = journal
        self._clock = clock
        self._new_id = new_id
        self._unused: ApprovalGiven | None = None

    def needed(self, person: Person, asked: ApprovalAsked, before: Money) -> UUID | None:
        """Return the consent that an act uses up, None where the person may do it alone.

        `before` is what was already taken off the same ticket without consent: in small steps
        nobody may do more than at once. Raises `ApprovalNeeded`, `ApprovalRefused` or `NotAllowed`.
        """
        given, self._unused = self._unused, None
        said = verdict(person.role, asked.action, asked.amount + before)
        if said is Verdict.ALLOW:
            return None
        if said is Verdict.DENY:
            raise NotAllowed(person.role, asked.action, asked.amount)
        if given is None:
            raise ApprovalNeeded(asked)
        check_use(given, asked, self._clock.now())
        return given.id

    def give(self, asked: ApprovalAsked, approver: Person) -> None:
        """Write down somebody's consent; raises `ApprovalRefused` when it is not theirs to give."""
        check_approver(asked, approver.id, approver.role)
        given = ApprovalGiven(
            id=self._new_id(),
            action=asked.action,
            subject_id=asked.subject_id,
            amount=asked.amount,
            requested_by=asked.requested_by,
            approved_by=approver.id,
            until=self._clock.now() + LASTS,
        )
        self._journal.append(given)
        self._unused = given

    def forget(self) -> None:
        """Let a consent that was not used be worth nothing."""
        self._unused = None


def may_approve(asked: ApprovalAsked, person: Person) -> bool:
    """Tell whether somebody's consent would do."""
    allowed = verdict(person.role, asked.action, asked.amount) is Verdict.ALLOW
    return allowed and person.id != asked.requested_by
