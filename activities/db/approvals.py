"""What tills say of approvals, held against the office's books as their journals come in.

A till has checked all of it already. The entries stay whatever is found, since facts are appended;
what does not fit becomes a task for a person. As at the till, voids of one ticket add up until
somebody consents: in small steps nobody may do more than at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from activities.db.engine import Connection
from activities.db.roles import Roles, roles_of
from activities.db.tasks import NewTask, open_task
from domain.approval import (
    LASTS,
    ApprovalAsked,
    ApprovalGiven,
    ApprovalRefused,
    check_approver,
    check_use,
)
from domain.errors import DomainError
from domain.events import LineVoided, TicketVoided
from domain.journal import Entry
from domain.money import Money
from domain.roles import Action, NotAllowed, Verdict, verdict

INVALID = "approval_invalid"
MISSING = "approval_missing"
_LOOK_BACK = 1_000
"""A ticket is paid and an approval used in the next entries; a till writes far fewer meanwhile."""
_LARGEST_MINOR = 2**63 - 1
_STRICTER = (Verdict.ALLOW, Verdict.APPROVE, Verdict.DENY)

Told = ApprovalGiven | LineVoided | TicketVoided
_READERS: Mapping[str, TypeAdapter[Told]] = {
    "approval_given": TypeAdapter(ApprovalGiven),
    "line_voided": TypeAdapter(LineVoided),
    "ticket_voided": TypeAdapter(TicketVoided),
}


class ApprovalMissing(DomainError):
    """An act of more than the person may do, without anybody's approval."""


@dataclass(slots=True)
class _Books:
    """Roles of the people concerned, the approvals seen so far, what was done with and without.

    `alone` is what was taken off each ticket without an approval, in minor units per currency.
    """

    roles: Roles
    given: dict[UUID, ApprovalGiven] = field(default_factory=dict)
    used: set[UUID] = field(default_factory=set)
    alone: dict[tuple[UUID, str], int] = field(default_factory=dict)

    def note(self, told: Told) -> None:
        """Remember what comes of an entry, right or wrong."""
        if isinstance(told, ApprovalGiven):
            self.given.setdefault(told.id, told)
        elif told.approval_id:
            self.used.add(told.approval_id)
        elif amount := _amount(told):
            together = self.with_earlier(told.basket_id, amount)
            self.alone[told.basket_id, amount.currency] = together.minor

    def with_earlier(self, basket_id: UUID, amount: Money) -> Money:
        """Add what was taken off the same ticket before without an approval, whatever its sign."""
        earlier = self.alone.get((basket_id, amount.currency), 0)
        return Money(abs(amount.minor) + earlier, amount.currency)

    def role(self, person_id: str, entry: Entry, action: Action, amount: Money | None) -> str:
        """Return which of a person's roles near an entry's time lets them do most of an act.

        Raises `ApprovalRefused` without one.
        """
        had = sorted(self.roles.near(person_id, entry.at))
        if not had:
            raise ApprovalRefused(f"Nobody called {person_id!r} worked in this store then.")
        return min(had, key=lambda role: _STRICTER.index(verdict(role, action, amount)))


def check_approvals(connection: Connection, store_id: str, entries: Sequence[Entry]) -> None:
    """Open a task for each entry that says of an approval what the books do not bear out.

    Costs nothing for entries that are about something else.
    """
    fresh = [(entry, told) for entry in entries if (told := _read(entry.kind, entry.body))]
    if not fresh:
        return
    people = {person for _, told in fresh for person in _people(told)}
    books = _Books(roles_of(connection, store_id, people))
    if any(not isinstance(told, ApprovalGiven) for _, told in fresh):
        for earlier in _earlier(connection, store_id, fresh[0][0]):
            books.note(earlier)
    for entry, told in fresh:
        if task := _found(books, store_id, entry, told):
            open_task(connection, task)
        books.note(told)


_EARLIER = sa.text("""
    SELECT kind, body FROM journal_entries
    WHERE store_id = :store_id AND till_id = :till_id AND epoch = :epoch
      AND sequence BETWEEN :sequence - :look_back AND :sequence - 1 AND kind = ANY(:kinds)
    ORDER BY sequence
""")


def _read(kind: str, body: str) -> Told | None:
    """Read an entry that has to do with approvals; what cannot be read is in quarantine."""
    reader = _READERS.get(kind)
    if reader is None:
        return None
    try:
        return reader.validate_json(body)
    except ValidationError:
        return None


def _people(told: Told) -> tuple[str, ...]:
    if isinstance(told, ApprovalGiven):
        return told.requested_by, told.approved_by
    return (told.person_id,)


def _earlier(connection: Connection, store_id: str, first: Entry) -> Iterator[Told]:
    asked = {
        "store_id": store_id,
        "till_id": first.till_id,
        "epoch": first.epoch,
        "sequence": first.sequence,
        "look_back": _LOOK_BACK,
        "kinds": list(_READERS),
    }
    for row in connection.execute(_EARLIER, asked):
        if told := _read(row.kind, row.body):
            yield told


def _found(books: _Books, store_id: str, entry: Entry, told: Told) -> NewTask | None:
    """Return the task that an entry gives somebody, None when it is as it should be."""
    try:
        if isinstance(told, ApprovalGiven):
            _check_given(books, entry, told)
        else:
            _check_act(books, entry, told)
    except DomainError as error:
        amount = _amount(told)
        storable = amount is not None and abs(amount.minor) <= _LARGEST_MINOR
        return NewTask(
            store_id=store_id,
            kind=MISSING if isinstance(error, ApprovalMissing) else INVALID,
            subject=f"{entry.till_id}/{entry.epoch}/{entry.sequence}",
            why=f"Till {entry.till_id}, entry {entry.sequence} ({entry.kind}): {error}",
            till_id=entry.till_id,
            amount=amount if storable else None,
        )
    return None


def _check_given(books: _Books, entry: Entry, given: ApprovalGiven) -> None:
    """Raise unless whoever approved was there, was allowed to, and was somebody else."""
    if given.id in books.given:
        raise ApprovalRefused(f"Approval {given.id} was given before.")
    asked = ApprovalAsked(given.action, given.subject_id, given.amount, given.requested_by)
    books.role(given.requested_by, entry, given.action, given.amount)
    role = books.role(given.approved_by, entry, given.action, given.amount)
    check_approver(asked, given.approved_by, role)
    if given.until > entry.at + LASTS:
        raise ApprovalRefused(f"Approval {given.id} was to last longer than {LASTS}.")


def _check_act(books: _Books, entry: Entry, act: LineVoided | TicketVoided) -> None:
    """Raise unless the person may do this alone, or uses up an approval of just this.

    An act that names no amount counts as the largest.
    """
    action, together = _action(act), _amount(act)
    if together is not None and not act.approval_id:
        together = books.with_earlier(act.basket_id, together)
    role = books.role(act.person_id, entry, action, together)
    said = verdict(role, action, together)
    if said is Verdict.DENY:
        raise NotAllowed(role, action, together)
    if act.approval_id:
        _check_used(books, act, act.approval_id, entry)
    elif said is Verdict.APPROVE:
        raise ApprovalMissing(
            f"The role {role} may {action.value.replace('_', ' ')} of {together or 'any amount'} "
            "with an approval only, and there is none."
        )


def _check_used(
    books: _Books, act: LineVoided | TicketVoided, approval_id: UUID, entry: Entry
) -> None:
    given = books.given.get(approval_id)
    if given is None:
        raise ApprovalRefused(f"Approval {approval_id} is not in the till's journal before it.")
    if approval_id in books.used:
        raise ApprovalRefused(f"Approval {approval_id} was used before.")
    amount = _amount(act)
    if amount is None:
        raise ApprovalRefused(f"Approval {approval_id} was given for {given.amount}, not for all.")
    asked = ApprovalAsked(_action(act), act.basket_id, amount, act.person_id)
    check_use(given, asked, entry.at)


def _action(act: LineVoided | TicketVoided) -> Action:
    return Action.VOID_LINE if isinstance(act, LineVoided) else Action.VOID_TICKET


def _amount(told: Told) -> Money | None:
    return told.total if isinstance(told, TicketVoided) else told.amount
