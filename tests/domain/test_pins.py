"""PINs and badges before they are hashed: what is one, and what a pepper makes of it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pins import (
    LOCKED_FOR,
    MOST_TRIES,
    badge_mark,
    is_badge,
    is_pin,
    peppered,
    store_pepper,
)

PEPPER = bytes(range(32))


@given(st.integers(0, 999_999))
def test_six_digits_are_a_pin(number: int) -> None:
    assert is_pin(f"{number:06d}")


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", " 12345", "१२३४५६", "¹²³⁴⁵⁶"])
def test_nothing_else_is_a_pin(text: str) -> None:
    assert not is_pin(text)


def test_five_tries_and_half_an_hour_are_what_the_promise_says() -> None:
    assert (5, dt.timedelta(minutes=30)) == (MOST_TRIES, LOCKED_FOR)


def test_a_badge_is_told_by_how_it_begins() -> None:
    assert is_badge("TFB0123456789ABCDEFGHJKMNPQ")
    assert not is_badge("4006381333931")
    assert not is_badge("")


def test_a_peppered_pin_is_hmac_sha256_of_the_pin_under_the_pepper() -> None:
    # RFC 2104 with the key 00..1f and the text "pin:246810", worked out by `openssl dgst -hmac`.
    expected = "009ccb3421b0ebd7"

    assert peppered(PEPPER, "246810").hex()[:16] == expected


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_another_pepper_makes_something_else_of_the_same_pin_and_badge(
    one: bytes, other: bytes
) -> None:
    same = one == other

    assert (peppered(one, "246810") == peppered(other, "246810")) is same
    assert (badge_mark(one, "TFB1") == badge_mark(other, "TFB1")) is same


def test_a_badge_whose_code_is_a_pin_has_another_mark() -> None:
    assert badge_mark(PEPPER, "246810") != peppered(PEPPER, "246810").hex()


def test_what_one_stores_tills_hold_is_not_what_anothers_do() -> None:
    peppers = {store_pepper(PEPPER, store) for store in ("", "berlin", "vancouver", "pin:246810")}

    assert len(peppers) == 4
    assert all(len(pepper) == 32 and pepper != PEPPER for pepper in peppers)
