"""A sale adds up, and whoever alters a figure in it is found out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from builders import basket, cash, line, new_id, product, sale
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from selling import heading, sold
from strategies import CASH_STEPS, CITY, ECO, INCLUDED, STATE, baskets

from domain.basket import Basket, BasketLine, PriceSource
from domain.canonical import canonical
from domain.money import Money, UnitPrice
from domain.pricing import quote
from domain.quantity import Quantity
from domain.sale import (
    NotEnoughMoney,
    Sale,
    SaleDoesNotAddUp,
    SaleLine,
    Tender,
    TenderKind,
    basket_of,
    check,
    close,
    receipt_number,
)
from domain.tax import TaxRounding

Alter = Callable[[Sale], Sale]
roundings = st.sampled_from(TaxRounding)
steps = st.sampled_from(CASH_STEPS)


def example() -> Sale:
    """Sell something of each kind, with coins of five, for 50."""
    tea = replace(line(product("Tea", "3.53"), 3), taxes=(INCLUDED, ECO))
    book = replace(line(product("Book", "12.99")), taxes=(STATE, CITY))
    packed = replace(
        line(grams=200), embedded_total=Money(498, "EUR"), price_source=PriceSource.EMBEDDED
    )
    cheap = replace(line(product("Bread", "4.20")), discount=Money(120, "EUR"))
    of = basket(tea, book, packed, cheap)
    return close(
        heading(of),
        quote(of, TaxRounding.RECEIPT),
        (cash(4_000), cash(1_000)),
        tax_rounding=TaxRounding.RECEIPT,
        cash_step_minor=5,
    )


@given(of=baskets(), rounding=roundings, step=steps, over=st.integers(0, 10_000))
def test_every_sale_that_is_closed_adds_up(
    of: Basket, rounding: TaxRounding, step: int, over: int
) -> None:
    made = sold(of, rounding, step, over)

    check(made)
    assert made.change.minor == over
    assert sum(own.total.minor for own in made.lines) + made.rounding.minor == made.total.minor


@given(of=baskets(), rounding=roundings)
def test_a_sale_remembers_its_basket(of: Basket, rounding: TaxRounding) -> None:
    again = basket_of(sold(of, rounding))

    assert quote(again, rounding).total == quote(of, rounding).total
    assert [own.id for own in again.lines] == [own.id for own in of.lines]


@given(of=baskets(), rounding=roundings)
def test_a_sale_is_the_same_after_the_way_through_json(of: Basket, rounding: TaxRounding) -> None:
    made = sold(of, rounding)

    again = TypeAdapter(Sale).validate_json(canonical(made))

    assert again == made
    assert canonical(again) == canonical(made)
    check(again)


def test_too_little_money_closes_nothing() -> None:
    of = basket()

    with pytest.raises(NotEnoughMoney, match=r"0\.01 EUR is still to be paid") as raised:
        close(
            heading(of),
            quote(of, TaxRounding.LINE),
            (cash(349),),
            tax_rounding=TaxRounding.LINE,
            cash_step_minor=1,
        )

    assert raised.value.missing == Money(1, "EUR")


def first(alter: Callable[[SaleLine], SaleLine], at: int = 0) -> Alter:
    """Alter one line of a sale."""

    def altered(of: Sale) -> Sale:
        lines = list(of.lines)
        lines[at] = alter(lines[at])
        return replace(of, lines=tuple(lines))

    return altered


def more(money: Money) -> Money:
    return money + Money(1, money.currency)


ALTERATIONS: dict[str, Alter] = {
    "total": lambda of: replace(of, total=more(of.total)),
    "total and change": lambda of: replace(
        of, total=more(of.total), change=of.change - Money(1, "EUR")
    ),
    "tax": lambda of: replace(of, tax=more(of.tax)),
    "discount": lambda of: replace(of, discount=more(of.discount)),
    "rounding": lambda of: replace(of, rounding=more(of.rounding)),
    "change": lambda of: replace(of, change=more(of.change)),
    "cash step": lambda of: replace(of, cash_step_minor=1),
    "tax rounding": lambda of: replace(of, tax_rounding=TaxRounding.LINE, tax=more(of.tax)),
    "tax rate": lambda of: replace(
        of, tax_rates=(replace(of.tax_rates[0], rate_ppm=210_000), *of.tax_rates[1:])
    ),
    "tax rate gone": lambda of: replace(of, tax_rates=of.tax_rates[1:]),
    "tender": lambda of: replace(of, tenders=of.tenders[1:]),
    "tender more": lambda of: replace(
        of, tenders=(replace(of.tenders[0], amount=more(of.tenders[0].amount)), *of.tenders[1:])
    ),
    "tender negative": lambda of: replace(
        of, tenders=(*of.tenders, Tender(new_id(), TenderKind.CASH, Money(-100, "EUR")))
    ),
    "tender twice": lambda of: replace(of, tenders=(of.tenders[0], of.tenders[0])),
    "line gone": lambda of: replace(of, lines=of.lines[1:]),
    "line twice": lambda of: replace(of, lines=(*of.lines, of.lines[0])),
    "no lines": lambda of: replace(of, lines=()),
    "no time zone": lambda of: replace(of, sold_at=of.sold_at.replace(tzinfo=None)),
    "line total": first(lambda own: replace(own, total=more(own.total))),
    "line list total": first(lambda own: replace(own, list_total=more(own.list_total))),
    "embedded list total": first(lambda own: replace(own, list_total=more(own.list_total)), at=2),
    "line discount": first(lambda own: replace(own, discount=more(own.discount)), at=3),
    "line quantity": first(lambda own: replace(own, quantity=Quantity.pieces(4))),
    "line price": first(lambda own: replace(own, unit_price=UnitPrice(3_540_000, "EUR"))),
    "line tax": first(
        lambda own: replace(
            own, taxes=(replace(own.taxes[0], amount=more(own.taxes[0].amount)), *own.taxes[1:])
        )
    ),
    "line tax base": first(
        lambda own: replace(
            own, taxes=(replace(own.taxes[0], base=more(own.taxes[0].base)), *own.taxes[1:])
        ),
        at=1,
    ),
    "line tax code": first(
        lambda own: replace(own, taxes=(replace(own.taxes[0], code="??"), *own.taxes[1:]))
    ),
    "line negative": first(lambda own: replace(own, quantity=Quantity.pieces(-3))),
    "line discount negative": first(lambda own: replace(own, discount=Money(-1, "EUR"))),
    "line discount too much": first(lambda own: replace(own, discount=Money(99_999, "EUR"))),
    "line in another currency": first(lambda own: replace(own, unit_price=UnitPrice(1, "USD"))),
    "tender in another currency": lambda of: replace(
        of, tenders=(replace(of.tenders[0], amount=Money(4_000, "USD")), *of.tenders[1:])
    ),
    "embedded negative": first(lambda own: replace(own, list_total=Money(-498, "EUR")), at=2),
    "no coin at all": lambda of: replace(of, cash_step_minor=0),
    "two rates of one code": lambda of: replace(
        of, tax_rates=(*of.tax_rates, replace(of.tax_rates[0], rate_ppm=1))
    ),
    "line tax gone": first(lambda own: replace(own, taxes=own.taxes[1:])),
}


def test_the_example_is_sound_before_it_is_altered() -> None:
    made = example()

    check(made)
    assert made.rounding.minor != 0
    assert made.change.minor > 0


@pytest.mark.parametrize("alter", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_each_altered_figure_is_found(alter: Alter) -> None:
    altered = alter(example())

    with pytest.raises(SaleDoesNotAddUp, match="does not add up"):
        check(altered)


@given(
    of=baskets(),
    rounding=roundings,
    field=st.sampled_from(["discount", "tax", "rounding", "total", "change"]),
    by=st.integers(-1_000, 1_000).filter(bool),
)
def test_no_sum_of_any_sale_can_be_off_by_anything(
    of: Basket, rounding: TaxRounding, field: str, by: int
) -> None:
    made = sold(of, rounding, over=50)

    altered = replace(made, **{field: getattr(made, field) + Money(by, of.currency)})

    with pytest.raises(SaleDoesNotAddUp):
        check(altered)


@pytest.mark.parametrize(
    "bad",
    [
        replace(line(), quantity=Quantity.pieces(-1)),
        replace(line(), unit_price=UnitPrice(-1_000_000, "EUR")),
        replace(
            line(grams=100),
            embedded_total=Money(-100, "EUR"),
            price_source=PriceSource.EMBEDDED,
        ),
    ],
    ids=["given back", "negative price", "negative label"],
)
def test_a_line_that_takes_money_out_is_no_sale_although_it_adds_up(bad: BasketLine) -> None:
    made = sold(basket(line(product("Tea", "50.00")), bad))

    with pytest.raises(SaleDoesNotAddUp, match="must not be negative"):
        check(made)


def test_the_sentence_names_the_receipt_and_what_is_wrong() -> None:
    made = sale("A1-000042")

    with pytest.raises(SaleDoesNotAddUp, match=r"Sale A1-000042 \(.*discount and tax should be"):
        check(replace(made, tax=more(made.tax)))


def test_the_net_of_a_line_is_without_any_tax() -> None:
    tea, book, *_ = example().lines

    for own in (tea, book):
        assert own.net == own.total - Money.total((tax.amount for tax in own.taxes), "EUR")


def test_receipts_are_numbered_by_series_and_count() -> None:
    assert receipt_number("A1", 42) == "A1-000042"
    assert receipt_number("A1", 1_234_567) == "A1-1234567"


def test_a_sale_has_one_currency_and_one_moment() -> None:
    made = example()

    assert made.currency == "EUR"
    assert made.sold_at.utcoffset() == dt.timedelta(0)
