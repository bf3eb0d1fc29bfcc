"""The table of roles: what is not in it is denied, and amounts are held to the cent."""

from __future__ import annotations

import pytest

from domain.money import Money
from domain.roles import (
    GRANTS,
    TABLE,
    Action,
    NotAllowed,
    Role,
    Rule,
    Verdict,
    insist,
    may_grant,
    rows,
    verdict,
)

ALLOW, APPROVE, DENY = Verdict.ALLOW, Verdict.APPROVE, Verdict.DENY


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_every_pair_of_action_and_role_has_one_rule() -> None:
    walked = list(rows())

    assert len(walked) == len({(action, role) for action, role, _ in walked})
    assert len(walked) == len(Action) * len(Role)


def test_every_action_is_somebodys() -> None:
    assert [action for action in Action if not TABLE[action]] == []


def test_what_the_table_does_not_say_is_denied() -> None:
    assert verdict(Role.ANALYST, Action.MANAGE_TILLS) is DENY
    assert verdict(Role.CASHIER, Action.DECODE_PAYLOADS) is DENY


@pytest.mark.parametrize("role", ["", "owner", "ADMIN", "root"])
def test_a_role_that_the_table_does_not_know_may_nothing(role: str) -> None:
    assert {verdict(role, action) for action in Action} == {DENY}


def test_a_till_does_what_tills_do_and_nothing_that_people_do() -> None:
    allowed = {action for action in Action if verdict(Role.TILL, action) is ALLOW}

    assert allowed == {
        Action.SEND_JOURNAL,
        Action.READ_SNAPSHOT,
        Action.RENEW_LEASE,
        Action.READ_PRODUCTS,
    }


def test_nobody_but_a_till_sends_a_journal_or_renews_a_lease() -> None:
    for action in (Action.SEND_JOURNAL, Action.RENEW_LEASE, Action.READ_SNAPSHOT):
        assert [role for role in Role if verdict(role, action) is ALLOW] == [Role.TILL]


@pytest.mark.parametrize(
    ("role", "minor", "expected"),
    [
        (Role.CASHIER, 5_000, ALLOW),
        (Role.CASHIER, 5_001, APPROVE),
        (Role.CASHIER, -5_000, ALLOW),
        (Role.CASHIER, -5_001, APPROVE),
        (Role.SUPERVISOR, 50_000, ALLOW),
        (Role.SUPERVISOR, 50_001, APPROVE),
        (Role.MANAGER, 10**9, ALLOW),
        (Role.ANALYST, 1, DENY),
    ],
)
def test_a_voided_line_is_held_against_its_amount(
    role: Role, minor: int, expected: Verdict
) -> None:
    assert verdict(role, Action.VOID_LINE, eur(minor)) is expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Money(50, "JPY"), ALLOW),
        (Money(51, "JPY"), APPROVE),
        (Money(50_000, "KWD"), ALLOW),
        (Money(50_001, "KWD"), APPROVE),
    ],
)
def test_tiers_are_in_whole_units_of_any_currency(amount: Money, expected: Verdict) -> None:
    assert verdict(Role.CASHIER, Action.VOID_LINE, amount) is expected


def test_without_an_amount_the_largest_is_meant() -> None:
    assert verdict(Role.CASHIER, Action.VOID_LINE) is APPROVE
    assert Rule(ALLOW, 20).of(None) is DENY


def test_who_may_not_is_told_what_and_how_much() -> None:
    with pytest.raises(NotAllowed, match=r"The role cashier may not void line of 50\.01 EUR\."):
        insist(Role.CASHIER, Action.VOID_LINE, eur(5_001))
    with pytest.raises(NotAllowed, match="The role analyst may not manage tills\\.") as told:
        insist(Role.ANALYST, Action.MANAGE_TILLS)

    assert told.value.status == 403


def test_who_may_is_not_stopped() -> None:
    insist(Role.CASHIER, Action.SELL)
    insist(Role.CASHIER, Action.VOID_LINE, eur(5_000))


@pytest.mark.parametrize("role", Role)
def test_nobody_makes_a_till_by_hand_or_somebody_above_themselves(role: Role) -> None:
    assert not may_grant(role, Role.TILL)
    assert role is Role.ADMIN or not may_grant(role, role)
    assert role is Role.ADMIN or not may_grant(role, Role.ADMIN)


def test_managers_and_admins_alone_make_people() -> None:
    assert set(GRANTS) == {Role.MANAGER, Role.ADMIN}
    assert may_grant(Role.MANAGER, Role.CASHIER)
    assert may_grant("admin", "manager")
    assert not may_grant("owner", "cashier")
