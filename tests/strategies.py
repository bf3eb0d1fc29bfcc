"""Hypothesis strategies: amounts, taxes, lines and baskets as shops have them, and worse."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import strategies as st

from domain.basket import Basket, BasketLine, PriceSource
from domain.money import Money, UnitPrice
from domain.quantity import Quantity, Unit
from domain.tax import TaxRate

CURRENCIES = ("JPY", "EUR", "KWD", "CLF")  # 0, 2, 3 and 4 decimals
CASH_STEPS = (1, 5, 10, 50, 100)
INCLUDED = TaxRate("A", "VAT", 200_000)
REDUCED = TaxRate("B", "VAT", 55_000)
EXEMPT = TaxRate("Z", "VAT", 0, exempt_reason="books")
STATE = TaxRate("T", "State", 72_500, included=False)
CITY = TaxRate("C", "City", 8_750, included=False)
ECO = TaxRate("E", "Eco", 10_000)

tax_sets = st.sampled_from(
    [(), (INCLUDED,), (REDUCED,), (EXEMPT,), (STATE,), (STATE, CITY), (INCLUDED, ECO), (ECO, STATE)]
)
minor = st.integers(-10_000_000, 10_000_000)
quantities = st.one_of(
    st.integers(1, 500).map(Quantity.pieces), st.integers(1, 50_000).map(Quantity.grams)
)
ids = st.integers(1, 2**128 - 1).map(lambda number: UUID(int=number))


@st.composite
def lines(draw: st.DrawFn, currency: str = "EUR", *, discounts: bool = True) -> BasketLine:
    """Make a line by piece, by weight or with a price printed on it."""
    quantity = draw(quantities)
    line = BasketLine(
        id=draw(ids),
        sku=draw(st.sampled_from(["TEA", "CHEESE", "BREAD"])),
        name="Something",
        quantity=quantity,
        unit_price=UnitPrice(draw(st.integers(0, 2_000_000_000)), currency),
        taxes=draw(tax_sets),
    )
    if quantity.unit is Unit.KILOGRAM and draw(st.booleans()):
        total = Money(draw(st.integers(0, 1_000_000)), currency)
        line = replace(line, embedded_total=total, price_source=PriceSource.EMBEDDED)
    return draw(discounted(line)) if discounts else line


@st.composite
def discounted(draw: st.DrawFn, line: BasketLine) -> BasketLine:
    """Take up to the whole price off, or nothing."""
    printed = line.embedded_total
    total = printed if printed is not None else line.unit_price.times(line.quantity.thousandths)
    off = draw(st.none() | st.integers(0, total.minor))
    if off is None:
        return line
    return replace(line, discount=Money(off, total.currency), discount_reason="Short date")


@st.composite
def baskets(draw: st.DrawFn, *, least: int = 1, discounts: bool = True) -> Basket:
    """Collect lines of one currency, each with an id of its own."""
    currency = draw(st.sampled_from(CURRENCIES))
    own = lines(currency, discounts=discounts)
    chosen = draw(st.lists(own, min_size=least, max_size=12, unique_by=lambda line: line.id))
    return Basket(draw(ids), currency, tuple(chosen))
