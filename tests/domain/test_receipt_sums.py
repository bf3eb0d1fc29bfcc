"""Paper that adds up: whoever takes a pencil to a receipt comes to its total, tax and change."""

from __future__ import annotations

from dataclasses import dataclass

from builders import STORE
from hypothesis import given
from hypothesis import strategies as st
from selling import sold
from strategies import CASH_STEPS, baskets

from domain.basket import Basket
from domain.ledger import Account, postings
from domain.money import exponent, parse_decimal
from domain.quantity import Unit
from domain.receipt import Code, Divider, Receipt, Row, receipt
from domain.sale import Sale
from domain.tax import TaxRounding

tickets = st.builds(
    sold,
    baskets(),
    st.sampled_from(TaxRounding),
    st.sampled_from(CASH_STEPS),
    st.integers(0, 5_000),
)


@dataclass(frozen=True)
class Paper:
    """The four parts of a receipt as a reader sees them, amounts in minor units."""

    goods: list[tuple[str, int]]
    totals: dict[str, int]
    taxes: list[tuple[str, int]]
    number: str


def paper(of: Sale) -> Paper:
    digits = exponent(of.currency)
    parts: list[list[Row]] = [[]]
    for block in printed(of).blocks:
        if isinstance(block, Divider):
            parts.append([])
        elif isinstance(block, Row):
            parts[-1].append(block)
    _, goods, totals, taxes, foot = parts
    return Paper(
        goods=[(row.left, parse_decimal(row.right, digits)) for row in goods if row.right],
        totals={row.left: parse_decimal(row.right, digits) for row in totals},
        taxes=[(row.left, parse_decimal(row.right, digits)) for row in taxes],
        number=foot[0].left.removeprefix("Receipt "),
    )


def printed(of: Sale) -> Receipt:
    return receipt(of, STORE, "Ada", "9f86d081" + 56 * "0", "2026-11-21 10:30")


def on_top(of: Sale) -> int:
    """Add up the taxes that are not in the shelf prices."""
    codes = {rate.code for rate in of.tax_rates if not rate.included}
    return sum(tax.amount.minor for line in of.lines for tax in line.taxes if tax.code in codes)


@given(tickets)
def test_goods_less_discounts_and_tax_on_top_and_rounding_are_the_total(of: Sale) -> None:
    told = paper(of)

    goods = sum(minor for _, minor in told.goods)
    total = told.totals[f"TOTAL {of.currency}"]
    assert goods + on_top(of) + told.totals.get("Rounding", 0) == total


@given(tickets)
def test_cash_less_change_is_the_total(of: Sale) -> None:
    told = paper(of)

    paid = told.totals.get("Cash", 0) - told.totals.get("Change", 0)
    assert paid == told.totals[f"TOTAL {of.currency}"]


@given(tickets)
def test_the_taxes_on_paper_are_the_taxes_in_the_books(of: Sale) -> None:
    told = paper(of)

    booked = [p for p in postings(of) if p.account is Account.TAX]
    assert sum(minor for _, minor in told.taxes) == -sum(p.amount.minor for p in booked)
    assert sum(minor for _, minor in told.taxes) == of.tax.minor
    assert len(told.taxes) == len(of.tax_rates)


@given(tickets)
def test_every_line_is_on_the_paper_in_the_order_of_the_counter(of: Sale) -> None:
    told = paper(of)

    prices = [minor for left, minor in told.goods if not left.startswith("  ")]
    assert prices == [line.list_total.minor for line in of.lines]


@given(tickets)
def test_every_weight_and_every_count_above_one_is_shown_with_its_price(of: Sale) -> None:
    shown = [row.left for row in printed(of).blocks if isinstance(row, Row) and " x " in row.left]

    told = [line for line in of.lines if str(line.quantity) != "1"]
    assert len(shown) == len(told)
    for text, line in zip(shown, told, strict=True):
        assert text.startswith(f"  {line.quantity} x {line.unit_price}")
        assert text.endswith("/kg") == (line.quantity.unit is Unit.KILOGRAM)


@given(tickets)
def test_the_bars_carry_the_number_that_stands_above_them(of: Sale) -> None:
    codes = [block.text for block in printed(of).blocks if isinstance(block, Code)]

    assert codes == [of.receipt_number] == [paper(of).number]


@given(tickets)
def test_nothing_that_is_zero_takes_up_paper(of: Sale) -> None:
    told = paper(of)

    assert told.totals.get("Rounding") != 0
    assert told.totals.get("Change") != 0
    assert all(minor for left, minor in told.goods if left.startswith("  "))


@given(of=baskets(), step=st.sampled_from(CASH_STEPS))
def test_a_copy_says_the_same_amounts_as_the_first_paper(of: Basket, step: int) -> None:
    first = printed(sold(of, step=step))

    assert first.as_copy().blocks[1:] == first.blocks
    assert first.as_copy() != first
