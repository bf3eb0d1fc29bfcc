"""Taxes: included, on top, several, exempt; per line and per receipt; nothing lost or invented."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import CITY, ECO, EXEMPT, INCLUDED, REDUCED, STATE, minor, tax_sets

from domain.money import Money
from domain.tax import PPM, NotATax, TaxAmount, TaxRate, TaxRounding, tax_lines, tax_of

both = st.sampled_from(TaxRounding)
taxed_amounts = st.lists(st.tuples(minor, tax_sets), min_size=1, max_size=15)


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


def amounts_of(taxes: tuple[TaxAmount, ...]) -> list[int]:
    return [tax.amount.minor for tax in taxes]


def test_an_included_tax_is_inside_the_shelf_price() -> None:
    (tax,) = tax_of(euros(12_00), (INCLUDED,))

    assert tax == TaxAmount("A", base=euros(10_00), amount=euros(2_00))


def test_a_tax_on_top_comes_on_the_net_amount() -> None:
    (tax,) = tax_of(euros(10_00), (STATE,))

    assert tax == TaxAmount("T", base=euros(10_00), amount=euros(73))


def test_several_taxes_on_top_share_one_base() -> None:
    state, city = tax_of(euros(100_00), (STATE, CITY))

    assert (state.amount, city.amount) == (euros(7_25), euros(88))
    assert state.base == city.base == euros(100_00)


def test_several_included_taxes_are_taken_out_together() -> None:
    vat, eco = tax_of(euros(121_00), (INCLUDED, ECO))

    assert (vat.base, vat.amount, eco.amount) == (euros(100_00), euros(20_00), euros(1_00))


def test_included_and_on_top_meet_on_the_same_net() -> None:
    eco, state = tax_of(euros(101_00), (ECO, STATE))

    assert (eco.amount, state.base, state.amount) == (euros(1_00), euros(100_00), euros(7_25))


def test_an_exempt_amount_is_listed_with_no_tax() -> None:
    assert tax_of(euros(9_99), (EXEMPT,)) == (TaxAmount("Z", euros(9_99), euros(0)),)


def test_no_tax_at_all_is_no_line() -> None:
    assert tax_of(euros(9_99), ()) == ()


@given(minor=minor, rates=tax_sets)
def test_net_and_included_taxes_are_the_shelf_price(minor: int, rates: tuple[TaxRate, ...]) -> None:
    taxes = tax_of(euros(minor), rates)

    inside = sum(tax.amount.minor for tax, rate in zip(taxes, rates, strict=True) if rate.included)
    assert {tax.base.minor for tax in taxes} <= {minor - inside}


@given(minor=minor, rate=st.sampled_from([INCLUDED, REDUCED, STATE, CITY, ECO]))
def test_a_tax_is_at_most_half_a_cent_off(minor: int, rate: TaxRate) -> None:
    (tax,) = tax_of(euros(minor), (rate,))

    whole = PPM + rate.rate_ppm if rate.included else PPM
    assert abs(Fraction(minor * rate.rate_ppm, whole) - tax.amount.minor) <= Fraction(1, 2)


@given(minor=minor, rates=tax_sets)
def test_the_tax_of_what_is_given_back_is_the_exact_negative(
    minor: int, rates: tuple[TaxRate, ...]
) -> None:
    paid, given_back = tax_of(euros(minor), rates), tax_of(euros(-minor), rates)

    assert amounts_of(given_back) == [-amount for amount in amounts_of(paid)]


@given(taxed=taxed_amounts)
def test_per_line_every_line_stands_for_itself(
    taxed: list[tuple[int, tuple[TaxRate, ...]]],
) -> None:
    amounts = [euros(minor) for minor, _ in taxed]

    lines = tax_lines(amounts, [rates for _, rates in taxed], TaxRounding.LINE)

    alone = [tax_of(euros(minor), rates) for minor, rates in taxed]
    assert list(lines) == alone


@given(minors=st.lists(st.integers(0, 10**6), min_size=1, max_size=20), rates=tax_sets)
def test_per_receipt_the_lines_add_up_to_the_tax_of_the_sum(
    minors: list[int], rates: tuple[TaxRate, ...]
) -> None:
    amounts = [euros(minor) for minor in minors]

    lines = tax_lines(amounts, [rates] * len(amounts), TaxRounding.RECEIPT)

    together = tax_of(euros(sum(minors)), rates)
    for position, tax in enumerate(together):
        assert sum(line[position].amount.minor for line in lines) == tax.amount.minor


def test_per_receipt_one_rounding_takes_the_place_of_many() -> None:
    cents = [euros(3)] * 10

    per_line = tax_lines(cents, [(INCLUDED,)] * 10, TaxRounding.LINE)
    per_receipt = tax_lines(cents, [(INCLUDED,)] * 10, TaxRounding.RECEIPT)

    assert sum(sum(amounts_of(line)) for line in per_line) == 10
    assert sum(sum(amounts_of(line)) for line in per_receipt) == 5


@given(taxed=taxed_amounts, rounding=both)
def test_giving_everything_back_gives_every_tax_back(
    taxed: list[tuple[int, tuple[TaxRate, ...]]], rounding: TaxRounding
) -> None:
    rates = [own for _, own in taxed]

    paid = tax_lines([euros(minor) for minor, _ in taxed], rates, rounding)
    given_back = tax_lines([euros(-minor) for minor, _ in taxed], rates, rounding)

    assert [amounts_of(line) for line in given_back] == [
        [-amount for amount in amounts_of(line)] for line in paid
    ]


@given(taxed=taxed_amounts, rounding=both, order=st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_change_what_a_tax_comes_to(
    taxed: list[tuple[int, tuple[TaxRate, ...]]], rounding: TaxRounding, order: object
) -> None:
    shuffled = list(taxed)
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands over a Random

    assert by_code(taxed, rounding) == by_code(shuffled, rounding)


def by_code(taxed: list[tuple[int, tuple[TaxRate, ...]]], rounding: TaxRounding) -> dict[str, int]:
    """Add up each tax over all lines."""
    amounts = [euros(minor) for minor, _ in taxed]
    totals: dict[str, int] = {}
    for line in tax_lines(amounts, [rates for _, rates in taxed], rounding):
        for tax in line:
            totals[tax.code] = totals.get(tax.code, 0) + tax.amount.minor
    return totals


def test_per_receipt_what_comes_back_is_taxed_apart_from_what_is_sold() -> None:
    amounts = [euros(12_00), euros(-12_00), euros(-6_00)]

    lines = tax_lines(amounts, [(INCLUDED,)] * 3, TaxRounding.RECEIPT)

    assert [amounts_of(line) for line in lines] == [[2_00], [-2_00], [-1_00]]


@pytest.mark.parametrize(
    ("ppm", "percent"),
    [(200_000, "20"), (55_000, "5.5"), (0, "0"), (72_500, "7.25"), (1, "0.0001")],
)
def test_a_rate_reads_as_people_write_it(ppm: int, percent: str) -> None:
    assert TaxRate("A", "VAT", ppm).percent == percent


@pytest.mark.parametrize(("ppm", "reason"), [(-1, ""), (1, "books")])
def test_what_no_law_knows_is_refused(ppm: int, reason: str) -> None:
    with pytest.raises(NotATax):
        TaxRate("A", "VAT", ppm, exempt_reason=reason)


def test_the_order_in_which_goods_list_their_taxes_changes_nothing() -> None:
    state = TaxRate("A", "State", 62_500, included=False)
    city = TaxRate("B", "City", 62_500, included=False)
    amounts = [Money(4, "USD"), Money(4, "USD")]

    alike = tax_lines(amounts, [(state, city), (state, city)], TaxRounding.RECEIPT)
    turned = tax_lines(amounts, [(state, city), (city, state)], TaxRounding.RECEIPT)

    assert [sorted(line, key=lambda tax: tax.code) for line in turned] == [list(o) for o in alike]
    assert [tax.code for tax in turned[1]] == ["B", "A"]
