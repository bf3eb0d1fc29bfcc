"""Who may do what: one table of roles, actions and amounts, for till, API and workflows alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import DomainError
from domain.money import Money, exponent


class Role(StrEnum):
    """What somebody is in the shop; `TILL` is a device, all others are people."""

    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMIN = "admin"
    OPS = "ops"
    ANALYST = "analyst"
    TILL = "till"


class Action(StrEnum):
    """Everything that somebody may or may not do."""

    SELL = "sell"
    VOID_LINE = "void_line"
    VOID_TICKET = "void_ticket"
    PRINT_COPY = "print_copy"
    CLOCK_TIME = "clock_time"
    SEND_JOURNAL = "send_journal"
    READ_SNAPSHOT = "read_snapshot"
    RENEW_LEASE = "renew_lease"
    READ_PRODUCTS = "read_products"
    READ_SALES = "read_sales"
    RECORD_SALE = "record_sale"
    READ_TILLS = "read_tills"
    READ_STORES = "read_stores"
    READ_PEOPLE = "read_people"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_USERS = "manage_users"
    MANAGE_STORES = "manage_stores"
    MANAGE_TILLS = "manage_tills"
    READ_TASKS = "read_tasks"
    RESOLVE_TASKS = "resolve_tasks"
    READ_AUDIT = "read_audit"
    DECODE_PAYLOADS = "decode_payloads"


class Verdict(StrEnum):
    """What the table says; `APPROVE` means: with the approval of somebody who is allowed."""

    ALLOW = "allow"
    APPROVE = "approve"
    DENY = "deny"


class NotAllowed(DomainError):
    """Something that the role of the person or device does not include."""

    status = 403

    def __init__(self, role: Role | str, action: Action, amount: Money | None = None) -> None:
        size = f" of {amount}" if amount is not None else ""
        super().__init__(
            f"The role {role} may not {action.value.replace('_', ' ')}{size}. Nothing was changed."
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """What a role may do up to an amount in whole units of the currency, and above it.

    `up_to` None means that the amount does not matter.
    """

    verdict: Verdict
    up_to: int | None = None
    above: Verdict = Verdict.DENY

    def of(self, amount: Money | None) -> Verdict:
        """Return the verdict on an amount; without one, what is said of the largest."""
        if self.up_to is None:
            return self.verdict
        if amount is None or abs(amount.minor) > self.up_to * 10 ** exponent(amount.currency):
            return self.above
        return self.verdict


_YES = Rule(Verdict.ALLOW)
_NO = Rule(Verdict.DENY)
_TO_20 = Rule(Verdict.ALLOW, 20, Verdict.APPROVE)
_TO_50 = Rule(Verdict.ALLOW, 50, Verdict.APPROVE)
_TO_500 = Rule(Verdict.ALLOW, 500, Verdict.APPROVE)

_CASHIER, _SUPERVISOR, _MANAGER = Role.CASHIER, Role.SUPERVISOR, Role.MANAGER
_ADMIN, _OPS, _ANALYST, _TILL = Role.ADMIN, Role.OPS, Role.ANALYST, Role.TILL
_COUNTER = (_CASHIER, _SUPERVISOR, _MANAGER)


def _yes(*roles: Role) -> dict[Role, Rule]:
    return dict.fromkeys(roles, _YES)


TABLE: Mapping[Action, Mapping[Role, Rule]] = {
    Action.SELL: _yes(*_COUNTER),
    Action.VOID_LINE: {_CASHIER: _TO_50, _SUPERVISOR: _TO_500, _MANAGER: _YES},
    Action.VOID_TICKET: {_CASHIER: _TO_20, _SUPERVISOR: _TO_500, _MANAGER: _YES},
    Action.PRINT_COPY: _yes(*_COUNTER),
    Action.CLOCK_TIME: _yes(*_COUNTER),
    Action.SEND_JOURNAL: _yes(_TILL),
    Action.READ_SNAPSHOT: _yes(_TILL),
    Action.RENEW_LEASE: _yes(_TILL),
    Action.READ_PRODUCTS: _yes(*Role),
    Action.READ_SALES: _yes(_SUPERVISOR, _MANAGER, _ADMIN, _OPS, _ANALYST),
    Action.RECORD_SALE: _yes(_MANAGER, _ADMIN),
    Action.READ_TILLS: _yes(_SUPERVISOR, _MANAGER, _ADMIN, _OPS),
    Action.READ_STORES: _yes(_SUPERVISOR, _MANAGER, _ADMIN, _OPS, _ANALYST),
    Action.READ_PEOPLE: _yes(_MANAGER, _ADMIN),
    Action.MANAGE_PEOPLE: _yes(_MANAGER, _ADMIN),
    Action.MANAGE_USERS: _yes(_ADMIN),
    Action.MANAGE_STORES: _yes(_ADMIN),
    Action.MANAGE_TILLS: _yes(_MANAGER, _ADMIN),
    Action.READ_TASKS: _yes(_SUPERVISOR, _MANAGER, _ADMIN, _OPS),
    Action.RESOLVE_TASKS: _yes(_MANAGER, _ADMIN, _OPS),
    Action.READ_AUDIT: _yes(_ADMIN, _OPS),
    Action.DECODE_PAYLOADS: _yes(_ADMIN, _OPS),
}
"""What is not in here is denied."""

GRANTS: Mapping[Role, frozenset[Role]] = {
    Role.MANAGER: frozenset({Role.CASHIER, Role.SUPERVISOR}),
    Role.ADMIN: frozenset(Role) - {Role.TILL},
}
"""Which roles somebody of a role may give to others, or take from them."""


def verdict(role: Role | str, action: Action, amount: Money | None = None) -> Verdict:
    """Say whether a role may do something; a role that the table does not know may nothing."""
    rule = TABLE.get(action, {}).get(Role(role), _NO) if role in set(Role) else _NO
    return rule.of(amount)


def insist(role: Role | str, action: Action, amount: Money | None = None) -> None:
    """Raise `NotAllowed` unless the role may do it alone."""
    if verdict(role, action, amount) is not Verdict.ALLOW:
        raise NotAllowed(role, action, amount)


def may_grant(role: Role | str, given: Role | str) -> bool:
    """Tell whether somebody of a role may make others of a role, or change such people."""
    return role in set(Role) and given in GRANTS.get(Role(role), frozenset())


def rows() -> Iterator[tuple[Action, Role, Rule]]:
    """Walk the whole table, denials included: for documentation and tests."""
    for action in Action:
        for role in Role:
            yield action, role, TABLE.get(action, {}).get(role, _NO)
