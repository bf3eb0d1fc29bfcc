"""What no book could hold is told before it reaches one; what fits exactly is still a sale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from builders import AT, basket, line, new_id, product, sale
from hypothesis import given
from hypothesis import strategies as st
from selling import sold
from strategies import CURRENCIES, quantities

from domain.basket import MOST_LINES, MOST_THOUSANDTHS, LineRefused
from domain.canonical import content_hash
from domain.cash import Counted
from domain.ledger import Outcome, Posted
from domain.money import CurrencyMismatch, Money, NotMoney, UnitPrice, parse_decimal
from domain.quantity import NotAQuantity, Quantity, Unit
from domain.sale import (
    LARGEST_MICROS,
    LARGEST_MINOR,
    LONGEST_NAME,
    Sale,
    SaleConflict,
    SaleDoesNotAddUp,
    SaleLine,
    check,
)

LONG = "x" * LONGEST_NAME
amounts = st.builds(Money, st.integers(-(10**6), 10**6), st.just("EUR"))
HeadingChange = Callable[[Sale, str], Sale]
LineChange = Callable[[SaleLine, str], SaleLine]

ON_THE_SALE: dict[str, HeadingChange] = {
    "store": lambda of, text: replace(of, store_id=text),
    "till": lambda of, text: replace(of, till_id=text),
    "cashier": lambda of, text: replace(of, cashier_id=text),
    "receipt number": lambda of, text: replace(of, receipt_number=text),
    "reference": lambda of, text: replace(of, reference=text),
}
ON_A_LINE: dict[str, LineChange] = {
    "sku": lambda own, text: replace(own, sku=text),
    "gtin": lambda own, text: replace(own, gtin=text),
    "batch": lambda own, text: replace(own, batch=text),
    "serial": lambda own, text: replace(own, serial=text),
}


@pytest.mark.parametrize("name", sorted(ON_THE_SALE))
def test_a_name_on_the_sale_may_fill_its_column_and_no_more(name: str) -> None:
    change = ON_THE_SALE[name]

    check(change(sale(), LONG))

    with pytest.raises(SaleDoesNotAddUp, match=f"has {LONGEST_NAME + 1} characters"):
        check(change(sale(), LONG + "x"))


@pytest.mark.parametrize("name", sorted(ON_A_LINE))
def test_a_name_on_a_line_may_fill_its_column_and_no_more(name: str) -> None:
    made = sale(of=basket(line(), line(product("Bread", "2.00"))))
    first, second = made.lines

    check(replace(made, lines=(first, ON_A_LINE[name](second, LONG))))

    too_long = replace(made, lines=(first, ON_A_LINE[name](second, LONG + "x")))
    with pytest.raises(SaleDoesNotAddUp, match=f"more than {LONGEST_NAME}"):
        check(too_long)


def test_the_largest_amount_of_the_books_is_still_a_sale() -> None:
    dearest = product(price=str(LARGEST_MICROS // 1_000_000))

    check(sold(basket(line(dearest, pieces=100))))

    with pytest.raises(SaleDoesNotAddUp, match="an amount is beyond"):
        check(sold(basket(line(dearest, pieces=100), line(product("Bread", "0.01")))))


def test_a_price_a_rate_and_a_quantity_no_table_holds_are_refused() -> None:
    made = sale()
    (first,) = made.lines
    huge = replace(first, unit_price=UnitPrice(LARGEST_MICROS + 1, "EUR"))
    many = replace(first, quantity=Quantity(MOST_THOUSANDTHS + 1000))

    for wrong in (
        replace(made, lines=(huge,)),
        replace(made, lines=(many,)),
        replace(made, tax_rates=(replace(made.tax_rates[0], rate_ppm=10**30),)),
        replace(made, lines=(replace(first, name="x" * 1_001),)),
    ):
        with pytest.raises(SaleDoesNotAddUp):
            check(wrong)


@pytest.mark.parametrize("year", [1, 1969, 2200, 9999])
def test_a_time_that_no_clock_of_a_shop_shows_is_refused(year: int) -> None:
    with pytest.raises(SaleDoesNotAddUp, match="is not between 1970 and 2199"):
        check(replace(sale(), sold_at=AT.replace(year=year)))


def test_a_business_date_far_from_the_time_is_refused() -> None:
    with pytest.raises(SaleDoesNotAddUp, match="is far from its time"):
        check(replace(sale(), business_date=AT.date().replace(year=2025)))


@pytest.mark.parametrize("name", ["store_id", "till_id", "cashier_id", "receipt_number"])
def test_a_sale_that_names_nobody_is_refused(name: str) -> None:
    with pytest.raises(SaleDoesNotAddUp, match="it has no"):
        check(replace(sale(), **{name: " "}))  # type: ignore[arg-type]  # all four are text


def test_a_tender_beyond_the_books_is_found_even_when_change_takes_it_back() -> None:
    generous = sold(basket(line()), over=LARGEST_MINOR)

    with pytest.raises(SaleDoesNotAddUp, match="an amount is beyond"):
        check(generous)


def test_a_sale_of_the_most_lines_adds_up_and_one_more_does_not_fit() -> None:
    full = basket(*(line(product(f"Tea {n}")) for n in range(MOST_LINES)))

    check(sold(full))

    with pytest.raises(LineRefused, match=f"at most {MOST_LINES} lines"):
        full.add(line(product("One more")))


def test_a_full_ticket_still_takes_another_piece_of_what_is_on_it() -> None:
    full = basket(*(line(product(f"Tea {n}")) for n in range(MOST_LINES)))

    more = full.add(line(product("Tea 7")))

    assert more.lines[7].quantity == Quantity.pieces(2)
    assert len(more.lines) == MOST_LINES


def test_merging_does_not_lead_past_the_most_there_may_be_of_a_line() -> None:
    most = MOST_THOUSANDTHS // 1_000
    nearly = basket(line(pieces=most))

    with pytest.raises(LineRefused, match="sensible"):
        nearly.add(line())

    assert nearly.lines[0].quantity == Quantity.pieces(most)


@pytest.mark.parametrize(
    ("outcome", "in_ledger"),
    [
        (Outcome.RECORDED, True),
        (Outcome.ALREADY, True),
        (Outcome.CONFLICT, False),
        (Outcome.REFUSED, False),
        (Outcome.UNSIGNED, False),
    ],
)
def test_only_what_is_in_the_books_is_said_to_be(outcome: Outcome, in_ledger: bool) -> None:
    made = sale()

    posted = Posted(made.id, outcome, content_hash(made))

    assert posted.in_ledger is in_ledger


def test_a_conflict_names_the_sale_and_is_a_conflict_over_http() -> None:
    sale_id = new_id()

    error = SaleConflict(sale_id)

    assert str(sale_id) in str(error)
    assert error.status == 409


@given(due=amounts, given_cash=amounts)
def test_cash_is_short_or_over_or_exact_and_never_two_of_these(
    due: Money, given_cash: Money
) -> None:
    counted = Counted(due, given_cash)

    assert counted.given == due + counted.change - counted.missing
    assert not (counted.change and counted.missing)
    assert min(counted.change.minor, counted.missing.minor) == 0


def test_cash_of_another_country_is_not_counted() -> None:
    counted = Counted(Money(100, "EUR"), Money(100, "USD"))

    with pytest.raises(CurrencyMismatch, match="one ticket has one currency"):
        _ = counted.change


@given(micros=st.integers(-(10**15), 10**15), currency=st.sampled_from(CURRENCIES))
def test_a_unit_price_reads_back_from_what_it_says(micros: int, currency: str) -> None:
    price = UnitPrice(micros, currency)

    number, code = str(price).split(" ")

    assert UnitPrice.parse(number, code) == price


@given(minor=st.integers(-(10**12), 10**12), currency=st.sampled_from(CURRENCIES))
def test_an_amount_is_worth_the_same_as_a_price_of_one_piece(minor: int, currency: str) -> None:
    amount = Money(minor, currency)

    price = UnitPrice.of(amount)

    assert price.times(1_000) == amount
    assert price.times(3_000) == amount + amount + amount


@given(quantities)
def test_a_quantity_reads_back_from_what_it_says(quantity: Quantity) -> None:
    number = str(quantity).removesuffix(" kg")

    assert Quantity.parse(number, quantity.unit) == quantity


@given(st.text("0123456789.-+eE_ ,", max_size=10), st.integers(0, 6))
def test_whatever_is_typed_is_a_decimal_or_refused_as_it_was_typed(text: str, digits: int) -> None:
    whole, _, decimals = text.removeprefix("-").partition(".")
    sound = whole.isdigit() and (not decimals or decimals.isdigit())
    if not sound or len(decimals.rstrip("0")) > digits:
        with pytest.raises(NotMoney, match="is not a decimal number") as raised:
            parse_decimal(text, digits)
        assert repr(text) in str(raised.value)
        return

    value = parse_decimal(text, digits)

    assert abs(value) == int(whole + decimals.rstrip("0").ljust(digits, "0"))
    assert value == 0 or (value < 0) == text.startswith("-")


@pytest.mark.parametrize("typed", ["0.5", "1.001", "2.250"])
def test_a_part_of_a_piece_is_refused_with_the_figure(typed: str) -> None:
    with pytest.raises(NotAQuantity, match="pieces are whole"):
        Quantity.parse(typed, Unit.PIECE)
