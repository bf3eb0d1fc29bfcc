"""Devices and the window: scans drained, weights asked for, failed papers offered again."""

import time
from collections.abc import Callable
from pathlib import Path

from till.window_harness import Hands, window

from domain.events import JobState, ReceiptPrinted
from till_kivy import sample
from till_kivy.hardware.protocols import Devices
from till_kivy.hardware.simulated import SimulatedPrinter, SimulatedScale, SimulatedScanner

DEADLINE_S = 5.0


def wait_for(hands: Hands, condition: Callable[[], bool]) -> None:
    """Let the window go on until something has happened, or fail."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"nothing happened; in sight: {hands.texts()}"
        hands.app.desk.refresh()
        hands.app.settle()


def test_codes_of_a_real_scanner_are_sold_on_the_next_tick(tmp_path: Path) -> None:
    scanner = SimulatedScanner()
    with window(tmp_path, Devices(scanner=scanner)) as hands:
        hands.log_in()
        for number in (1, 2, 3):
            scanner.point_at(sample.gtin(number))

        hands.app.drain()

        assert [line.sku for line in hands.till.view().lines] == ["P001", "P002", "P003"]


def test_a_weighed_product_is_sold_as_the_scale_says(tmp_path: Path) -> None:
    with window(tmp_path, Devices(scale=SimulatedScale(734))) as hands:
        hands.log_in()
        hands.tap("Fruit & veg")

        hands.tap("Bananas")

        assert hands.sees("0.734 kg × 1.89/kg")


def test_a_weighed_product_without_a_scale_is_refused_in_plain_words(selling: Hands) -> None:
    selling.tap("Fruit & veg")

    selling.tap("Bananas")

    assert selling.sees("this till has no scale")
    assert selling.till.view().items == 0


def test_a_receipt_that_failed_is_offered_until_it_is_printed(tmp_path: Path) -> None:
    printer = SimulatedPrinter()
    printer.paper_out = True
    with window(tmp_path, Devices(printer=printer)) as hands:
        hands.log_in()
        hands.wedge(sample.gtin(1))
        hands.press("f12", "f1", "enter")
        wait_for(hands, lambda: hands.sees("was not printed"))
        hands.press("enter")
        assert hands.sees("Touch to print a copy")

        printer.paper_out = False
        hands.press("f7")
        wait_for(hands, lambda: not hands.sees("was not printed"))

        journal = hands.till.journal
        states = [journal.event_of(entry) for entry in journal.latest("receipt_printed", 1)]
        assert isinstance(states[0], ReceiptPrinted)
        assert states[0].state is JobState.PRINTED
