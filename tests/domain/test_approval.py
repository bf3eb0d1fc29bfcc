"""Approvals: who may give one, and what the one that was given is good for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from builders import AT, new_id

from domain.approval import (
    LASTS,
    ApprovalAsked,
    ApprovalGiven,
    ApprovalNeeded,
    ApprovalRefused,
    check_approver,
    check_use,
)
from domain.money import Money
from domain.roles import Action, Role

ASKED = ApprovalAsked(Action.VOID_TICKET, new_id(), Money(4_000, "EUR"), "anna")
GIVEN = ApprovalGiven(
    new_id(), ASKED.action, ASKED.subject_id, ASKED.amount, "anna", "marta", AT + LASTS
)


def test_the_sentence_says_what_is_asked_and_that_nothing_happened() -> None:
    sentence = str(ApprovalNeeded(ASKED))

    assert "void ticket of 40.00 EUR" in sentence
    assert "Nothing was changed." in sentence


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.MANAGER])
def test_whose_role_does_it_alone_may_approve_it(role: Role) -> None:
    check_approver(ASKED, "marta", role)


@pytest.mark.parametrize(
    "role", [Role.CASHIER, Role.ADMIN, Role.OPS, Role.ANALYST, Role.TILL, "boss", ""]
)
def test_nobody_elses_approval_is_worth_anything(role: str) -> None:
    with pytest.raises(ApprovalRefused, match=r"may not approve to void ticket of 40\.00 EUR"):
        check_approver(ASKED, "marta", role)


def test_nobody_approves_what_they_asked_for_themselves_whatever_they_are() -> None:
    with pytest.raises(ApprovalRefused, match="Nobody approves what they asked for"):
        check_approver(ASKED, "anna", Role.MANAGER)


def test_a_supervisor_approves_up_to_their_own_limit_and_no_further() -> None:
    check_approver(replace(ASKED, amount=Money(50_000, "EUR")), "marta", Role.SUPERVISOR)

    with pytest.raises(ApprovalRefused, match=r"500\.01 EUR"):
        check_approver(replace(ASKED, amount=Money(50_001, "EUR")), "marta", Role.SUPERVISOR)


def test_an_approval_is_good_for_what_was_asked_until_its_last_moment() -> None:
    check_use(GIVEN, ASKED, AT)
    check_use(GIVEN, ASKED, AT + LASTS)


def test_an_approval_is_worth_nothing_a_moment_later() -> None:
    with pytest.raises(ApprovalRefused, match="was good until 09:35:00 UTC"):
        check_use(GIVEN, ASKED, AT + LASTS + dt.timedelta(microseconds=1))


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, action=Action.VOID_LINE),
        replace(ASKED, subject_id=new_id()),
        replace(ASKED, requested_by="deniz"),
    ],
)
def test_an_approval_is_worth_nothing_for_anything_else(other: ApprovalAsked) -> None:
    with pytest.raises(ApprovalRefused, match="given for something else"):
        check_use(GIVEN, other, AT)


@pytest.mark.parametrize("amount", [Money(3_999, "EUR"), Money(4_001, "EUR"), Money(4_000, "CAD")])
def test_an_approval_is_worth_nothing_for_another_amount(amount: Money) -> None:
    with pytest.raises(ApprovalRefused, match=r"was given for 40\.00 EUR, not for"):
        check_use(GIVEN, replace(ASKED, amount=amount), AT)
