"""The receipt says what was sold, what it cost, what tax was in it, and how to find it again."""

from __future__ import annotations

from dataclasses import replace

from builders import STORE, VAT, basket, line, product
from hypothesis import given
from selling import sold
from strategies import CITY, EXEMPT, STATE, baskets

from domain.basket import Basket
from domain.money import Money
from domain.receipt import Code, Divider, Receipt, Row, Style, receipt
from domain.sale import Sale

HASH = "9f86d081" + 56 * "0"


def written(of: Sale) -> Receipt:
    return receipt(of, STORE, "Ada", HASH, "2026-11-21 10:30")


def rows(of: Sale) -> list[tuple[str, str]]:
    return [(own.left, own.right) for own in written(of).blocks if isinstance(own, Row)]


def test_a_receipt_names_the_shop_the_goods_and_the_total() -> None:
    made = sold(basket(line(product("Tea", "3.50"), 3)), over=950)

    text = rows(made)

    assert text[:2] == [("Corner shop", ""), ("1 High Street", "")]
    assert ("Tea", "10.50") in text
    assert ("  3 x 3.50 EUR", "") in text
    assert ("TOTAL EUR", "10.50") in text
    assert ("Cash", "20.00") in text
    assert ("Change", "9.50") in text


def test_one_piece_needs_no_multiplication() -> None:
    assert not [left for left, _ in rows(sold(basket())) if " x " in left]


def test_weighed_goods_show_weight_and_price_per_kilogram() -> None:
    text = rows(sold(basket(line(grams=250))))

    assert ("  0.250 kg x 3.50 EUR/kg", "") in text


def test_a_discount_stands_below_its_line_with_its_reason() -> None:
    cheap = replace(line(), discount=Money(50, "EUR"), discount_reason="Short date")

    text = rows(sold(basket(cheap)))

    assert text[text.index(("Tea", "3.50")) + 1] == ("  Short date", "-0.50")


def test_a_discount_without_reason_is_called_a_discount() -> None:
    cheap = replace(line(), discount=Money(50, "EUR"))

    assert ("  Discount", "-0.50") in rows(sold(basket(cheap)))


def test_every_tax_stands_with_its_rate_base_and_amount() -> None:
    taxed = replace(line(product("Lamp", "100.00")), taxes=(STATE, CITY))
    free = replace(line(product("Book", "12.99")), taxes=(EXEMPT,))

    text = rows(sold(basket(taxed, free, line(product("Tea", "12.00")))))

    assert ("State 7.25% on 100.00", "7.25") in text
    assert ("City 0.875% on 100.00", "0.88") in text
    assert ("VAT books on 12.99", "0.00") in text
    assert (f"{VAT.name} 20% on 10.00", "2.00") in text


def test_rounding_to_coins_stands_before_the_total() -> None:
    text = rows(sold(basket(line(product("Tea", "1.97"))), step=5))

    assert text.index(("Rounding", "-0.02")) + 1 == text.index(("TOTAL EUR", "1.95"))


def test_the_receipt_can_be_found_again_and_held_against_the_journal() -> None:
    made = sold(basket())

    blocks = written(made).blocks

    assert Row("Receipt A1-000001", "2026-11-21 10:30") in blocks
    assert Row("Till T1  Ada", "9f86d081") in blocks
    assert Code("A1-000001") in blocks
    assert blocks.count(Divider()) == 4


def test_a_copy_is_the_same_receipt_with_a_mark() -> None:
    original = written(sold(basket()))

    copy = original.as_copy()

    assert copy.blocks == (Row("COPY", style=Style.BIG), *original.blocks)
    assert copy.number == original.number


@given(of=baskets())
def test_the_amounts_on_any_receipt_add_up_to_its_total(of: Basket) -> None:
    made = sold(of)

    text = rows(made)

    assert [right for left, right in text if left.startswith("TOTAL")] == [made.total.amount]
    for own in made.lines:
        assert (own.name, own.list_total.amount) in text
