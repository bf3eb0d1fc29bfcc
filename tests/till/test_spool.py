"""Paper after the sale: in order, off the cashier's thread, and never a guess about its fate."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from counter import BREAD, CROISSANT, Counter, euros
from waiting import until

from domain.events import JobState, ReceiptPrinted
from domain.sale import Sale
from till_kivy.after_sale import NoSuchSale
from till_kivy.hardware.protocols import PrinterFailed
from till_kivy.spool import MOST_JOBS

NOBODYS = UUID(int=7)


def sell(counter: Counter, code: str = CROISSANT) -> Sale:
    counter.register.scan(code)
    return counter.register.pay(euros("10.00"))


def states(counter: Counter, sale: Sale) -> list[JobState]:
    return [said.state for said in counter.events(ReceiptPrinted) if said.sale_id == sale.id]


def settled(counter: Counter, sale: Sale) -> bool:
    return states(counter, sale)[-1] is not JobState.QUEUED


class SlowPrinter:
    """A printer that prints nothing until it is let go."""

    columns = 48

    def __init__(self) -> None:
        self.may_print = threading.Event()
        self.jobs: list[bytes] = []

    def print(self, document: bytes) -> None:
        assert self.may_print.wait(20), "nobody let the printer go"
        self.jobs.append(document)


class BrokenDriver:
    """A printer whose driver has a mistake in it."""

    columns = 48

    def print(self, document: bytes) -> None:
        raise ZeroDivisionError


def test_receipts_come_out_in_the_order_of_the_sales(counter: Counter) -> None:
    counter.log_in()

    sales = [sell(counter) for _ in range(5)]
    counter.register.stop()

    numbers = [sale.receipt_number for sale in sales]
    assert [n for paper in counter.printer.papers() for n in numbers if n in paper] == numbers
    assert states(counter, sales[-1]) == [JobState.QUEUED, JobState.PRINTED]


def test_the_cashier_does_not_wait_for_a_slow_printer(counter: Counter) -> None:
    printer = SlowPrinter()
    counter.put_up(printer)
    counter.log_in()

    sales = [sell(counter), sell(counter)]

    assert [states(counter, sale) for sale in sales] == [[JobState.QUEUED]] * 2
    printer.may_print.set()
    until(lambda: all(settled(counter, sale) for sale in sales))
    assert len(printer.jobs) == 2


def test_a_queue_that_is_full_says_so_and_sells_on(counter: Counter) -> None:
    printer = SlowPrinter()
    counter.put_up(printer)
    counter.log_in()

    sales = [sell(counter) for _ in range(MOST_JOBS + 2)]

    assert states(counter, sales[-1]) == [JobState.QUEUED, JobState.FAILED]
    (*_, paper) = counter.register.view().papers
    assert paper.number == sales[-1].receipt_number
    assert "look at the printer" in paper.text
    printer.may_print.set()
    until(lambda: settled(counter, sales[MOST_JOBS - 1]))


@pytest.mark.parametrize(
    ("fault", "state", "words"),
    [
        ("unplugged", JobState.FAILED, "was not printed"),
        ("paper_out", JobState.FAILED, "was not printed"),
        ("stalled", JobState.UNKNOWN, "may not have been printed"),
    ],
)
def test_a_receipt_that_did_not_come_out_is_offered_again_and_the_sale_stands(
    counter: Counter, fault: str, state: JobState, words: str
) -> None:
    counter.log_in()
    setattr(counter.printer, fault, True)

    sale = sell(counter, BREAD)
    until(lambda: settled(counter, sale))

    (paper,) = counter.register.view().papers
    assert states(counter, sale) == [JobState.QUEUED, state]
    assert (paper.sale_id, paper.number) == (sale.id, sale.receipt_number)
    assert words in paper.text
    assert counter.events(Sale) == [sale]


def test_a_receipt_printed_again_is_marked_as_a_copy_and_off_the_list(counter: Counter) -> None:
    counter.log_in()
    counter.printer.paper_out = True
    sale = sell(counter)
    until(lambda: settled(counter, sale))
    counter.printer.paper_out = False

    counter.register.print_again(sale.id)
    until(counter.printer.papers)

    (paper,) = counter.printer.papers()
    assert paper.split()[:4] == ["C", "O", "P", "Y"]
    assert sale.receipt_number in paper
    until(lambda: not counter.register.view().papers)
    assert counter.events(Sale) == [sale]


def test_a_sale_of_another_till_cannot_be_printed_here(counter: Counter) -> None:
    counter.log_in()

    with pytest.raises(NoSuchSale, match="has no sale"):
        counter.register.print_again(NOBODYS)

    assert counter.printer.papers() == []


def test_a_till_without_printer_says_that_it_has_none(counter: Counter) -> None:
    counter.put_up(None)
    counter.log_in()
    sale = sell(counter)

    with pytest.raises(PrinterFailed, match="no printer"):
        counter.register.print_again(sale.id)

    assert states(counter, sale) == []


def test_what_was_queued_when_the_till_stopped_is_unknown_and_not_printed_by_itself(
    counter: Counter,
) -> None:
    sale = with_unreported_receipt(counter)

    after = counter.restart()

    assert states(after, sale) == [JobState.QUEUED, JobState.UNKNOWN]
    (paper,) = after.register.view().papers
    assert paper.number == sale.receipt_number
    assert "may not have been printed" in paper.text
    assert after.printer.papers() == []
    after.close()


def test_a_second_restart_still_offers_it_and_writes_nothing_more(counter: Counter) -> None:
    sale = with_unreported_receipt(counter)
    once = counter.restart()

    twice = once.restart()

    assert states(twice, sale) == [JobState.QUEUED, JobState.UNKNOWN]
    assert len(twice.register.view().papers) == 1
    twice.close()


def with_unreported_receipt(counter: Counter) -> Sale:
    """Leave the journal as a till does that loses power while it prints."""
    counter.put_up(None)
    counter.log_in()
    sale = sell(counter)
    counter.journal.append(ReceiptPrinted(sale.id, JobState.QUEUED))
    return sale


def test_a_mistake_in_a_driver_stops_neither_the_spool_nor_the_sale(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.put_up(BrokenDriver())
    counter.log_in()

    sale = sell(counter)
    until(lambda: settled(counter, sale))

    assert states(counter, sale) == [JobState.QUEUED, JobState.UNKNOWN]
    until(lambda: "ZeroDivisionError" in caplog.text)
