"""The moment of sale: on the disk first, then the drawer, then paper; change to the cent."""

from __future__ import annotations

import datetime as dt
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from counter import BREAD, CROISSANT, Counter, euros, with_lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.events import DrawerKicked
from domain.journal import Entry
from domain.money import CurrencyMismatch, Money, UnitPrice
from domain.sale import NotEnoughMoney, Sale, SaleDoesNotAddUp, check
from domain.tax import TaxRounding
from till_kivy import sample
from till_kivy.errors import JournalRefused
from till_kivy.selling import NotCash
from till_kivy.tickets import NothingOnTicket
from till_kivy.view import MessageKind, likely_cash


def test_the_customer_gets_change_to_the_cent(counter: Counter) -> None:
    with_lines(counter, CROISSANT, BREAD)

    sale = counter.register.pay(euros("10.00"))

    assert sale.change == euros("4.40")
    assert counter.message.text == "Change 4.40 EUR. Receipt C1-000001."
    last = counter.register.view().last_sale
    assert last is not None
    assert (last.total, last.given, last.change) == ("5.60", "10.00", "4.40")
    assert counter.display.lines == ("Total 5.60", "Change 4.40")


def test_the_sale_in_the_journal_is_the_one_the_cashier_saw(counter: Counter) -> None:
    with_lines(counter, CROISSANT, BREAD, CROISSANT)
    ticket = counter.register.basket

    sale = counter.register.pay(euros("7.00"))

    assert counter.events(Sale) == [sale]
    assert sale.id == ticket.id
    assert (sale.cashier_id, sale.store_id, sale.till_id) == ("anna", "corner", "corner-1")
    check(sale)


def test_the_sale_is_written_before_the_drawer_opens_and_before_paper(counter: Counter) -> None:
    with_lines(counter, CROISSANT)

    counter.register.pay(euros("1.40"))
    counter.register.stop()

    told = counter.kinds()[2:]
    assert told == ["sale", "drawer_kicked", "receipt_printed", "receipt_printed"]
    assert counter.drawer.opened == 1


def test_receipt_numbers_have_no_gap(counter: Counter) -> None:
    counter.log_in()
    numbers = []

    for short in (False, True, False):
        counter.register.scan(CROISSANT)
        if short:
            with pytest.raises(NotEnoughMoney):
                counter.register.pay(euros("1.00"))
        numbers.append(counter.register.pay(euros("2.00")).receipt_number)

    assert numbers == ["C1-000001", "C1-000002", "C1-000003"]


def test_too_little_money_changes_nothing(counter: Counter) -> None:
    with_lines(counter, BREAD)
    before, entries = counter.register.basket, counter.entries()

    with pytest.raises(NotEnoughMoney, match=r"0\.20 EUR is still to be paid"):
        counter.register.pay(euros("4.00"))

    assert (counter.register.basket, counter.entries()) == (before, entries)
    assert counter.drawer.opened == 0


@pytest.mark.parametrize("cash", [Money(90_000_001_234_567, "EUR"), Money(-100, "EUR")])
def test_what_nobody_hands_over_is_no_cash(counter: Counter, cash: Money) -> None:
    with_lines(counter, CROISSANT)

    with pytest.raises((NotCash, NotEnoughMoney)):
        counter.register.pay(cash)

    assert counter.register.view().items == 1


def test_foreign_money_is_not_taken(counter: Counter) -> None:
    with_lines(counter, CROISSANT)

    with pytest.raises(CurrencyMismatch):
        counter.register.pay(Money(500, "USD"))

    assert not counter.events(Sale)


def test_an_empty_ticket_is_not_sold(counter: Counter) -> None:
    counter.log_in()

    with pytest.raises(NothingOnTicket, match="nothing to pay"):
        counter.register.pay(euros("5.00"))

    assert counter.drawer.opened == 0


def test_after_a_sale_the_ticket_is_empty_and_a_restart_does_not_bring_it_back(
    counter: Counter,
) -> None:
    with_lines(counter, CROISSANT)
    counter.register.pay(euros("1.40"))

    after = counter.restart()

    assert not after.register.basket
    assert len(after.events(Sale)) == 1
    after.close()


def test_another_systems_number_stays_with_the_sale(counter: Counter) -> None:
    with_lines(counter, CROISSANT)

    sale = counter.register.pay(euros("1.40"), reference="536365")

    assert sale.reference == "536365"


def test_the_business_date_is_the_shops_own(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    counter.clock.set(dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC))

    sale = counter.register.pay(euros("1.40"))

    assert sale.business_date == dt.date(2027, 1, 1)
    assert sale.sold_at == dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)


def test_cash_is_rounded_to_the_smallest_coin_and_the_sale_says_so(tmp_path: Path) -> None:
    shop = sample.snapshot()
    swiss = replace(shop, store=replace(shop.store, cash_step_minor=5))
    counter = Counter.open(tmp_path, swiss)
    with_lines(counter, sample.weight_label(10001, 777))

    sale = counter.register.pay(euros("1.45"))

    assert (sale.total, sale.rounding, sale.change) == (euros("1.45"), Money(-2, "EUR"), euros("0"))
    check(sale)
    counter.close()


def test_a_ticket_that_costs_nothing_is_paid_with_nothing(tmp_path: Path) -> None:
    shop = sample.snapshot()
    gift = replace(shop.products[0], price=UnitPrice(0, "EUR"))
    counter = Counter.open(tmp_path, replace(shop, products=(gift,)))
    with_lines(counter, CROISSANT)

    sale = counter.register.pay(euros("0.00"))

    assert (sale.total, sale.tenders) == (euros("0.00"), ())
    check(sale)
    counter.close()


@contextmanager
def full_disk(counter: Counter) -> Iterator[None]:
    """Let no file grow beyond where the journal's already is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_refuses_the_sale_before_any_money_moves(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    before = counter.register.basket

    with full_disk(counter), pytest.raises(JournalRefused, match="do not take the money"):
        counter.register.pay(euros("2.00"))

    assert counter.register.basket == before
    assert counter.drawer.opened == 0
    assert counter.register.pay(euros("2.00")).receipt_number == "C1-000001"


@pytest.mark.parametrize("fault", ["unplugged", "jammed"])
def test_a_drawer_that_stays_shut_is_written_down_and_the_sale_stands(
    counter: Counter, fault: str
) -> None:
    with_lines(counter, CROISSANT)
    setattr(counter.drawer, fault, True)

    sale = counter.register.pay(euros("2.00"))

    (kick,) = counter.events(DrawerKicked)
    assert (kick.sale_id, kick.opened) == (sale.id, False)
    assert counter.message.kind is MessageKind.WARNING
    assert counter.message.text.startswith("Change 0.60 EUR.")
    assert counter.message.text.endswith(kick.problem)


def test_without_devices_a_sale_is_a_sale(counter: Counter) -> None:
    counter.put_up(None)
    with_lines(counter, CROISSANT)

    sale = counter.register.pay(euros("1.40"))

    assert counter.events(Sale) == [sale]
    assert counter.register.view().papers == ()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(grams=st.lists(st.integers(1, 99_999), min_size=1, max_size=8), extra=st.integers(0, 5_000))
def test_any_mix_of_weights_adds_up(counter: Counter, grams: list[int], extra: int) -> None:
    if counter.register.view().person is None:
        counter.log_in()
    for weight in grams:
        counter.register.scan(sample.weight_label(10001, weight))
    due = counter.register.view().quick_cash[0]

    sale = counter.register.pay(due + Money(extra, "EUR"))

    check(sale)
    assert sale.change == Money(extra, "EUR")


def test_likely_cash_is_the_exact_amount_and_the_next_notes() -> None:
    due = euros("22.56")

    offered = likely_cash(due)

    assert offered == (due, euros("25"), euros("30"), euros("50"))
    assert likely_cash(Money(730, "JPY"))[:2] == (Money(730, "JPY"), Money(1_000, "JPY"))
    assert likely_cash(euros("20.00")) == (
        euros("20.00"),
        euros("50.00"),
        euros("100.00"),
        euros("200.00"),
    )
    assert likely_cash(euros("0")) == (euros("0"),)


def test_a_twenty_is_offered_for_what_costs_less_than_ten() -> None:
    due = euros("8.52")

    offered = likely_cash(due)

    assert offered == (due, euros("10"), euros("20"), euros("50"))


def test_what_the_office_would_refuse_is_not_sold_and_uses_no_number(counter: Counter) -> None:
    with_lines(counter, CROISSANT)

    with pytest.raises(SaleDoesNotAddUp, match="201 characters, more than 200"):
        counter.register.pay(euros("2.00"), reference="7" * 201)

    assert counter.events(Sale) == []
    assert counter.register.basket.lines
    assert counter.register.pay(euros("2.00")).receipt_number == "C1-000001"


def test_a_till_cut_off_right_after_a_sale_tells_the_next_cashier(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_lines(counter, CROISSANT)
    append_sale = counter.journal.append_sale

    def and_no_further(series: str, build: Callable[[str], Sale]) -> Entry:
        append_sale(series, build)
        raise KeyboardInterrupt

    monkeypatch.setattr(counter.journal, "append_sale", and_no_further)
    with pytest.raises(KeyboardInterrupt):
        counter.register.pay(euros("1.40"))

    again = counter.restart().log_in()

    number = again.journal.sale_of(again.journal.latest("sale", 1)[0]).receipt_number
    assert again.message.kind is MessageKind.WARNING
    assert number in again.message.text
    assert "do not ring it up again" in again.message.text
    assert [paper.number for paper in again.register.view().papers] == [number]
    assert not again.register.view().lines
    again.close()


def test_a_till_that_finished_its_sale_says_good_day(counter: Counter) -> None:
    with_lines(counter, CROISSANT).register.pay(euros("1.40"))

    again = counter.restart().log_in()

    assert again.message.text.startswith("Good day")
    assert again.register.view().papers == ()
    again.close()


def test_a_ticket_is_paid_by_the_rounding_that_a_new_catalogue_brings(counter: Counter) -> None:
    with_lines(counter, CROISSANT, BREAD, BREAD)
    before = sample.snapshot()
    turned = {TaxRounding.LINE: TaxRounding.RECEIPT, TaxRounding.RECEIPT: TaxRounding.LINE}
    store = replace(before.store, tax_rounding=turned[before.store.tax_rounding])
    counter.catalog.replace(replace(before, version=before.version + 1, store=store))

    sale = counter.register.pay(euros("20.00"))

    assert sale.tax_rounding is store.tax_rounding
    check(sale)
