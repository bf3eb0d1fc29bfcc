"""The books of a sale: balanced whatever was sold, and the shelf loses what the customer takes."""

from __future__ import annotations

from builders import basket, line, product
from hypothesis import given
from hypothesis import strategies as st
from selling import sold
from strategies import CASH_STEPS, baskets

from domain.basket import Basket
from domain.ledger import Account, MovementKind, Posting, postings, stock_movements
from domain.money import Money
from domain.tax import TaxRounding


def test_a_sale_is_money_against_revenue_and_tax() -> None:
    made = sold(basket(line(product("Tea", "12.00"))), over=800)

    booked = postings(made)

    assert booked == (
        Posting(Account.CASH, Money(1200, "EUR")),
        Posting(Account.SALES, Money(-1000, "EUR")),
        Posting(Account.TAX, Money(-200, "EUR"), "S"),
    )


@given(
    of=baskets(),
    rounding=st.sampled_from(TaxRounding),
    step=st.sampled_from(CASH_STEPS),
    over=st.integers(0, 5_000),
)
def test_debits_and_credits_are_equal_for_every_sale(
    of: Basket, rounding: TaxRounding, step: int, over: int
) -> None:
    made = sold(of, rounding, step, over)

    booked = postings(made)

    assert sum(posting.amount.minor for posting in booked) == 0
    assert all(posting.amount for posting in booked)
    cash = sum(posting.amount.minor for posting in booked if posting.account is Account.CASH)
    tax = sum(posting.amount.minor for posting in booked if posting.account is Account.TAX)
    assert (cash, -tax) == (made.total.minor, made.tax.minor)


def test_coins_that_do_not_exist_are_booked_as_rounding() -> None:
    made = sold(basket(line(product("Tea", "1.97"))), step=5)

    (rounding,) = [p for p in postings(made) if p.account is Account.ROUNDING]

    assert made.rounding == Money(-2, "EUR")
    assert rounding.amount == Money(2, "EUR")


@given(of=baskets())
def test_each_line_takes_its_goods_off_the_shelf_once(of: Basket) -> None:
    moved = stock_movements(sold(of))

    assert [movement.source_line_id for movement in moved] == [own.id for own in of.lines]
    for movement, own in zip(moved, of.lines, strict=True):
        assert movement.quantity.thousandths == -own.quantity.thousandths
        assert (movement.sku, movement.kind) == (own.sku, MovementKind.SALE)
