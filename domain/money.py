"""Money in whole minor units, unit prices finer than that, and rounding that loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from domain.errors import DomainError

# Source: ISO 4217 list one; every currency not named here has two decimals.
UNUSUAL_EXPONENTS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0)
    | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
    | dict.fromkeys("CLF UYW".split(), 4)
)
_CURRENCY_LETTERS = 3
MICROS_DIGITS = 6


class NotMoney(DomainError):
    """A value that cannot be an amount of money."""


class CurrencyMismatch(DomainError):
    """Amounts of two currencies were mixed."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"Cannot combine {left} with {right}: one ticket has one currency.")


def exponent(currency: str) -> int:
    """Return the number of decimal digits of the currency's minor unit, 0 to 4."""
    if len(currency) != _CURRENCY_LETTERS or not currency.isascii() or not currency.isupper():
        message = f"{currency!r} is not an ISO 4217 currency code such as EUR."
        raise NotMoney(message)
    return UNUSUAL_EXPONENTS.get(currency, 2)


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest integer, halves away from zero (commercial rounding)."""
    quotient, remainder = divmod(abs(numerator), denominator)
    if 2 * remainder >= denominator:
        quotient += 1
    return quotient if numerator >= 0 else -quotient


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in whole minor units (cents) of one ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in the given currency."""
        return cls(0, currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Money:
        """Add amounts that must all be in the given currency."""
        minor = 0
        for amount in amounts:
            if amount.currency != currency:
                raise CurrencyMismatch(currency, amount.currency)
            minor += amount.minor
        return Money(minor, currency)

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.minor

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency."""
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract an amount of the same currency."""
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        """Turn what is owed into what is given back."""
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        """Tell whether there is any money at all."""
        return self.minor != 0

    def __str__(self) -> str:
        """Write the amount with its decimals, as in `3.50 EUR`."""
        return f"{self.amount} {self.currency}"

    @property
    def amount(self) -> str:
        """The number alone with the currency's decimals, as in `3.50`."""
        return decimal_text(self.minor, exponent(self.currency))

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Divide in proportion to non-negative integer weights; the parts always add up.

        Largest-remainder method (Hamilton): no part differs from its exact share by a whole
        minor unit, and equal remainders go to the earlier part.
        """
        if not weights or min(weights) < 0:
            message = f"Cannot split {self} by weights {list(weights)}: need weights of 0 or more."
            raise NotMoney(message)
        whole = sum(weights)
        if whole == 0:
            if self.minor:
                message = f"Cannot split {self} by weights that are all zero."
                raise NotMoney(message)
            return tuple(self for _ in weights)
        sign = -1 if self.minor < 0 else 1
        parts, remainders = zip(*(divmod(abs(self.minor) * w, whole) for w in weights), strict=True)
        left = abs(self.minor) - sum(parts)
        lucky = set(sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:left])
        return tuple(
            Money(sign * (part + (index in lucky)), self.currency)
            for index, part in enumerate(parts)
        )

    def rounded_to(self, step_minor: int) -> Money:
        """Round to a multiple of the smallest coin, halves away from zero."""
        if step_minor < 1:
            message = f"A cash rounding step must be at least 1 minor unit, not {step_minor}."
            raise NotMoney(message)
        return Money(round_half_up(self.minor, step_minor) * step_minor, self.currency)


@dataclass(frozen=True, slots=True, order=True)
class UnitPrice:
    """A price per piece or per kilogram in micros: millionths of the currency's major unit."""

    micros: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> UnitPrice:
        """Make a unit price of a whole amount."""
        return cls(money.minor * 10 ** (MICROS_DIGITS - exponent(money.currency)), money.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> UnitPrice:
        """Read a decimal such as `2.955`; at most six decimals, no exponent, no grouping."""
        return cls(parse_decimal(text, MICROS_DIGITS), currency)

    def times(self, thousandths: int) -> Money:
        """Extend to thousandths of the unit, rounded half up once to the minor unit."""
        scale = 1000 * 10 ** (MICROS_DIGITS - exponent(self.currency))
        return Money(round_half_up(self.micros * thousandths, scale), self.currency)

    def __str__(self) -> str:
        """Write the price with the currency's decimals, or more where it is finer."""
        digits = exponent(self.currency)
        text = decimal_text(self.micros, MICROS_DIGITS).rstrip("0")
        whole, _, decimals = text.partition(".")
        number = f"{whole}.{decimals.ljust(digits, '0')}" if decimals or digits else whole
        return f"{number} {self.currency}"


def decimal_text(value: int, digits: int) -> str:
    """Write an integer of 10^-digits as a plain decimal."""
    if digits == 0:
        return str(value)
    sign = "-" if value < 0 else ""
    whole, decimals = divmod(abs(value), 10**digits)
    return f"{sign}{whole}.{decimals:0{digits}d}"


def parse_decimal(text: str, digits: int) -> int:
    """Read a plain decimal as an integer of 10^-digits; refuse what would lose a digit."""
    sign = -1 if text.startswith("-") else 1
    whole, _, decimals = text.removeprefix("-").partition(".")
    decimals = decimals.rstrip("0")
    numeral = whole + decimals
    if not whole or not numeral.isascii() or not numeral.isdigit() or len(decimals) > digits:
        message = f"{text!r} is not a decimal number with at most {digits} decimals."
        raise NotMoney(message)
    return sign * int(whole + decimals.ljust(digits, "0"))
