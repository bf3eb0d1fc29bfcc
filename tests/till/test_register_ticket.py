"""What a cashier does before anybody pays: scan, search, weigh, change, void, hold, recall."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import new_id
from counter import BLOCKED, BREAD, CROISSANT, Action, Counter, with_lines

from domain.barcode import BadCode
from domain.basket import BasketLine, LineRefused, NoSuchLine, PriceSource
from domain.catalog import BlockedProduct, UnknownCode
from domain.errors import DomainError
from domain.events import LineVoided, TicketHeld, TicketRecalled, TicketVoided
from domain.money import Money
from domain.quantity import Quantity
from till_kivy import sample
from till_kivy.hardware.protocols import Cue, ScaleRefused
from till_kivy.people import NotLoggedIn, StillOpen
from till_kivy.tickets import NoSuchTicket, NothingOnTicket, TicketOpen
from till_kivy.view import MessageKind

NOBODY = "5901234123457"
CHEESE = 20001  # 24.90 per kg, sold by price label
BANANAS = 10001  # 1.89 per kg, sold by weight label or from the scale


def only_line(counter: Counter) -> BasketLine:
    (line,) = counter.register.basket.lines
    return line


def test_a_scan_puts_the_product_on_the_ticket_and_sounds_good(counter: Counter) -> None:
    counter.log_in()

    line = counter.register.scan(CROISSANT)

    assert (line.name, str(line.quantity)) == ("Croissant", "1")
    assert counter.register.view().total == "1.40"
    assert list(counter.sound.played) == [Cue.GOOD]


def test_the_same_product_twice_is_one_line_of_two(counter: Counter) -> None:
    with_lines(counter, CROISSANT, BREAD, CROISSANT)

    quantities = [str(line.quantity) for line in counter.register.basket.lines]

    assert quantities == ["2", "1"]


def test_the_customer_sees_the_line_and_the_total(counter: Counter) -> None:
    with_lines(counter, BREAD, BREAD)

    shown = counter.display.lines

    assert shown == ("Farmhouse bread 1 kg", "Total 8.40")


def test_a_dead_customer_display_stops_nobody(counter: Counter) -> None:
    counter.log_in()
    counter.display.unplugged = True

    counter.register.scan(CROISSANT)

    assert counter.message.kind is MessageKind.WARNING
    assert "Croissant" in counter.message.text
    assert counter.register.view().items == 1


@pytest.mark.parametrize(
    ("code", "error", "cue"),
    [
        ("590123412345", BadCode, Cue.BAD_CODE),
        ("5901234123456", BadCode, Cue.BAD_CODE),
        ("hello", BadCode, Cue.BAD_CODE),
        ("", BadCode, Cue.BAD_CODE),
        ("]C1", BadCode, Cue.BAD_CODE),
        (NOBODY, UnknownCode, Cue.UNKNOWN),
        (BLOCKED, BlockedProduct, Cue.BLOCKED),
    ],
)
def test_a_code_that_sells_nothing_is_seen_and_heard_and_leaves_the_ticket(
    counter: Counter, code: str, error: type[DomainError], cue: Cue
) -> None:
    with_lines(counter, CROISSANT)
    before = counter.register.basket

    with pytest.raises(error) as raised:
        counter.register.scan(code)

    assert counter.register.basket == before
    assert counter.message.text == str(raised.value)
    assert (counter.message.kind, counter.sound.played[-1]) == (MessageKind.ERROR, cue)


def test_the_next_good_scan_takes_the_error_off_the_screen(counter: Counter) -> None:
    counter.log_in()
    with pytest.raises(UnknownCode):
        counter.register.scan(NOBODY)

    counter.register.scan(CROISSANT)

    assert counter.message.kind is MessageKind.GOOD


@pytest.mark.parametrize(
    "action",
    [
        lambda register: register.scan(CROISSANT),
        lambda register: register.void_ticket(),
        lambda register: register.hold("red coat"),
        lambda register: register.pay(Money(500, "EUR")),
        lambda register: register.add(register.search("Croissant")[0]),
    ],
    ids=["scan", "void", "hold", "pay", "add"],
)
def test_nothing_works_while_nobody_is_logged_in(counter: Counter, action: Action) -> None:
    entries = counter.entries()

    with pytest.raises(NotLoggedIn, match="Log in first"):
        action(counter.register)

    assert counter.entries() == entries


def test_a_price_label_is_sold_at_its_price_and_the_weight_follows_from_it(
    counter: Counter,
) -> None:
    counter.log_in()

    counter.register.scan(sample.price_label(CHEESE, 498))

    line = only_line(counter)
    assert line.embedded_total == Money(498, "EUR")
    assert line.quantity == Quantity.grams(200)
    assert line.price_source is PriceSource.EMBEDDED
    assert counter.register.view().total == "4.98"


def test_two_price_labels_of_one_product_stay_two_packs(counter: Counter) -> None:
    label = sample.price_label(CHEESE, 498)

    with_lines(counter, label, label)

    assert len(counter.register.basket.lines) == 2
    assert counter.register.view().total == "9.96"


def test_the_quantity_of_a_price_label_cannot_be_changed(counter: Counter) -> None:
    with_lines(counter, sample.price_label(CHEESE, 498))

    with pytest.raises(LineRefused, match="scan each pack"):
        counter.register.set_quantity(only_line(counter).id, Quantity.grams(400))

    assert counter.register.view().lines[0].fixed


def test_a_weight_label_is_sold_at_the_price_of_today(counter: Counter) -> None:
    counter.log_in()

    counter.register.scan(sample.weight_label(BANANAS, 1_250))

    assert only_line(counter).quantity == Quantity.grams(1_250)
    assert counter.register.view().total == "2.36"


def test_a_label_without_weight_asks_the_scale(counter: Counter) -> None:
    counter.log_in()
    counter.scale.grams = 730

    counter.register.scan(sample.weight_label(BANANAS, 0))

    assert only_line(counter).quantity == Quantity.grams(730)


@pytest.mark.parametrize(
    ("fault", "value", "words"),
    [
        ("unplugged", True, "does not answer"),
        ("moving", True, "not stable"),
        ("grams", 0, "empty"),
        ("grams", -20, "below zero"),
    ],
)
def test_loose_goods_are_not_sold_by_a_weight_nobody_can_trust(
    counter: Counter, fault: str, value: int, words: str
) -> None:
    counter.log_in()
    counter.scale.grams = 500
    setattr(counter.scale, fault, value)

    with pytest.raises(ScaleRefused, match=words):
        counter.register.add(counter.catalog.search("Bananas")[0])

    assert not counter.register.basket


def test_a_batch_and_a_serial_number_stay_with_the_line(counter: Counter) -> None:
    counter.log_in()

    counter.register.scan(f"]C101{CROISSANT.zfill(14)}10LOT7\x1d21S99")

    assert (only_line(counter).batch, only_line(counter).serial) == ("LOT7", "S99")


def test_a_product_found_by_name_is_sold_by_the_piece(counter: Counter) -> None:
    counter.log_in()
    (bread,) = counter.register.search("farm bre")

    counter.register.add(bread)
    counter.register.add(bread, Quantity.pieces(2))

    assert str(only_line(counter).quantity) == "3"


def test_a_blocked_product_found_by_name_is_not_sold_either(counter: Counter) -> None:
    counter.log_in()
    (recalled,) = counter.register.search("recalled")

    with pytest.raises(BlockedProduct):
        counter.register.add(recalled)

    assert counter.sound.played[-1] is Cue.BLOCKED


def test_a_line_made_elsewhere_is_sold_as_it_is(counter: Counter) -> None:
    with_lines(counter, BREAD)
    line = only_line(counter)
    counter.register.void_ticket()

    counter.register.add_line(line)

    assert only_line(counter) == line


def test_many_lines_go_onto_the_ticket_together_or_not_at_all(counter: Counter) -> None:
    with_lines(counter, BREAD, CROISSANT)
    lines = counter.register.basket.lines
    counter.register.void_ticket()
    bad = replace(lines[0], id=new_id(), sku="FREE", quantity=Quantity.pieces(0))

    with pytest.raises(LineRefused):
        counter.register.add_lines([*lines, bad])
    assert not counter.register.basket
    counter.register.add_lines(iter(lines))

    assert counter.register.basket.lines == lines
    assert counter.journal.draft() == counter.register.basket


def test_the_quantity_of_a_line_can_be_changed(counter: Counter) -> None:
    with_lines(counter, CROISSANT)

    counter.register.set_quantity(only_line(counter).id, Quantity.pieces(12))

    assert counter.register.view().total == "16.80"


@pytest.mark.parametrize("pieces", [0, -1, 1_000_000])
def test_a_senseless_quantity_is_refused(counter: Counter, pieces: int) -> None:
    with_lines(counter, CROISSANT)
    line = only_line(counter)

    with pytest.raises(LineRefused):
        counter.register.set_quantity(line.id, Quantity.pieces(pieces))

    assert only_line(counter) == line


def test_a_voided_line_is_written_down_with_who_took_it_off(counter: Counter) -> None:
    with_lines(counter, CROISSANT, BREAD)
    bread = counter.register.basket.lines[1]

    counter.register.void_line(bread.id)

    (voided,) = counter.events(LineVoided)
    assert (voided.line_id, voided.sku, voided.person_id) == (bread.id, bread.sku, "anna")
    assert counter.register.view().total == "1.40"
    with pytest.raises(NoSuchLine):
        counter.register.void_line(bread.id)


def test_a_voided_ticket_is_written_down_with_what_it_came_to(counter: Counter) -> None:
    with_lines(counter, CROISSANT, BREAD)

    counter.register.void_ticket()

    (voided,) = counter.events(TicketVoided)
    assert (voided.lines, voided.total) == (2, Money(560, "EUR"))
    assert not counter.register.basket


def test_an_empty_ticket_cannot_be_voided_or_held(counter: Counter) -> None:
    counter.log_in()

    for action in (counter.register.void_ticket, lambda: counter.register.hold("nobody")):
        with pytest.raises(NothingOnTicket, match="the ticket is empty"):
            action()

    assert not counter.events(TicketVoided)


def test_a_held_ticket_comes_back_as_it_was(counter: Counter) -> None:
    with_lines(counter, CROISSANT, BREAD)
    before = counter.register.basket
    counter.register.hold("red coat")
    (held,) = counter.register.held()

    counter.register.recall(held.basket_id)

    assert (held.label, held.items, held.total) == ("red coat", 2, "5.60")
    assert counter.register.basket == before
    assert counter.register.view().held == 0
    assert len(counter.events(TicketHeld)) == len(counter.events(TicketRecalled)) == 1


def test_a_ticket_is_not_recalled_over_an_open_one(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    counter.register.hold("red coat")
    counter.register.scan(BREAD)
    (held,) = counter.register.held()

    with pytest.raises(TicketOpen):
        counter.register.recall(held.basket_id)

    assert only_line(counter).name == "Farmhouse bread 1 kg"
    assert counter.register.view().held == 1


def test_a_ticket_is_recalled_once(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    counter.register.hold("red coat")
    (held,) = counter.register.held()
    counter.register.recall(held.basket_id)
    counter.register.void_ticket()

    with pytest.raises(NoSuchTicket):
        counter.register.recall(held.basket_id)

    assert not counter.register.basket


def test_the_open_ticket_and_the_held_ones_survive_a_restart(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    counter.register.hold("red coat")
    counter.register.scan(BREAD)
    before = counter.register.basket

    after = counter.restart()

    assert after.register.basket == before
    assert after.register.view().held == 1
    assert after.register.view().person is None
    after.close()


def test_nobody_leaves_an_open_ticket_behind(counter: Counter) -> None:
    with_lines(counter, CROISSANT)

    with pytest.raises(StillOpen, match="hold or void"):
        counter.register.log_out()

    counter.register.void_ticket()
    counter.register.log_out()
    assert counter.register.view().person is None


def test_a_scan_announces_the_line_that_grew_and_not_the_newest_of_its_product(
    counter: Counter,
) -> None:
    with_lines(counter, CROISSANT, f"01{CROISSANT.zfill(14)}10LOT7")

    line = counter.register.scan(CROISSANT)

    assert (line.batch, str(line.quantity)) == ("", "2")
    assert line is counter.register.basket.lines[0]
    assert counter.message.text == "Croissant: 2"


def test_held_tickets_stand_in_the_order_they_were_held_whatever_the_clock_says(
    counter: Counter,
) -> None:
    with_lines(counter, CROISSANT)
    counter.register.hold("first")
    counter.clock.advance(-3600)
    counter.register.scan(BREAD)
    counter.register.hold("second")

    assert [held.label for held in counter.register.held()] == ["first", "second"]
