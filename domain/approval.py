"""A supervisor's consent, given once for one thing: asked at the till, checked again in the office.

The consent is an entry of the till's journal, so the till's key signs it and the chain dates it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from domain.errors import DomainError
from domain.money import Money
from domain.roles import Action, Role, Verdict, verdict

LASTS = dt.timedelta(minutes=5)


class ApprovalNeeded(DomainError):
    """Something that this person may do only with the approval of somebody else."""

    status = 403

    def __init__(self, asked: ApprovalAsked) -> None:
        super().__init__(
            f"To {asked.action.value.replace('_', ' ')} of {asked.amount} a supervisor or manager "
            "must approve. Nothing was changed."
        )
        self.asked = asked


class ApprovalRefused(DomainError):
    """An approval that does not hold; the sentence says why."""

    status = 403


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """What is to be approved: `subject_id` is the ticket it is about."""

    action: Action
    subject_id: UUID
    amount: Money
    requested_by: str


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """A one-use consent, good for exactly what was asked and until a moment."""

    id: UUID
    action: Action
    subject_id: UUID
    amount: Money
    requested_by: str
    approved_by: str
    until: dt.datetime


def check_approver(asked: ApprovalAsked, approver_id: str, role: Role | str) -> None:
    """Raise `ApprovalRefused` unless this person may give the approval."""
    if approver_id == asked.requested_by:
        raise ApprovalRefused("Nobody approves what they asked for themselves. Call somebody else.")
    if verdict(role, asked.action, asked.amount) is not Verdict.ALLOW:
        raise ApprovalRefused(
            f"The role {role} may not approve to {asked.action.value.replace('_', ' ')} of "
            f"{asked.amount}. Call somebody who may."
        )


def check_use(given: ApprovalGiven, asked: ApprovalAsked, at: dt.datetime) -> None:
    """Raise `ApprovalRefused` unless the consent covers what is done now."""
    if (given.action, given.subject_id, given.requested_by) != (
        asked.action,
        asked.subject_id,
        asked.requested_by,
    ):
        raise ApprovalRefused(f"Approval {given.id} was given for something else.")
    if given.amount != asked.amount:
        raise ApprovalRefused(
            f"Approval {given.id} was given for {given.amount}, not for {asked.amount}."
        )
    if at > given.until:
        raise ApprovalRefused(f"Approval {given.id} was good until {given.until:%H:%M:%S} UTC.")
