"""Badges, the lock, approvals and the time clock in the real window."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from till.window_harness import Hands

from domain.approval import ApprovalGiven
from domain.events import (
    ClockedIn,
    ClockedOut,
    Event,
    LoggedIn,
    LogInRefused,
    Proof,
    TicketVoided,
    TillLocked,
)
from till_kivy import sample
from till_kivy.idle import LOCKS_AFTER_S


def events(hands: Hands) -> Sequence[Event]:
    """What the journal says, the start of the program left out."""
    journal = hands.till.journal
    return [journal.event_of(entry) for entry in journal.entries(0, 100)][1:]


def wait(hands: Hands, seconds: float) -> None:
    """Leave the till alone, and let its clock tick."""
    hands.watch.now_s += seconds
    hands.app.desk.refresh()
    hands.app.settle()


@pytest.fixture
def dear(selling: Hands) -> Hands:
    """A ticket that a cashier may not drop alone."""
    selling.wedge(sample.price_label(20004, 6_000))
    return selling


def test_a_badge_on_the_list_of_people_logs_in(hands: Hands) -> None:
    hands.wedge(sample.badge("deniz"))

    assert hands.sees("Ready for the next customer")
    assert events(hands) == [LoggedIn("deniz", Proof.BADGE)]


def test_a_badge_on_the_pin_page_logs_its_own_owner_in(hands: Hands) -> None:
    hands.tap("Anna Berger")

    hands.wedge(sample.badge("deniz"))

    assert events(hands) == [LoggedIn("deniz", Proof.BADGE)]


@pytest.mark.parametrize("page", ["", "f2", "f6", "f12"])
def test_a_badge_while_selling_switches_the_person_and_not_the_ticket(
    selling: Hands, page: str
) -> None:
    selling.wedge(sample.gtin(1))
    if page:
        selling.press(page)

    selling.wedge(sample.badge("marta"))

    view = selling.till.view()
    assert view.person is not None
    assert (view.person.id, view.items) == ("marta", 1)
    assert selling.sees("Marta Nowak")


def test_a_badge_of_nobody_says_so_and_shows_no_code(hands: Hands) -> None:
    hands.wedge("TFBNOBODYKNOWS")

    assert hands.sees("Nobody here has this badge.")
    assert not hands.sees("TFB")


def test_a_till_left_alone_for_five_minutes_locks_with_its_ticket(selling: Hands) -> None:
    selling.wedge(sample.gtin(2))
    wait(selling, LOCKS_AFTER_S - 1)
    assert selling.app.desk.page_name == "sell"

    wait(selling, 1)

    assert selling.sees("Locked")
    assert selling.sees("Anna Berger")
    assert selling.sees("Open ticket: 1 item · 4.20 EUR")
    assert events(selling)[-1] == TillLocked("anna")


@pytest.mark.parametrize("way", ["touch", "key", "type", "scan"])
def test_every_sign_of_life_begins_the_five_minutes_again(selling: Hands, way: str) -> None:
    wait(selling, LOCKS_AFTER_S - 1)
    match way:
        case "touch":
            selling.touch(5, 5)
        case "key":
            selling.press("down")
        case "type":
            selling.type("a")
        case _:
            selling.wedge(sample.gtin(1))

    wait(selling, LOCKS_AFTER_S - 2)

    assert not selling.till.view().locked


@pytest.mark.parametrize("badge", [True, False])
def test_whoever_is_here_opens_the_lock(selling: Hands, badge: bool) -> None:
    selling.wedge(sample.gtin(2))
    selling.press("f9")

    if badge:
        selling.wedge(sample.badge("anna"))
    else:
        selling.type(sample.PIN)

    assert selling.app.desk.page_name == "sell"
    assert selling.till.view().total == "4.20"


def test_somebody_else_takes_over_at_the_lock(selling: Hands) -> None:
    selling.wedge(sample.gtin(2))
    selling.tap("Lock")

    selling.tap("Somebody else")
    selling.log_in("Deniz Kaya")

    view = selling.till.view()
    assert view.person is not None
    assert (view.person.id, view.total, view.locked) == ("deniz", "4.20", False)
    assert selling.app.desk.page_name == "sell"


def test_goods_scanned_at_a_locked_till_do_nothing(selling: Hands) -> None:
    selling.press("f9")
    before = events(selling)

    selling.wedge(sample.gtin(2))

    assert selling.app.desk.page_name == "lock"
    assert selling.till.view().items == 0
    assert selling.till.view().message is None
    assert events(selling) == before


def test_a_wrong_pin_at_the_lock_is_said_and_the_lock_stays(selling: Hands) -> None:
    selling.press("f9")

    selling.type("000000")

    assert selling.sees("That PIN does not fit.")
    assert selling.sees("Locked")


def test_a_question_does_not_outlast_the_lock(dear: Hands) -> None:
    dear.press("f8")

    wait(dear, LOCKS_AFTER_S)
    dear.wedge(sample.badge("anna"))

    assert not dear.sees("Void this ticket")
    assert dear.till.view().items == 1


def test_a_supervisor_approves_with_a_pin(dear: Hands) -> None:
    dear.press("f8", "f8")
    assert dear.sees("Approve: void ticket")
    assert dear.sees("60.00 EUR")
    assert not dear.sees("Deniz Kaya")

    dear.tap("Marta Nowak")
    for digit in sample.PIN:
        dear.tap(digit)

    assert dear.sees("Ready for the next customer")
    given, dropped = events(dear)[-2:]
    assert isinstance(given, ApprovalGiven)
    assert isinstance(dropped, TicketVoided)
    assert (given.approved_by, dropped.approval_id) == ("marta", given.id)


def test_a_manager_approves_with_a_badge(dear: Hands) -> None:
    dear.tap("Void line")

    dear.wedge(sample.badge("oliver"))

    assert dear.sees("Smoked salmon was taken off.")
    view = dear.till.view()
    assert view.person is not None
    assert (view.person.id, view.items) == ("anna", 0)


def test_a_pin_without_a_name_is_looked_at_for_nobody(dear: Hands) -> None:
    dear.press("f8", "f8")

    dear.type(sample.PIN)

    assert dear.sees("Touch the name of who approves")
    assert not any(isinstance(event, LogInRefused | ApprovalGiven) for event in events(dear))


def test_going_back_from_an_approval_leaves_everything_as_it_was(dear: Hands) -> None:
    dear.press("f8", "f8")

    dear.tap("Back")

    assert dear.app.desk.page_name == "sell"
    assert dear.till.view().items == 1


def test_people_come_by_pin_and_go_by_badge(hands: Hands) -> None:
    hands.tap("Time clock")
    hands.tap("Deniz Kaya")
    assert hands.sees("Clock in: PIN, six digits")
    hands.type(sample.PIN)
    assert hands.sees("at work since")

    hands.wedge(sample.badge("deniz"))

    assert hands.sees("Deniz Kaya is clocked out.")
    assert not hands.sees("at work since")
    assert events(hands) == [ClockedIn("deniz"), ClockedOut("deniz")]


def test_who_came_elsewhere_goes_here(hands: Hands) -> None:
    hands.press("f9")
    hands.tap("Deniz Kaya")

    hands.tap("Clock out")
    assert hands.sees("Clock out: PIN, six digits")
    hands.type(sample.PIN)

    assert events(hands) == [ClockedOut("deniz")]


def test_the_way_from_the_time_clock_leads_back_to_log_in(hands: Hands) -> None:
    hands.press("f9")
    assert hands.sees("to come or to go")

    hands.press("f9")

    assert hands.sees("Who is working?")
