"""Codes as scanners send them: what they mean, and why some mean nothing."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.barcode import (
    BadCode,
    InStoreRule,
    ScannedCode,
    check_digit,
    gtin_key,
    parse_code,
)
from domain.errors import DomainError
from domain.money import Money

PRICE_RULE = InStoreRule("21IIIIIPPPPPC")
WEIGHT_RULE = InStoreRule("28IIIIIWWWWWC")
CHECKED_RULE = InStoreRule("02IIIIVPPPPPC")
RULES = (PRICE_RULE, WEIGHT_RULE, CHECKED_RULE)
FNC1 = "\x1d"
GTIN = "09521234543213"
payloads = st.integers(1, 10**13 - 1).map(str)


def read(text: str, currency: str = "EUR") -> ScannedCode:
    return parse_code(text, RULES, currency)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("96385074", "00000096385074"),  # EAN-8
        ("5901234123457", "05901234123457"),  # EAN-13
        ("036000291452", "00036000291452"),  # UPC-A
        ("10614141000415", "10614141000415"),  # GTIN-14
        ("04252614", "00042100005264"),  # UPC-E with number system and check digit
        ("]E05901234123457", "05901234123457"),
        ("]E496385074", "00000096385074"),
        ("  5901234123457\n", "05901234123457"),
    ],
)
def test_every_kind_of_retail_code_becomes_one_key_of_fourteen_digits(code: str, key: str) -> None:
    assert read(code).gtin == key


@given(payload=st.integers(0, 10**11 - 1))
def test_a_upc_a_and_its_ean_13_are_the_same_product(payload: int) -> None:
    assume(not 2 * 10**9 <= payload < 3 * 10**9)  # EAN-13 02…: the shop's own codes
    upc = f"{payload:011d}"
    upc += check_digit(upc)

    assert gtin_key(upc) == gtin_key("0" + upc)


@given(payload=st.integers(0, 10**13 - 1), position=st.integers(0, 12), other=st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(payload: int, position: int, other: int) -> None:
    code = f"{payload:013d}"
    code += check_digit(code)
    wrong = str((int(code[position]) + other) % 10)

    with pytest.raises(BadCode, match="check digit"):
        gtin_key(code[:position] + wrong + code[position + 1 :])


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "0 characters"),
        ("   ", "0 characters"),
        ("12345", "5 digits, expected 8, 12, 13 or 14"),
        ("59012341234", "11 digits"),
        ("590123412345", "check digit"),
        ("5901234123450", "the check digit is 0, expected 7"),
        ("59012341234577", "check digit"),
        ("TEA-1", "digits only"),
        ("\uff15901234123457", "digits only"),
        ("1" * 500, "500 characters"),
        ("https://id.example/01/09521234543213", "digits only"),
    ],
)
def test_a_code_that_is_none_says_why(code: str, reason: str) -> None:
    with pytest.raises(BadCode, match=reason):
        read(code)


@given(st.text(max_size=60) | st.text("0123456789]C\x1d ", max_size=60))
def test_whatever_a_scanner_sends_is_a_code_or_a_bad_code(text: str) -> None:
    with suppress(BadCode):
        scanned = read(text)
        assert len(scanned.gtin) == 14
        assert scanned.gtin.isdigit()


def test_an_embedded_price_is_read_in_the_shops_currency() -> None:
    code = "211234500498"

    scanned = read(code + check_digit(code))

    assert scanned == ScannedCode("02112345000000"[:13] + scanned.gtin[-1], Money(498, "EUR"))
    assert read(code + check_digit(code), "JPY").price == Money(498, "JPY")


def test_an_embedded_weight_is_read_in_grams() -> None:
    code = "281000101250"

    scanned = read(code + check_digit(code))

    assert (scanned.grams, scanned.price) == (1_250, None)


@given(item=st.integers(0, 99_999), first=st.integers(0, 99_999), second=st.integers(0, 99_999))
def test_all_labels_of_one_item_mean_the_same_product(item: int, first: int, second: int) -> None:
    codes = [f"21{item:05d}{cents:05d}" for cents in (first, second, 0)]

    scans = [read(code + check_digit(code)) for code in codes]

    assert [scan.price for scan in scans] == [Money(c, "EUR") for c in (first, second, 0)]
    assert len({scan.gtin for scan in scans}) == 1
    assert scans[2].gtin == "0" + codes[2] + check_digit(codes[2])


def test_a_digit_that_is_not_checked_is_no_part_of_the_item() -> None:
    one, other = "021234700150", "021234900150"

    scans = [read(code + check_digit(code)) for code in (one, other)]

    assert scans[0] == scans[1]
    assert scans[0].price == Money(150, "EUR")


def test_a_label_with_a_wrong_check_digit_sells_nothing() -> None:
    with pytest.raises(BadCode, match="check digit"):
        read("2112345004980"[:-1] + str((int(check_digit("211234500498")) + 1) % 10))


def test_a_code_like_a_label_without_a_rule_is_an_ordinary_code() -> None:
    code = "299999999999"

    assert read(code + check_digit(code)).gtin == "0" + code + check_digit(code)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "21IIIIIPPPPP",
        "21IIIIIPPPPPP",
        "21IIIIIWPPPPC",
        "21IIIIIIIIIIC",
        "21PPPPPPPPPPC",
        "21xIIIIPPPPPC",
    ],
)
def test_a_rule_that_cannot_work_is_refused(pattern: str) -> None:
    with pytest.raises(DomainError, match="pattern"):
        InStoreRule(pattern)


def test_an_element_string_carries_lot_serial_and_dates() -> None:
    scanned = read(f"]C101{GTIN}15270131{FNC1}17270228{FNC1}10LOT-7{FNC1}21SN99")

    assert scanned == ScannedCode(
        GTIN,
        expires_on=dt.date(2027, 2, 28),
        best_before=dt.date(2027, 1, 31),
        batch="LOT-7",
        serial="SN99",
    )


@pytest.mark.parametrize(
    ("ai", "value", "grams"),
    [("3100", "000002", 2_000), ("3103", "001250", 1_250), ("3105", "012505", 125)],
)
def test_a_net_weight_is_read_at_every_number_of_decimals(ai: str, value: str, grams: int) -> None:
    assert read(f"01{GTIN}{ai}{value}").grams == grams


@pytest.mark.parametrize(
    ("currency", "ai", "value", "minor"),
    [
        ("EUR", "3922", "498", 498),
        ("EUR", "3920", "5", 500),
        ("JPY", "3920", "500", 500),
        ("KWD", "3923", "1250", 1250),
        ("EUR", "3923", "4980", 498),
    ],
)
def test_an_amount_payable_is_read_in_the_shops_currency(
    currency: str, ai: str, value: str, minor: int
) -> None:
    assert read(f"01{GTIN}{ai}{value}", currency).price == Money(minor, currency)


def test_a_price_finer_than_the_currency_is_not_rounded_in_silence() -> None:
    with pytest.raises(BadCode, match="finer than the smallest JPY unit"):
        read(f"01{GTIN}39220499", "JPY")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("]C110LOT7", r"no GTIN \(01\) in it, only 10"),
        ("]C1", "0 characters"),
        (f"]C101{GTIN[:-1]}4", "the check digit is 4, expected 3"),
        (f"]C101{GTIN}99", "not a GS1 element string"),
        (f"01{GTIN}17279999", "not a GS1 element string"),
        ("]d2" + FNC1, "0 characters"),
    ],
)
def test_an_element_string_that_is_broken_says_why(code: str, reason: str) -> None:
    with pytest.raises(BadCode, match=reason):
        read(code)


@given(payload=payloads)
def test_the_check_digit_makes_the_weighted_sum_a_multiple_of_ten(payload: str) -> None:
    code = payload + check_digit(payload)

    weighted = sum(int(d) * (1 if i % 2 == 0 else 3) for i, d in enumerate(reversed(code)))

    assert weighted % 10 == 0
