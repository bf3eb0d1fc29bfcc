"""How much of something: pieces or kilograms, in whole thousandths."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import DomainError
from domain.money import decimal_text, parse_decimal

THOUSAND = 1000


class Unit(StrEnum):
    """What a quantity counts."""

    PIECE = "piece"
    KILOGRAM = "kg"


class NotAQuantity(DomainError):
    """A quantity that nobody can sell."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """Thousandths of a piece or of a kilogram; whole pieces only."""

    thousandths: int
    unit: Unit = Unit.PIECE

    def __post_init__(self) -> None:
        """Refuse a part of a piece."""
        if self.unit is Unit.PIECE and self.thousandths % THOUSAND:
            message = f"{self} cannot be sold: pieces are whole."
            raise NotAQuantity(message)

    @classmethod
    def pieces(cls, count: int) -> Quantity:
        """Count pieces."""
        return cls(count * THOUSAND)

    @classmethod
    def grams(cls, grams: int) -> Quantity:
        """Weigh grams."""
        return cls(grams, Unit.KILOGRAM)

    @classmethod
    def parse(cls, text: str, unit: Unit) -> Quantity:
        """Read what a person typed, such as `3` or `0.250`."""
        return cls(parse_decimal(text, 3), unit)

    def __add__(self, other: Quantity) -> Quantity:
        """Add a quantity of the same unit."""
        if self.unit is not other.unit:
            message = f"Cannot add {other} to {self}: the units differ."
            raise NotAQuantity(message)
        return Quantity(self.thousandths + other.thousandths, self.unit)

    def __str__(self) -> str:
        """Write `3` for pieces and `0.250 kg` for weights."""
        if self.unit is Unit.PIECE:
            return decimal_text(self.thousandths, 3).removesuffix(".000")
        return f"{decimal_text(self.thousandths, 3)} kg"
