"""Everything a till writes down has a word, and is read back as it was written."""

from __future__ import annotations

from typing import get_args

import pytest
from builders import AT, basket, new_id, sale
from pydantic import TypeAdapter

from domain.approval import ApprovalGiven
from domain.canonical import canonical
from domain.events import (
    KINDS,
    ClockedIn,
    ClockedOut,
    DrawerKicked,
    Event,
    JobState,
    LineVoided,
    LoggedIn,
    LoggedOut,
    LogInRefused,
    PinLocked,
    Proof,
    ReceiptPrinted,
    StandingLearned,
    TicketHeld,
    TicketRecalled,
    TicketVoided,
    TillLocked,
    TillStarted,
    kind_of,
)
from domain.lease import Standing
from domain.money import Money
from domain.quantity import Quantity
from domain.roles import Action

EXAMPLES: tuple[Event, ...] = (
    TillStarted("1.0"),
    LoggedIn("anna"),
    LogInRefused("anna"),
    LoggedIn("ben", Proof.BADGE),
    PinLocked("anna", AT),
    LoggedOut("anna"),
    TillLocked("anna"),
    ClockedIn("anna"),
    ClockedOut("anna"),
    StandingLearned(Standing.FROZEN, AT, AT, "copied"),
    ApprovalGiven(new_id(), Action.VOID_TICKET, new_id(), Money(560, "EUR"), "anna", "ben", AT),
    LineVoided(new_id(), new_id(), "TEA", Quantity.grams(250), "anna"),
    TicketVoided(new_id(), 2, Money(560, "EUR"), "anna"),
    TicketHeld(basket(), "red coat", "anna"),
    TicketRecalled(new_id(), "anna"),
    DrawerKicked(new_id(), opened=False, problem="jammed"),
    ReceiptPrinted(new_id(), JobState.UNKNOWN, "no answer"),
    sale(),
)


@pytest.mark.parametrize("event", EXAMPLES, ids=kind_of)
def test_an_event_is_read_back_as_it_was_written(event: Event) -> None:
    kind = kind_of(event)

    again = TypeAdapter(KINDS[kind]).validate_json(canonical(event))

    assert again == event
    assert canonical(again) == canonical(event)


def test_every_kind_of_event_has_one_word_and_an_example() -> None:
    assert set(KINDS.values()) == set(get_args(Event))
    assert {kind_of(event) for event in EXAMPLES} == set(KINDS)
