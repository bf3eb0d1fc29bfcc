"""What a hurried hand does at the window: wrong keys, empty lists, things that are not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from till.window_harness import Hands, window

from domain.catalog import Snapshot
from domain.events import TicketVoided
from domain.quantity import Quantity
from till_kivy import sample
from till_kivy.hardware.protocols import Devices
from till_kivy.hardware.simulated import SimulatedPrinter


def shop_of(*names: str) -> Snapshot:
    """The sample shop with only some of its products."""
    made = sample.snapshot()
    return replace(made, products=tuple(own for own in made.products if own.name in names))


def test_a_shop_without_products_can_still_be_worked_in(tmp_path: Path) -> None:
    with window(tmp_path, shop=shop_of()) as hands:
        hands.log_in()

        hands.wedge(sample.gtin(1))

        assert hands.sees("No product has the code")
        assert hands.till.view().items == 0


def test_paying_an_empty_ticket_stays_on_the_selling_page(selling: Hands) -> None:
    selling.press("f12")

    assert not selling.sees("To pay")
    assert selling.till.view().last_sale is None


def test_printing_again_when_nothing_is_unsure_does_nothing(selling: Hands) -> None:
    before = selling.till.journal.head

    selling.press("f7")

    assert selling.till.journal.head == before


def test_a_held_ticket_is_named_after_what_is_on_it(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))
    selling.wedge(sample.gtin(2))
    selling.wedge(sample.gtin(3))

    selling.press("f5")

    (held,) = selling.till.register.held()
    assert held.label == "Croissant and 2 more"
    assert held.items == 3


def test_letters_typed_for_a_pin_are_no_digits(hands: Hands) -> None:
    hands.tap("Anna Berger")

    hands.type("ab2c4d6e8f1g0")

    person = hands.till.view().person
    assert person is not None
    assert person.id == "anna"


def test_two_lines_voided_by_question_are_counted_in_it(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))
    selling.wedge(sample.gtin(2))

    selling.tap("Void ticket")

    assert selling.sees("all 2 lines")
    selling.tap("Void ticket")
    journal = selling.till.journal
    (voided,) = [journal.event_of(entry) for entry in journal.latest("ticket_voided", 5)]
    assert isinstance(voided, TicketVoided)
    assert (voided.lines, str(voided.total)) == (2, "5.60 EUR")


def test_a_receipt_can_be_printed_again_from_the_page_of_the_change(tmp_path: Path) -> None:
    printer = SimulatedPrinter()
    with window(tmp_path, Devices(printer=printer)) as hands:
        hands.log_in()
        hands.wedge(sample.gtin(1))
        hands.press("f12", "f1", "enter")
        assert hands.sees("Receipt C1-000001")

        hands.press("f7")

        assert hands.sees("Receipt C1-000001")
    papers = printer.papers()
    assert ["C O P Y" in paper for paper in papers] == [False, True]


def test_a_ticket_left_by_a_crash_is_on_the_screen_after_log_in(tmp_path: Path) -> None:
    with window(tmp_path) as hands:
        hands.log_in()
        hands.wedge(sample.gtin(2))
        hands.till.register.set_quantity(hands.till.register.basket.lines[0].id, Quantity.pieces(3))

    with window(tmp_path) as hands:
        hands.log_in()

        assert hands.sees("12.60")
        assert hands.till.view().items == 3
