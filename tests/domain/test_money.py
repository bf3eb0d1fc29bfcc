"""Money: whole minor units, divided without loss, rounded once and the same way for both signs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import CASH_STEPS, CURRENCIES, minor

from domain.money import (
    CurrencyMismatch,
    Money,
    NotMoney,
    UnitPrice,
    decimal_text,
    exponent,
    parse_decimal,
    round_half_up,
)

weights = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=30)
currencies = st.sampled_from(CURRENCIES)


@given(minor=minor, currency=currencies, weights=weights)
def test_the_parts_of_a_split_add_up(minor: int, currency: str, weights: list[int]) -> None:
    assume(sum(weights))
    money = Money(minor, currency)

    parts = money.split(weights)

    assert Money.total(parts, currency) == money
    assert len(parts) == len(weights)


@given(minor=minor, weights=weights)
def test_no_part_is_a_whole_cent_away_from_its_exact_share(minor: int, weights: list[int]) -> None:
    assume(sum(weights))

    parts = Money(minor, "EUR").split(weights)

    for part, weight in zip(parts, weights, strict=True):
        assert abs(Fraction(minor * weight, sum(weights)) - part.minor) < 1


@given(minor=minor, weights=weights)
def test_splitting_what_is_given_back_mirrors_splitting_what_was_paid(
    minor: int, weights: list[int]
) -> None:
    assume(sum(weights))
    money = Money(minor, "EUR")

    given_back = (-money).split(weights)

    assert given_back == tuple(-part for part in money.split(weights))


def test_equal_claims_to_the_last_cent_go_to_the_first() -> None:
    parts = Money(100, "EUR").split([1, 1, 1])

    assert [part.minor for part in parts] == [34, 33, 33]


def test_nothing_can_be_split_by_nothing_but_something_cannot() -> None:
    assert Money(0, "EUR").split([0, 0]) == (Money(0, "EUR"), Money(0, "EUR"))

    for money, weights in ((Money(1, "EUR"), [0, 0]), (Money(5, "EUR"), [2, -1])):
        with pytest.raises(NotMoney, match="Cannot split"):
            money.split(weights)

    with pytest.raises(NotMoney):
        Money(1, "EUR").split([])


@given(minor=minor, step=st.sampled_from(CASH_STEPS))
def test_cash_rounding_is_nearest_and_symmetric(minor: int, step: int) -> None:
    rounded = Money(minor, "CHF").rounded_to(step)

    assert rounded.minor % step == 0
    assert abs(rounded.minor - minor) * 2 <= step
    assert Money(-minor, "CHF").rounded_to(step) == -rounded


@pytest.mark.parametrize(
    ("minor", "step", "rounded"),
    [
        (122, 5, 120),
        (123, 5, 125),
        (1_25, 10, 1_30),
        (1_24, 10, 1_20),
        (1_25, 50, 1_50),
        (1_24, 50, 1_00),
        (49, 100, 0),
        (50, 100, 100),
        (-50, 100, -100),
    ],
)
def test_cash_rounds_to_the_coins_there_are(minor: int, step: int, rounded: int) -> None:
    assert Money(minor, "CHF").rounded_to(step) == Money(rounded, "CHF")


def test_a_coin_is_at_least_one_minor_unit() -> None:
    with pytest.raises(NotMoney, match="at least 1"):
        Money(1, "EUR").rounded_to(0)


@given(st.integers(-(10**15), 10**15), st.integers(0, 9), st.integers(0, 9))
def test_halves_are_rounded_away_from_zero(numerator: int, twos: int, fives: int) -> None:
    denominator = 2**twos * 5**fives  # so that the quotient is an exact decimal
    exact = Decimal(numerator) / Decimal(denominator)

    rounded = round_half_up(numerator, denominator)

    assert rounded == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_rounding_is_at_most_half_a_unit_off(numerator: int, denominator: int) -> None:
    rounded = round_half_up(numerator, denominator)

    assert abs(Fraction(numerator, denominator) - rounded) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("currency", "digits", "text"),
    [
        ("JPY", 0, "1234 JPY"),
        ("EUR", 2, "12.34 EUR"),
        ("KWD", 3, "1.234 KWD"),
        ("CLF", 4, "0.1234 CLF"),
    ],
)
def test_each_currency_has_its_own_decimals(currency: str, digits: int, text: str) -> None:
    assert exponent(currency) == digits
    assert str(Money(1234, currency)) == text


@pytest.mark.parametrize("currency", ["", "EU", "eur", "EURO", "€", "\u0415UR"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(NotMoney, match="ISO 4217"):
        exponent(currency)


def test_currencies_are_never_mixed() -> None:
    euro, dollar = Money(1, "EUR"), Money(1, "USD")

    mixes: list[Callable[[], Money]] = [
        lambda: euro + dollar,
        lambda: euro - dollar,
        lambda: Money.total([euro, dollar], "EUR"),
    ]
    for mix in mixes:
        with pytest.raises(CurrencyMismatch, match="one ticket has one currency"):
            mix()


@given(st.lists(minor, max_size=30))
def test_a_total_does_not_depend_on_the_order(amounts: list[int]) -> None:
    money = [Money(amount, "EUR") for amount in amounts]

    total = Money.total(money, "EUR")

    assert total == Money.total(reversed(money), "EUR") == Money(sum(amounts), "EUR")


def test_money_is_true_when_there_is_some() -> None:
    assert Money(1, "EUR")
    assert Money(-1, "EUR")
    assert not Money.zero("EUR")


@given(
    micros=st.integers(0, 10**12),
    thousandths=st.integers(-(10**8), 10**8),
    currency=currencies,
)
def test_a_unit_price_is_extended_exactly_and_rounded_once(
    micros: int, thousandths: int, currency: str
) -> None:
    price = UnitPrice(micros, currency)

    money = price.times(thousandths)

    exact = Fraction(micros * thousandths, 1000) / 10 ** (6 - exponent(currency))
    assert abs(exact - money.minor) <= Fraction(1, 2)
    assert price.times(-thousandths) == -money


@given(minor=st.integers(0, 10**9), currency=currencies)
def test_the_unit_price_of_an_amount_is_that_amount(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert UnitPrice.of(money).times(1000) == money


@pytest.mark.parametrize(
    ("price", "text"),
    [
        ("2.955", "2.955 EUR"),
        ("3", "3.00 EUR"),
        ("0.1", "0.10 EUR"),
        ("0.000001", "0.000001 EUR"),
    ],
)
def test_a_price_finer_than_a_cent_keeps_its_decimals(price: str, text: str) -> None:
    assert str(UnitPrice.parse(price, "EUR")) == text
    assert str(UnitPrice.parse("120", "JPY")) == "120 JPY"


@pytest.mark.parametrize("text", ["", ".", ".5", "1e3", "1,5", "1.0000001", "٣", "--1", "1 "])
def test_what_is_no_decimal_is_refused_rather_than_guessed(text: str) -> None:
    with pytest.raises(NotMoney):
        UnitPrice.parse(text, "EUR")


@given(value=st.integers(-(10**12), 10**12), digits=st.integers(0, 6))
def test_decimals_are_read_as_they_were_written(value: int, digits: int) -> None:
    assert parse_decimal(decimal_text(value, digits), digits) == value
