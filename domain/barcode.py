"""What a scanned code says: which product, and the price, weight, lot or expiry printed in it.

Sources: GS1 General Specifications, sections 2.1.12 (restricted circulation), 3 (application
identifiers) and 7.9 (check digit); parsing of standard codes and element strings by `biip`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from biip import ParseError
from biip.gs1_messages import GS1Message
from biip.gtin import Gtin
from biip.upc import Upc

from domain.errors import DomainError
from domain.money import Money, exponent, round_half_up

GTIN_LENGTHS = (8, 12, 13, 14)
_KEY_LENGTH = 14
_GROUP_SEPARATOR = "\x1d"
_SYMBOLOGY_LENGTH = 3
_LONGEST = 200
_SHORT_UPC = (6, 7, 8)


class BadCode(DomainError):
    """A scan that cannot be a product's code; the basket stays as it was."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"Code {code[:40]!r} was not read: {reason}")
        self.code = code


@dataclass(frozen=True, slots=True)
class InStoreRule:
    """How a shop's own 13-digit codes carry a price or a weight, as a 13-character pattern.

    Digits must match; `I` is the item, `P` the price in minor units, `W` the weight in grams,
    `V` a digit that is not checked, `C` the GS1 check digit. Example: `21IIIIIPPPPPC`.
    """

    pattern: str

    def __post_init__(self) -> None:
        """Refuse a pattern that cannot be matched."""
        body, check = self.pattern[:-1], self.pattern[-1:]
        if len(self.pattern) != 13 or check != "C" or set(body) - set("0123456789IPWV"):  # noqa: PLR2004 -- EAN-13
            message = f"{self.pattern!r} is not an in-store pattern such as 21IIIIIPPPPPC."
            raise DomainError(message)
        if ("P" in body) == ("W" in body) or "I" not in body:
            message = f"In-store pattern {self.pattern!r} needs I and one of P or W."
            raise DomainError(message)

    def matches(self, code: str) -> bool:
        """Tell whether the fixed digits of the pattern stand in the code."""
        return len(code) == len(self.pattern) and all(
            wanted == found or not wanted.isdigit()
            for wanted, found in zip(self.pattern, code, strict=True)
        )

    def read(self, code: str, letter: str) -> int | None:
        """Return the number standing at one letter of the pattern, `None` if it has none."""
        digits = [d for wanted, d in zip(self.pattern, code, strict=True) if wanted == letter]
        return int("".join(digits)) if digits else None

    def item_code(self, code: str) -> str:
        """Return the code with price and weight set to zero: the product's own barcode."""
        payload = "".join(
            "0" if wanted in "PWV" else digit
            for wanted, digit in zip(self.pattern[:-1], code[:-1], strict=True)
        )
        return payload + check_digit(payload)


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """A product's key (GTIN as 14 digits) and what else the code carried."""

    gtin: str
    price: Money | None = None
    grams: int | None = None
    expires_on: dt.date | None = None
    best_before: dt.date | None = None
    batch: str = ""
    serial: str = ""


def check_digit(payload: str) -> str:
    """Return the GS1 modulo-10 check digit of the digits before it."""
    weighted = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(payload)))
    return str(-weighted % 10)


def gtin_key(code: str) -> str:
    """Return a GTIN of 8, 12, 13 or 14 digits, or a UPC-E, as the 14 digits the catalogue uses."""
    if not code.isascii() or not code.isdigit():
        raise BadCode(code, "a product code has digits only.")
    problem = _gtin_problem(code)
    if not problem:
        return code.zfill(_KEY_LENGTH)
    expanded = _expand_upc_e(code)
    if expanded:
        return expanded.zfill(_KEY_LENGTH)
    raise BadCode(code, problem)


def _gtin_problem(code: str) -> str:
    if len(code) not in GTIN_LENGTHS:
        return f"{len(code)} digits, expected 8, 12, 13 or 14. Scan again or type it."
    try:
        Gtin.parse(code)
    except ParseError:
        return f"the check digit is {code[-1]}, expected {check_digit(code[:-1])}. Scan again."
    return ""


def _expand_upc_e(code: str) -> str:
    if len(code) not in _SHORT_UPC:
        return ""
    try:
        return Upc.parse(code).as_upc_a()
    except ParseError:
        return ""


def parse_code(text: str, rules: Sequence[InStoreRule], currency: str) -> ScannedCode:
    """Read one scan: a retail code, an in-store code by rule, or a GS1 element string.

    Raises `BadCode` with the value, the reason and what to do.
    """
    code, symbology = _without_symbology(text.strip())
    if not code or len(code) > _LONGEST:
        raise BadCode(code, f"{len(code)} characters, expected 8 to {_LONGEST}.")
    if symbology in _ELEMENT_STRINGS or _looks_like_element_string(code):
        return _parse_element_string(code, currency)
    for rule in rules:
        if rule.matches(code):
            return _parse_in_store(code, rule, currency)
    return ScannedCode(gtin_key(code))


_ELEMENT_STRINGS = frozenset(("]C1", "]e0", "]d2", "]Q3", "]J1"))


def _without_symbology(text: str) -> tuple[str, str]:
    """Split off an AIM symbology identifier such as `]C1`, which good scanners put in front."""
    if text.startswith("]"):
        return text[_SYMBOLOGY_LENGTH:], text[:_SYMBOLOGY_LENGTH]
    return text, ""


def _looks_like_element_string(code: str) -> bool:
    return _GROUP_SEPARATOR in code or (code.startswith("01") and len(code) > 2 + _KEY_LENGTH)


def _parse_in_store(code: str, rule: InStoreRule, currency: str) -> ScannedCode:
    problem = _gtin_problem(code) if code.isascii() and code.isdigit() else "digits only, please."
    if problem:
        raise BadCode(code, problem)
    price = rule.read(code, "P")
    return ScannedCode(
        gtin=rule.item_code(code).zfill(_KEY_LENGTH),
        price=None if price is None else Money(price, currency),
        grams=rule.read(code, "W"),
    )


def _parse_element_string(code: str, currency: str) -> ScannedCode:
    try:
        message = GS1Message.parse(code.lstrip(_GROUP_SEPARATOR))
    except ParseError as error:
        raise BadCode(code, f"not a GS1 element string ({error}).") from error
    found = {element.ai.ai: element for element in message.element_strings}
    values = {ai: element.value for ai, element in found.items()}
    if "01" not in values:
        raise BadCode(code, f"no GTIN (01) in it, only {', '.join(sorted(values))}.")
    return ScannedCode(
        gtin=gtin_key(values["01"]),
        price=_price(code, values, currency),
        grams=_grams(values),
        expires_on=found["17"].date if "17" in found else None,
        best_before=found["15"].date if "15" in found else None,
        batch=values.get("10", ""),
        serial=values.get("21", ""),
    )


def _grams(values: Mapping[str, str]) -> int | None:
    """Read AI 310x: net weight in kilograms with x decimals."""
    for ai, value in values.items():
        if ai.startswith("310"):
            return round_half_up(int(value) * 1000, 10 ** int(ai[3]))
    return None


def _price(code: str, values: Mapping[str, str], currency: str) -> Money | None:
    """Read AI 392x: amount payable in the shop's own currency with x decimals."""
    for ai, value in values.items():
        if ai.startswith("392"):
            minor, lost = divmod(int(value) * 10 ** exponent(currency), 10 ** int(ai[3]))
            if lost:
                raise BadCode(code, f"its price is finer than the smallest {currency} unit.")
            return Money(minor, currency)
    return None
