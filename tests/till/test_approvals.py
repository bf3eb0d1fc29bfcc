"""Consent at the till: asked for where the table of roles says so, and good for one act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from builders import AT, new_id
from counter import BREAD, CROISSANT, Counter, euros, with_lines

from domain.approval import LASTS, ApprovalAsked, ApprovalGiven, ApprovalNeeded, ApprovalRefused
from domain.basket import BasketLine
from domain.errors import DomainError
from domain.events import Event, LineVoided, TicketVoided
from domain.quantity import Quantity
from domain.roles import Action
from till_kivy import sample
from till_kivy.hardware.protocols import Cue
from till_kivy.people import Badge, Pin, UnknownBadge, WrongPin

MARTA = Badge(sample.badge("marta"))
SALMON = 20004


def pack(counter: Counter, cents: int) -> BasketLine:
    """Scan a pack of salmon at a price."""
    return counter.register.scan(sample.price_label(SALMON, cents))


def asked_by(act: Callable[[], object]) -> ApprovalAsked:
    """Try to do something and return the approval that it takes."""
    with pytest.raises(ApprovalNeeded) as needed:
        act()
    return needed.value.asked


def voided(counter: Counter) -> list[tuple[int, bool]]:
    """What was taken off in cents, and whether somebody approved."""
    lines = counter.events(LineVoided)
    return [(line.amount.minor, line.approval_id is not None) for line in lines if line.amount]


def test_a_cashier_takes_off_up_to_fifty_alone(counter: Counter) -> None:
    with_lines(counter)
    line = pack(counter, 5_000)

    counter.register.void_line(line.id)

    assert voided(counter) == [(5_000, False)]


def test_more_than_fifty_needs_a_supervisor_and_is_done_in_one_step(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    line = pack(counter, 5_001)

    def take_off() -> None:
        counter.register.void_line(line.id)

    asked = asked_by(take_off)
    assert asked == ApprovalAsked(
        Action.VOID_LINE, counter.register.basket.id, euros("50.01"), "anna"
    )
    assert len(counter.register.basket.lines) == 2
    assert counter.sound.played[-1] is Cue.REFUSED
    counter.register.approve(asked, Pin("marta", sample.PIN), take_off)

    (given,) = counter.events(ApprovalGiven)
    (line_voided,) = counter.events(LineVoided)
    assert (given.approved_by, given.until, given.amount) == (
        "marta",
        AT + LASTS,
        euros("50.01"),
    )
    assert (line_voided.approval_id, line_voided.person_id) == (given.id, "anna")
    assert counter.kinds()[-2:] == ["approval_given", "line_voided"]
    person = counter.register.view().person
    assert person is not None
    assert person.id == "anna"


def test_a_ticket_above_twenty_is_dropped_with_a_badge(counter: Counter) -> None:
    with_lines(counter)
    pack(counter, 2_001)

    asked = asked_by(counter.register.void_ticket)
    counter.register.approve(asked, MARTA, counter.register.void_ticket)

    (given,) = counter.events(ApprovalGiven)
    (dropped,) = counter.events(TicketVoided)
    assert (dropped.approval_id, dropped.total) == (given.id, euros("20.01"))


def test_a_supervisor_needs_a_manager_above_five_hundred(counter: Counter) -> None:
    counter.log_in("marta")
    pack(counter, 30_000)
    pack(counter, 20_001)

    asked = asked_by(counter.register.void_ticket)

    assert [own.id for own in counter.register.approvers(asked)] == ["oliver"]
    with pytest.raises(ApprovalRefused, match="Nobody approves what they asked for"):
        counter.register.approve(asked, MARTA, counter.register.void_ticket)
    counter.register.approve(asked, Badge(sample.badge("oliver")), counter.register.void_ticket)
    assert not counter.register.basket


def test_a_manager_asks_nobody(counter: Counter) -> None:
    counter.log_in("oliver")
    pack(counter, 99_999)

    counter.register.void_ticket()

    assert counter.events(ApprovalGiven) == []


@pytest.mark.parametrize(
    ("shown", "error"),
    [
        (Pin("deniz", sample.PIN), ApprovalRefused),
        (Pin("anna", sample.PIN), ApprovalRefused),
        (Pin("marta", "000000"), WrongPin),
        (Pin("nobody", sample.PIN), WrongPin),
        (Badge("TFB?"), UnknownBadge),
        (Badge(sample.badge("deniz")), ApprovalRefused),
    ],
)
def test_what_is_no_consent_changes_nothing(
    counter: Counter, shown: Pin | Badge, error: type[DomainError]
) -> None:
    with_lines(counter)
    pack(counter, 2_001)
    asked = asked_by(counter.register.void_ticket)

    with pytest.raises(error):
        counter.register.approve(asked, shown, counter.register.void_ticket)

    assert counter.events(ApprovalGiven) == []
    assert counter.register.view().items == 1


def test_wrong_pins_on_the_way_to_an_approval_are_counted(counter: Counter) -> None:
    with_lines(counter)
    pack(counter, 2_001)
    asked = asked_by(counter.register.void_ticket)

    for _ in range(5):
        with pytest.raises(DomainError):
            counter.register.approve(asked, Pin("marta", "000000"), counter.register.void_ticket)

    with pytest.raises(DomainError, match="Too many wrong PINs"):
        counter.register.approve(asked, Pin("marta", sample.PIN), counter.register.void_ticket)


def test_an_approval_is_used_up_by_its_act(counter: Counter) -> None:
    with_lines(counter)
    first, second = pack(counter, 6_000), pack(counter, 6_000)
    asked = asked_by(lambda: counter.register.void_line(first.id))
    counter.register.approve(asked, MARTA, lambda: counter.register.void_line(first.id))

    again = asked_by(lambda: counter.register.void_line(second.id))

    assert again == asked
    assert len(counter.events(ApprovalGiven)) == 1


def test_an_approval_whose_act_fails_is_worth_nothing_afterwards(counter: Counter) -> None:
    with_lines(counter)
    pack(counter, 2_001)
    asked = asked_by(counter.register.void_ticket)

    with pytest.raises(DomainError, match="not on this ticket"):
        counter.register.approve(asked, MARTA, lambda: counter.register.void_line(new_id()))

    asked_by(counter.register.void_ticket)
    assert len(counter.events(ApprovalGiven)) == 1


def _another_amount(counter: Counter) -> None:
    counter.register.scan(BREAD)


def _another_person(counter: Counter) -> None:
    counter.log_in("deniz")


def _another_ticket(counter: Counter) -> None:
    counter.register.hold("later")
    pack(counter, 2_001)


@pytest.mark.parametrize("change", [_another_amount, _another_person, _another_ticket])
def test_an_approval_is_good_for_what_was_asked_and_nothing_else(
    counter: Counter, change: Callable[[Counter], None]
) -> None:
    with_lines(counter)
    pack(counter, 2_001)
    asked = asked_by(counter.register.void_ticket)
    change(counter)

    with pytest.raises(ApprovalRefused, match="was given for"):
        counter.register.approve(asked, MARTA, counter.register.void_ticket)

    assert counter.events(TicketVoided) == []


def test_an_approval_does_not_outlast_its_five_minutes(counter: Counter) -> None:
    with_lines(counter)
    pack(counter, 2_001)
    asked = asked_by(counter.register.void_ticket)

    def dawdle() -> None:
        counter.clock.advance(LASTS.total_seconds() + 1)
        counter.register.void_ticket()

    with pytest.raises(ApprovalRefused, match="was good until"):
        counter.register.approve(asked, MARTA, dawdle)

    assert counter.register.view().items == 1


def test_lowering_a_quantity_is_a_void_of_the_difference(counter: Counter) -> None:
    with_lines(counter)
    line = counter.register.scan(BREAD)
    counter.register.set_quantity(line.id, Quantity.pieces(20))

    counter.register.set_quantity(line.id, Quantity.pieces(9))
    asked = asked_by(lambda: counter.register.set_quantity(line.id, Quantity.pieces(7)))

    (taken,) = counter.events(LineVoided)
    assert (taken.quantity, taken.amount) == (Quantity.pieces(11), euros("46.20"))
    assert asked.amount == euros("8.40")
    assert counter.register.view().lines[0].quantity == "9"


def test_small_steps_add_up_and_get_nobody_past_the_limit(counter: Counter) -> None:
    with_lines(counter)
    lines = [pack(counter, 2_000) for _ in range(4)]
    counter.register.void_line(lines[0].id)
    counter.register.void_line(lines[1].id)

    asked = asked_by(lambda: counter.register.void_line(lines[2].id))
    counter.register.approve(asked, MARTA, lambda: counter.register.void_line(lines[2].id))

    assert voided(counter) == [(2_000, False), (2_000, False), (2_000, True)]


def test_what_was_taken_off_before_counts_when_the_rest_is_dropped(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    line = pack(counter, 1_900)
    counter.register.void_line(line.id)

    asked = asked_by(counter.register.void_ticket)

    assert asked.amount == euros("1.40")


def test_neither_holding_nor_a_restart_forgets_what_was_taken_off(counter: Counter) -> None:
    with_lines(counter)
    first, second = pack(counter, 3_000), pack(counter, 3_000)
    counter.register.void_line(first.id)
    basket_id = counter.register.basket.id
    counter.register.hold("later")

    again = counter.restart()
    again.log_in()
    again.register.recall(basket_id)

    asked_by(lambda: again.register.void_line(second.id))
    again.close()


def test_a_ticket_that_was_emptied_is_over_with_or_without_a_restart(counter: Counter) -> None:
    with_lines(counter)
    first = counter.register.basket.id
    counter.register.void_line(pack(counter, 4_900).id)
    second = counter.register.basket.id
    counter.register.void_line(pack(counter, 4_900).id)

    again = counter.restart()
    again.log_in()
    again.register.void_line(pack(again, 4_900).id)

    assert len({first, second, again.register.basket.id}) == 3
    assert voided(again) == [(4_900, False)] * 3
    again.close()


def test_the_next_customers_ticket_begins_from_nothing(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    line = pack(counter, 4_900)
    counter.register.void_line(line.id)
    counter.register.pay(euros("2.00"))

    another = pack(counter, 4_900)
    counter.register.void_line(another.id)

    assert voided(counter) == [(4_900, False), (4_900, False)]


def test_a_plug_pulled_between_consent_and_act_leaves_a_consent_nobody_can_use(
    counter: Counter,
) -> None:
    with_lines(counter)
    pack(counter, 2_001)
    asked = asked_by(counter.register.void_ticket)

    class PlugPulled(Exception):
        """What no program catches."""

    def pull() -> None:
        raise PlugPulled

    with pytest.raises(PlugPulled):
        counter.register.approve(asked, MARTA, pull)
    again = counter.restart()
    again.log_in()

    assert again.kinds().count("approval_given") == 1
    asked_by(again.register.void_ticket)
    again.close()


def test_a_shop_where_nobody_may_approve_says_so_by_an_empty_list(tmp_path: Path) -> None:
    shop = sample.snapshot()
    people = tuple(person for person in shop.people if person.role == "cashier")
    counter = with_lines(Counter.open(tmp_path, replace(shop, people=people)))
    pack(counter, 2_001)

    asked = asked_by(counter.register.void_ticket)

    assert counter.register.approvers(asked) == ()
    counter.close()


def test_what_the_journal_holds_of_an_approval_reads_back_as_it_was(counter: Counter) -> None:
    with_lines(counter)
    pack(counter, 2_001)
    asked = asked_by(counter.register.void_ticket)
    counter.register.approve(asked, MARTA, counter.register.void_ticket)

    told: list[Event] = [counter.journal.event_of(entry) for entry in counter.entries()][-2:]

    assert [type(event) for event in told] == [ApprovalGiven, TicketVoided]
