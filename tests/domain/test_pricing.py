"""`quote`: everything adds up, in any order, and a refund of everything is the exact negative."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest
from builders import VAT, basket, line, product
from hypothesis import given
from hypothesis import strategies as st
from strategies import CASH_STEPS, CITY, INCLUDED, STATE, baskets

from domain.basket import Basket, BasketLine, LineRefused
from domain.money import Money
from domain.pricing import Quote, quote
from domain.quantity import Quantity
from domain.tax import TaxAmount, TaxRounding

roundings = st.sampled_from(TaxRounding)


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


def test_a_ticket_is_priced_discounted_and_taxed() -> None:
    tea = line(product("Tea", "3.50"), 3)
    cheap = replace(line(product("Old bread", "4.20")), discount=euros(120))

    quoted = quote(basket(tea, cheap), TaxRounding.RECEIPT)

    assert [own.total for own in quoted.lines] == [euros(1050), euros(300)]
    assert (quoted.discount, quoted.total, quoted.tax) == (euros(120), euros(1350), euros(225))


def test_taxes_on_top_are_part_of_the_total() -> None:
    tea = replace(line(product("Tea", "10.00")), taxes=(STATE, CITY))

    quoted = quote(basket(tea), TaxRounding.RECEIPT)

    assert (quoted.tax, quoted.total) == (euros(82), euros(1082))


def test_a_price_with_three_decimals_is_rounded_once_per_line() -> None:
    screws = line(product("Screw", "0.055"), 25)

    assert quote(basket(screws), TaxRounding.RECEIPT).total == euros(138)


def test_an_empty_ticket_costs_nothing() -> None:
    quoted = quote(Basket(line().id, "EUR"), TaxRounding.RECEIPT)

    assert (quoted.lines, quoted.total, quoted.tax) == ((), euros(0), euros(0))


def test_a_discount_is_never_more_than_the_price() -> None:
    tea = replace(line(product("Tea", "3.50")), discount=euros(351))

    with pytest.raises(LineRefused, match=r"3\.51 EUR is more than Tea costs"):
        quote(basket(tea), TaxRounding.RECEIPT)


@given(of=baskets(), rounding=roundings)
def test_the_lines_add_up_to_the_ticket(of: Basket, rounding: TaxRounding) -> None:
    quoted = quote(of, rounding)

    assert sum_of(own.total for own in quoted.lines) == quoted.total.minor
    assert sum_of(own.discount for own in quoted.lines) == quoted.discount.minor
    assert sum_of(tax.amount for own in quoted.lines for tax in own.taxes) == quoted.tax.minor


@given(of=baskets(), rounding=roundings)
def test_price_less_discount_and_tax_on_top_is_the_line(of: Basket, rounding: TaxRounding) -> None:
    for own in quote(of, rounding).lines:
        pairs = zip(own.line.taxes, own.taxes, strict=True)
        on_top = sum_of(tax.amount for rate, tax in pairs if not rate.included)

        assert own.total.minor == own.list_total.minor - own.discount.minor + on_top


@given(of=baskets(), rounding=roundings)
def test_no_line_differs_from_its_exact_tax_by_a_whole_unit(
    of: Basket, rounding: TaxRounding
) -> None:
    for own in quote(of, rounding).lines:
        bases = {tax.base.minor for tax in own.taxes}
        assert len(bases) <= 1
        for base in bases:
            assert abs(base) <= own.list_total.minor


@given(of=baskets(least=2), rounding=roundings, seed=st.integers())
def test_the_order_of_lines_does_not_matter_to_the_total(
    of: Basket, rounding: TaxRounding, seed: int
) -> None:
    shuffled = list(of.lines)
    Random(seed).shuffle(shuffled)

    one, other = quote(of, rounding), quote(replace(of, lines=tuple(shuffled)), rounding)

    assert (one.total, one.tax, one.discount) == (other.total, other.tax, other.discount)
    assert taxes_by_code(one) == taxes_by_code(other)


@given(of=baskets(), rounding=roundings)
def test_a_refund_of_everything_is_the_exact_negative(of: Basket, rounding: TaxRounding) -> None:
    sold = quote(of, rounding)

    back = quote(replace(of, lines=tuple(given_back(own) for own in of.lines)), rounding)

    assert [own.total for own in back.lines] == [-own.total for own in sold.lines]
    assert [tax_amounts(own.taxes) for own in back.lines] == [
        [-amount for amount in tax_amounts(own.taxes)] for own in sold.lines
    ]
    assert (back.total, back.tax) == (-sold.total, -sold.tax)


@given(of=baskets(), rounding=roundings, step=st.sampled_from(CASH_STEPS))
def test_cash_is_rounded_alike_when_it_comes_and_when_it_goes(
    of: Basket, rounding: TaxRounding, step: int
) -> None:
    sold = quote(of, rounding)
    back = quote(replace(of, lines=tuple(given_back(own) for own in of.lines)), rounding)

    assert back.cash_total(step) == -sold.cash_total(step)
    assert abs(sold.cash_total(step).minor - sold.total.minor) * 2 <= step
    assert sold.cash_total(step).minor % step == 0


@given(of=baskets())
def test_how_tax_is_rounded_changes_only_what_comes_on_top(of: Basket) -> None:
    included = replace(
        of,
        lines=tuple(own for own in of.lines if all(rate.included for rate in own.taxes)),
    )

    per_line, per_receipt = (quote(included, rounding) for rounding in TaxRounding)

    assert per_line.total == per_receipt.total


def test_ten_small_lines_show_why_the_rounding_is_chosen() -> None:
    sweets = basket(*(line(product(str(n), "0.03"), 1) for n in range(10)))

    per_line, per_receipt = (quote(sweets, rounding) for rounding in TaxRounding)

    assert (per_line.tax, per_receipt.tax) == (euros(10), euros(5))
    assert VAT.rate_ppm == INCLUDED.rate_ppm


def given_back(own: BasketLine) -> BasketLine:
    """Turn what was sold into what comes back over the counter."""
    total = own.embedded_total
    return replace(
        own,
        quantity=Quantity(-own.quantity.thousandths, own.quantity.unit),
        embedded_total=None if total is None else -total,
        discount=None if own.discount is None else -own.discount,
    )


def sum_of(amounts: Iterable[Money]) -> int:
    """Add amounts of one currency."""
    return sum(amount.minor for amount in amounts)


def tax_amounts(taxes: Iterable[TaxAmount]) -> list[int]:
    """Return what each tax comes to."""
    return [tax.amount.minor for tax in taxes]


def taxes_by_code(of: Quote) -> dict[str, int]:
    """Add up each tax over the ticket."""
    totals: dict[str, int] = {}
    for own in of.lines:
        for tax in own.taxes:
            totals[tax.code] = totals.get(tax.code, 0) + tax.amount.minor
    return totals
