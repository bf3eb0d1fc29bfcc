"""The ticket in the making: lines come, merge, change and go; what makes no sense stays out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import REDUCED, VAT, basket, line, new_id, product
from hypothesis import given
from hypothesis import strategies as st
from strategies import baskets

from domain.basket import (
    MOST_LINES,
    MOST_THOUSANDTHS,
    Basket,
    BasketLine,
    LineRefused,
    NoSuchLine,
    PriceSource,
    line_for,
)
from domain.money import Money, UnitPrice
from domain.quantity import Quantity, Unit


def empty() -> Basket:
    return Basket(new_id(), "EUR")


def test_the_same_goods_become_one_line() -> None:
    tea = product()

    both = empty().add(line(tea, 2)).add(line(tea, 3))

    assert [str(own.quantity) for own in both.lines] == ["5"]


@pytest.mark.parametrize(
    "other",
    [
        replace(line(), discount=Money(10, "EUR")),
        replace(line(), batch="LOT7"),
        replace(line(), serial="S1"),
        replace(line(), taxes=(REDUCED,)),
        replace(line(), unit_price=UnitPrice.parse("3.49", "EUR")),
        replace(line(), price_source=PriceSource.OVERRIDE),
        replace(line(), name="Tea, new label"),
    ],
    ids=["discount", "batch", "serial", "tax", "price", "override", "name"],
)
def test_goods_that_differ_in_anything_stay_apart(other: BasketLine) -> None:
    assert len(empty().add(line()).add(other).lines) == 2
    assert len(empty().add(other).add(line()).lines) == 2


def test_weighed_goods_stay_apart() -> None:
    weighed = product(unit=Unit.KILOGRAM)

    both = empty().add(line(weighed, grams=100)).add(line(weighed, grams=100))

    assert len(both.lines) == 2


def test_a_product_that_is_weighed_by_now_goes_on_a_line_of_its_own() -> None:
    counted = empty().add(line(product()))

    both = counted.add(line(product(unit=Unit.KILOGRAM), grams=100))

    assert [own.quantity.unit for own in both.lines] == [Unit.PIECE, Unit.KILOGRAM]


@given(of=baskets(least=2))
def test_adding_never_changes_how_much_there_is(of: Basket) -> None:
    again = Basket(of.id, of.currency)

    for own in of.lines:
        again = again.add(own)

    for unit in Unit:
        assert amount(again, unit) == amount(of, unit)


def amount(of: Basket, unit: Unit) -> int:
    return sum(own.quantity.thousandths for own in of.lines if own.quantity.unit is unit)


def test_a_change_makes_a_new_basket_and_leaves_the_old_one() -> None:
    before = basket()
    (tea,) = before.lines

    after = before.with_quantity(tea.id, Quantity.pieces(4))

    assert str(before.line(tea.id).quantity) == "1"
    assert str(after.line(tea.id).quantity) == "4"
    assert not before.without(tea.id)


@pytest.mark.parametrize("thousandths", [0, -1_000, MOST_THOUSANDTHS + 1_000])
def test_a_senseless_quantity_stays_out(thousandths: int) -> None:
    before = basket()

    with pytest.raises(LineRefused, match="above 0 and sensible"):
        before.with_quantity(before.lines[0].id, Quantity(thousandths))
    with pytest.raises(LineRefused):
        empty().add(replace(line(), quantity=Quantity(thousandths)))


def test_pieces_do_not_become_kilograms() -> None:
    before = basket()

    with pytest.raises(LineRefused, match="sold by piece, not by kg"):
        before.with_quantity(before.lines[0].id, Quantity.grams(500))


def test_a_printed_price_fixes_its_quantity() -> None:
    packed = replace(line(grams=200), embedded_total=Money(498, "EUR"))
    before = basket(packed)

    with pytest.raises(LineRefused, match="carries its price on the label"):
        before.with_quantity(packed.id, Quantity.grams(201))

    assert before.with_quantity(packed.id, packed.quantity) == before


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (replace(line(), unit_price=UnitPrice(1, "USD")), "priced in USD, not EUR"),
        (replace(line(), unit_price=UnitPrice(-1, "EUR")), "negative"),
        (replace(line(), discount=Money(-1, "EUR")), "negative"),
    ],
)
def test_a_line_that_no_shop_sells_is_refused(bad: BasketLine, words: str) -> None:
    with pytest.raises(LineRefused, match=words):
        empty().add(bad)


def test_a_tax_that_changes_while_a_ticket_is_open_waits_for_the_next_ticket() -> None:
    before = basket()
    dearer = replace(line(product("Coffee")), taxes=(replace(VAT, rate_ppm=210_000),))

    with pytest.raises(LineRefused, match="The tax S has just changed"):
        before.add(dearer)

    assert len(empty().add(dearer).lines) == 1


def test_a_discount_belongs_to_its_line() -> None:
    before = basket(line(), line(product("Coffee")))

    after = before.with_discount(before.lines[1].id, Money(50, "EUR"), "Short date")

    assert [own.discount for own in after.lines] == [None, Money(50, "EUR")]
    assert after.lines[1].discount_reason == "Short date"


def test_what_is_not_on_the_ticket_cannot_be_changed() -> None:
    gone = new_id()

    with pytest.raises(NoSuchLine, match="not on this ticket"):
        basket().without(gone)
    with pytest.raises(NoSuchLine):
        basket().with_quantity(gone, Quantity.pieces(1))


def test_a_ticket_has_an_end() -> None:
    lines = tuple(line(product(str(number))) for number in range(MOST_LINES))
    full = Basket(new_id(), "EUR", lines)

    with pytest.raises(LineRefused, match=f"at most {MOST_LINES} lines"):
        full.add(line(product("one more")))

    assert len(full.add(line(product("0"))).lines) == MOST_LINES


def test_a_product_becomes_a_line_at_its_catalogue_price() -> None:
    cheese = product("Cheese", "24.90", unit=Unit.KILOGRAM, category="Deli", barcodes=("1", "2"))

    made = line_for(cheese, new_id(), Quantity.grams(200), (VAT,))

    assert (made.sku, made.category, made.gtin) == ("CHEESE", "Deli", "1")
    assert made.price_source is PriceSource.CATALOG
    with pytest.raises(LineRefused, match="weigh it or scan its label"):
        line_for(cheese, new_id(), Quantity.pieces(1), (VAT,))


@given(of=baskets(least=2), pick=st.data())
def test_taking_a_line_off_takes_that_line_off(of: Basket, pick: st.DataObject) -> None:
    gone = pick.draw(st.sampled_from(of.lines))

    left = of.without(gone.id)

    assert left.lines == tuple(own for own in of.lines if own is not gone)
