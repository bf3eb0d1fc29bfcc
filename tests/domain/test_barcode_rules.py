"""A shop's own labels under any rule it may have chosen: written by a scale, read by the till."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.barcode import BadCode, InStoreRule, ScannedCode, check_digit, parse_code
from domain.errors import DomainError
from domain.money import Money

PREFIXES = st.sampled_from(["02", "20", "21", "25", "28", "29"])
ORDINARY = "5901234123457"
GTIN = "09521234543213"


@dataclass(frozen=True)
class Label:
    """What a scale prints: the rule it was set to, the item and the figure, some ignored digits."""

    pattern: str
    item: int
    figure: int
    ignored: int

    @property
    def rule(self) -> InStoreRule:
        return InStoreRule(self.pattern)

    @property
    def code(self) -> str:
        """Write the digits into the letters of the pattern, each number from its left."""
        digits = {letter: iter(self.padded(letter)) for letter in "IPWV"}
        payload = "".join(
            next(digits[letter]) if letter in digits else letter for letter in self.pattern[:-1]
        )
        return payload + check_digit(payload)

    def padded(self, letter: str) -> str:
        number = {"I": self.item, "V": self.ignored}.get(letter, self.figure)
        places = self.pattern.count(letter)
        return f"{number:0{places}d}"[-places:] if places else ""


@st.composite
def labels(draw: st.DrawFn, letter: str) -> Label:
    """Any order of item, figure and ignored digits behind a prefix."""
    figures, ignored = draw(st.integers(4, 6)), draw(st.integers(0, 1))
    items = 10 - figures - ignored
    body = draw(st.permutations(letter * figures + "V" * ignored + "I" * items))
    return Label(
        pattern=f"{draw(PREFIXES)}{''.join(body)}C",
        item=draw(st.integers(0, 10**items - 1)),
        figure=draw(st.integers(0, 10**figures - 1)),
        ignored=draw(st.integers(0, 9)),
    )


def read(label: Label, currency: str = "EUR") -> ScannedCode:
    return parse_code(label.code, (label.rule,), currency)


@given(labels("P"), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_any_printed_price_is_read_to_the_minor_unit(label: Label, currency: str) -> None:
    scanned = read(label, currency)

    assert scanned.price == Money(label.figure, currency)
    assert scanned.grams is None


@given(labels("W"))
def test_any_printed_weight_is_read_to_the_gram(label: Label) -> None:
    scanned = read(label)

    assert scanned.grams == label.figure
    assert scanned.price is None


@given(st.one_of(labels("P"), labels("W")), st.integers(0, 9_999), st.integers(0, 9))
def test_the_product_does_not_depend_on_figure_or_ignored_digit(
    label: Label, figure: int, ignored: int
) -> None:
    other = Label(label.pattern, label.item, figure, ignored)

    assert read(other).gtin == read(label).gtin


@given(st.one_of(labels("P"), labels("W")), st.data())
def test_another_item_is_another_product(label: Label, data: st.DataObject) -> None:
    highest = 10 ** label.pattern.count("I") - 1
    item = data.draw(st.integers(0, highest).filter(lambda number: number != label.item))

    assert read(Label(label.pattern, item, label.figure, 0)).gtin != read(label).gtin


@given(st.one_of(labels("P"), labels("W")))
def test_the_products_own_barcode_is_a_code_that_means_itself(label: Label) -> None:
    own = read(label).gtin[1:]

    again = parse_code(own, (label.rule,), "EUR")

    assert again.gtin == read(label).gtin
    assert not again.price
    assert not again.grams


@given(st.one_of(labels("P"), labels("W")), st.integers(0, 12), st.integers(1, 9))
def test_no_misread_digit_becomes_another_price(label: Label, place: int, off: int) -> None:
    wrong = str((int(label.code[place]) + off) % 10)
    misread = label.code[:place] + wrong + label.code[place + 1 :]

    with pytest.raises(BadCode, match="check digit"):
        parse_code(misread, (label.rule,), "EUR")


@given(labels("P"), labels("W"))
def test_the_first_rule_that_matches_is_the_one_that_counts(price: Label, weight: Label) -> None:
    assume(price.pattern[:2] == weight.pattern[:2])
    rules = (price.rule, weight.rule)

    scanned = parse_code(weight.code, rules, "EUR")
    swapped = parse_code(weight.code, rules[::-1], "EUR")

    assert scanned.price is not None
    assert (swapped.price, swapped.grams) == (None, weight.figure)


@given(labels("P"))
def test_a_label_scanned_where_no_rule_knows_it_has_no_price(label: Label) -> None:
    scanned = parse_code(label.code, (), "EUR")

    assert scanned == ScannedCode("0" + label.code)


@given(st.one_of(labels("P"), labels("W")))
def test_rules_leave_the_codes_of_makers_alone(label: Label) -> None:
    assert parse_code(ORDINARY, (label.rule,), "EUR") == ScannedCode("0" + ORDINARY)


@given(labels("P"), st.sampled_from("ABXZ-. "))
def test_a_letter_on_a_label_is_told_and_not_guessed(label: Label, letter: str) -> None:
    damaged = label.code[:6] + letter + label.code[7:]
    assume(damaged == damaged.strip())

    with pytest.raises(BadCode, match="digits only"):
        parse_code(damaged, (label.rule,), "EUR")


@given(st.text("029IIPWV", min_size=12, max_size=12))
def test_a_pattern_is_either_refused_in_words_or_can_be_used(body: str) -> None:
    if "I" not in body or ("P" in body) == ("W" in body):
        with pytest.raises(DomainError, match="needs I and one of P or W"):
            InStoreRule(body + "C")
        return

    rule = InStoreRule(body + "C")

    digits = "".join(letter if letter.isdigit() else "7" for letter in body)
    code = digits + check_digit(digits)
    assert rule.matches(code)
    assert (rule.read(code, "P") is None) != (rule.read(code, "W") is None)


@given(st.text("0129IPWVCX", max_size=16))
def test_what_is_no_pattern_of_thirteen_is_refused_as_it_was_written(pattern: str) -> None:
    assume(len(pattern) != 13 or not pattern.endswith("C") or set("CX") & set(pattern[:-1]))

    with pytest.raises(DomainError, match="is not an in-store pattern") as raised:
        InStoreRule(pattern)

    assert repr(pattern) in str(raised.value)


@given(st.integers(1, 999_999), st.integers(0, 5))
def test_an_element_strings_weight_is_rounded_once_to_the_gram(value: int, decimals: int) -> None:
    scanned = parse_code(f"01{GTIN}310{decimals}{value:06d}", (), "EUR")

    exact_thousandths = value * 1_000
    assert scanned.grams is not None
    assert abs(scanned.grams * 10**decimals - exact_thousandths) * 2 <= 10**decimals


@given(st.integers(0, 99_999), st.sampled_from([("JPY", 0), ("EUR", 2), ("KWD", 3)]))
def test_an_element_strings_amount_is_read_in_the_decimals_of_the_shop(
    minor: int, currency: tuple[str, int]
) -> None:
    code, decimals = currency

    scanned = parse_code(f"01{GTIN}392{decimals}{minor:06d}", (), code)

    assert scanned.price == Money(minor, code)


@given(st.text("ABC123-/", min_size=1, max_size=20), st.text("XYZ789", min_size=1, max_size=20))
def test_any_batch_and_serial_number_come_through_as_printed(batch: str, serial: str) -> None:
    scanned = parse_code(f"]C101{GTIN}10{batch}\x1d21{serial}", (), "EUR")

    assert (scanned.gtin, scanned.batch, scanned.serial) == (GTIN, batch, serial)
