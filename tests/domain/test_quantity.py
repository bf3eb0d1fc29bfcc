"""Quantities: whole pieces, or kilograms to the gram."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import NotMoney
from domain.quantity import NotAQuantity, Quantity, Unit


def test_a_quantity_reads_as_people_write_it() -> None:
    assert str(Quantity.pieces(3)) == "3"
    assert str(Quantity.grams(250)) == "0.250 kg"
    assert str(Quantity.pieces(-2)) == "-2"


@pytest.mark.parametrize("thousandths", [1, 500, 1_001, -999])
def test_half_a_piece_cannot_be_sold(thousandths: int) -> None:
    with pytest.raises(NotAQuantity, match="pieces are whole"):
        Quantity(thousandths)


def test_pieces_and_kilograms_are_not_added() -> None:
    with pytest.raises(NotAQuantity, match="the units differ"):
        Quantity.pieces(1) + Quantity.grams(1_000)

    assert Quantity.grams(1) + Quantity.grams(2) == Quantity.grams(3)


@given(st.integers(-(10**9), 10**9))
def test_what_is_written_is_read_back(grams: int) -> None:
    quantity = Quantity.grams(grams)

    assert Quantity.parse(str(quantity).removesuffix(" kg"), Unit.KILOGRAM) == quantity


@pytest.mark.parametrize("text", ["", "two", "0.0001", "1/2"])
def test_what_is_no_number_is_no_quantity(text: str) -> None:
    with pytest.raises(NotMoney):
        Quantity.parse(text, Unit.KILOGRAM)
