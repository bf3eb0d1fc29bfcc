"""What goes wrong after the sale is safe, or before it begins: told once, and nothing is lost."""

from __future__ import annotations

import resource
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from builders import new_id
from counter import BREAD, CROISSANT, Counter, euros, with_lines
from hypothesis import given
from hypothesis import strategies as st
from strategies import CURRENCIES
from waiting import until

from domain.basket import LineRefused, NoSuchLine
from domain.events import DrawerKicked, JobState, LoggedIn, ReceiptPrinted, TicketHeld
from domain.money import CurrencyMismatch, Money, UnitPrice, exponent
from domain.quantity import NotAQuantity, Quantity, Unit
from till_kivy import sample
from till_kivy.hardware.protocols import Cue
from till_kivy.journal import Journal
from till_kivy.selling import LARGEST_CASH_MINOR, NotCash
from till_kivy.view import MessageKind, likely_cash


class DiskThatFills:
    """A printer, and while it prints the journal takes nothing any more."""

    columns = 48

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.printed = threading.Event()

    def print(self, document: bytes) -> None:
        self.journal.close()
        self.printed.set()


class DrawerOnAFullDisk:
    """A drawer that opens while the disk has no room left."""

    def kick(self) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))


def again(counter: Counter) -> Counter:
    """Come up again where the disk has room."""
    counter.register.stop()
    counter.catalog.close()
    return Counter.open(counter.folder)


def test_a_receipt_whose_fate_finds_no_room_is_unknown_after_the_next_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    counter = Counter.open(tmp_path)
    printer = DiskThatFills(counter.journal)
    counter.put_up(printer)
    with_lines(counter, CROISSANT)

    sale = counter.register.pay(euros("2.00"))
    until(printer.printed.is_set)
    later = again(counter)

    assert "did not take the fate of receipt" in caplog.text
    assert [(r.sale_id, r.state) for r in later.events(ReceiptPrinted)] == [
        (sale.id, JobState.QUEUED),
        (sale.id, JobState.UNKNOWN),
    ]
    (paper,) = later.register.view().papers
    assert paper.text.startswith("Receipt C1-000001 may not have been printed.")
    later.close()


def test_a_drawer_whose_opening_finds_no_room_is_told_and_the_sale_stands(tmp_path: Path) -> None:
    counter = Counter.open(tmp_path)
    counter.drawer = DrawerOnAFullDisk()  # type: ignore[assignment]  # a drawer too
    counter.put_up(None)
    with_lines(counter, BREAD)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    try:
        sale = counter.register.pay(euros("5.00"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert counter.message.kind is MessageKind.WARNING
    assert counter.message.text.startswith("Change 0.80 EUR.")
    assert "disk did not take this" in counter.message.text
    assert counter.events(DrawerKicked) == []
    assert counter.journal.entry_of_sale(sale.id) is not None
    counter.close()


def test_a_price_label_of_goods_without_a_price_is_weighed_and_not_divided(tmp_path: Path) -> None:
    shop = sample.snapshot()
    free = tuple(
        replace(own, price=UnitPrice(0, "EUR")) if own.sku == "W20001" else own
        for own in shop.products
    )
    counter = Counter.open(tmp_path, replace(shop, products=free)).log_in()

    with pytest.raises(LineRefused, match="has no price per kg, so its label cannot be read"):
        counter.register.scan(sample.price_label(20001, 450))

    assert not counter.register.basket
    assert counter.message.cue is Cue.REFUSED
    counter.close()


def test_a_label_of_less_than_half_a_gram_sells_nothing(counter: Counter) -> None:
    counter.log_in()

    with pytest.raises(LineRefused, match="must be above 0"):
        counter.register.scan(sample.price_label(20004, 1))

    assert not counter.register.basket
    assert counter.journal.draft() is None


def test_the_most_cash_there_is_can_be_taken_and_a_cent_more_cannot(counter: Counter) -> None:
    with_lines(counter, CROISSANT)

    with pytest.raises(NotCash, match="Type the amount the customer gave"):
        counter.register.pay(Money(LARGEST_CASH_MINOR + 1, "EUR"))

    sale = counter.register.pay(Money(LARGEST_CASH_MINOR, "EUR"))
    assert sale.change == Money(LARGEST_CASH_MINOR - 140, "EUR")
    assert sale.receipt_number == "C1-000001"


def test_a_ticket_can_be_paid_where_money_is_worth_little(tmp_path: Path) -> None:
    shop = sample.snapshot()
    dear = UnitPrice(15_000_000 * 10**6, "IDR")
    shop = replace(
        shop,
        store=replace(shop.store, currency="IDR", cash_step_minor=1),
        products=tuple(replace(product, price=dear) for product in shop.products),
    )
    counter = with_lines(Counter.open(tmp_path / "weak", shop), CROISSANT)

    with pytest.raises(NotCash):
        counter.register.pay(Money(int(CROISSANT), "IDR"))
    sale = counter.register.pay(Money(2_000_000_000, "IDR"))

    assert str(sale.change) == "5000000.00 IDR"
    counter.close()


def test_foreign_cash_uses_no_receipt_number(counter: Counter) -> None:
    with_lines(counter, CROISSANT)

    with pytest.raises(CurrencyMismatch):
        counter.register.pay(Money(500, "USD"))

    assert counter.register.pay(euros("2.00")).receipt_number == "C1-000001"
    assert len(counter.journal.tally()) == 1


@pytest.mark.parametrize("grams", [-1, -2_000])
def test_a_negative_weight_typed_in_leaves_the_line_as_it_was(counter: Counter, grams: int) -> None:
    with_lines(counter, sample.weight_label(10001, 500))
    (line,) = counter.register.basket.lines

    with pytest.raises(LineRefused):
        counter.register.set_quantity(line.id, Quantity.grams(grams))

    assert counter.register.basket.lines == (line,)


def test_half_a_piece_is_refused_before_it_reaches_the_ticket(counter: Counter) -> None:
    with_lines(counter, CROISSANT)

    with pytest.raises(NotAQuantity):
        counter.register.set_quantity(
            counter.register.basket.lines[0].id, Quantity.parse("0.5", Unit.PIECE)
        )

    assert counter.register.view().items == 1


def test_a_ticket_begun_by_one_person_is_sold_by_the_one_who_takes_over(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    counter.log_in("deniz")

    sale = counter.register.pay(euros("1.40"))

    assert sale.cashier_id == "deniz"
    assert [event.person_id for event in counter.events(LoggedIn)] == ["anna", "deniz"]


def test_a_price_that_changes_does_not_touch_what_is_on_the_ticket(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    shop = sample.snapshot(version=2)
    dearer = tuple(replace(own, price=UnitPrice.parse("9.00", "EUR")) for own in shop.products)
    counter.catalog.replace(replace(shop, products=dearer))

    counter.register.scan(CROISSANT)

    prices = [line.total for line in counter.register.view().lines]
    assert prices == ["1.40", "9.00"]
    sale = counter.register.pay(euros("10.40"))
    assert sale.catalog_version == 2


def test_a_product_that_is_gone_can_still_be_paid_and_recalled(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    counter.register.hold("later")
    counter.catalog.replace(replace(sample.snapshot(version=2), products=()))

    (held,) = counter.register.held()
    counter.register.recall(held.basket_id)

    assert counter.register.pay(euros("1.40")).lines[0].name == "Croissant"


def test_two_tickets_of_the_same_label_are_told_apart(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    counter.register.hold("red coat")
    counter.clock.advance(1)
    counter.register.scan(BREAD)
    counter.register.hold("red coat")

    first, second = counter.register.held()

    assert (first.total, second.total) == ("1.40", "4.20")
    counter.register.recall(second.basket_id)
    assert counter.register.view().total == "4.20"
    assert len(counter.events(TicketHeld)) == 2


def test_a_line_of_another_ticket_cannot_be_voided_here(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    line = counter.register.basket.lines[0]
    counter.register.hold("red coat")
    counter.register.scan(BREAD)
    before = counter.kinds()

    for refused in (line.id, new_id()):
        with pytest.raises(NoSuchLine, match="is not on this ticket"):
            counter.register.void_line(refused)

    assert counter.kinds() == before


@given(st.integers(1, 10**8), st.sampled_from(CURRENCIES))
def test_likely_cash_begins_with_the_exact_amount_and_always_covers_it(
    minor: int, currency: str
) -> None:
    due = Money(minor, currency)

    offered = likely_cash(due)

    assert offered[0] == due
    assert list(offered) == sorted(set(offered))
    assert len(offered) <= 4
    whole = 10 ** exponent(currency) if exponent(currency) else 100
    assert all(amount.minor % (5 * whole) == 0 for amount in offered[1:])
