"""The lines a cashier has collected, before anybody has paid; each change makes a new basket."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from domain.catalog import Product
from domain.errors import DomainError, NotFound
from domain.money import Money, UnitPrice
from domain.quantity import Quantity, Unit
from domain.tax import TaxRate

MOST_LINES = 2_000
MOST_THOUSANDTHS = 100_000_000


class PriceSource(StrEnum):
    """Where a line's price came from."""

    CATALOG = "catalog"
    EMBEDDED = "embedded"
    OVERRIDE = "override"


class LineRefused(DomainError):
    """A line that cannot be put into the basket."""


class NoSuchLine(NotFound):
    """A line that is not in the basket (any more)."""

    def __init__(self, line_id: UUID) -> None:
        super().__init__(f"Line {line_id} is not on this ticket.")


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One product and how much of it; `embedded_total` replaces price × quantity when printed."""

    id: UUID
    sku: str
    name: str
    quantity: Quantity
    unit_price: UnitPrice
    taxes: tuple[TaxRate, ...]
    price_source: PriceSource = PriceSource.CATALOG
    embedded_total: Money | None = None
    discount: Money | None = None
    discount_reason: str = ""
    gtin: str = ""
    category: str = ""
    batch: str = ""
    serial: str = ""

    @property
    def may_merge(self) -> bool:
        """Tell whether scanning the same product again may raise this line's quantity."""
        return (
            self.quantity.unit is Unit.PIECE
            and self.price_source is PriceSource.CATALOG
            and not (self.discount or self.batch or self.serial)
        )


@dataclass(frozen=True, slots=True)
class Basket:
    """A ticket in the making."""

    id: UUID
    currency: str
    lines: tuple[BasketLine, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything is in it."""
        return bool(self.lines)

    def line(self, line_id: UUID) -> BasketLine:
        """Return one line or raise `NoSuchLine`."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise NoSuchLine(line_id)

    def add(self, line: BasketLine) -> Basket:
        """Put a line at the end, or raise the quantity of the same product already there."""
        self._check(line)
        self._check_taxes(line)
        for own in self.lines:
            if own.sku == line.sku and own.may_merge and _same_goods(own, line):
                return self.with_quantity(own.id, own.quantity + line.quantity)
        if len(self.lines) >= MOST_LINES:
            message = f"A ticket holds at most {MOST_LINES} lines. Finish it and start another."
            raise LineRefused(message)
        return replace(self, lines=(*self.lines, line))

    def with_quantity(self, line_id: UUID, quantity: Quantity) -> Basket:
        """Change how much of one line is bought."""
        line = self.line(line_id)
        if quantity.unit is not line.quantity.unit:
            message = f"{line.name} is sold by {line.quantity.unit}, not by {quantity.unit}."
            raise LineRefused(message)
        if line.embedded_total is not None and quantity != line.quantity:
            message = f"{line.name} carries its price on the label: scan each pack."
            raise LineRefused(message)
        return self._with(replace(line, quantity=quantity))

    def with_discount(self, line_id: UUID, discount: Money, reason: str) -> Basket:
        """Take an amount off one line."""
        return self._with(replace(self.line(line_id), discount=discount, discount_reason=reason))

    def without(self, line_id: UUID) -> Basket:
        """Take one line out."""
        self.line(line_id)
        return replace(self, lines=tuple(line for line in self.lines if line.id != line_id))

    def _with(self, line: BasketLine) -> Basket:
        self._check(line)
        lines = tuple(line if own.id == line.id else own for own in self.lines)
        return replace(self, lines=lines)

    def _check_taxes(self, line: BasketLine) -> None:
        """Refuse a tax that has changed since the ticket was begun: one receipt, one rate each."""
        rates = {rate.code: rate for own in self.lines for rate in own.taxes}
        for rate in line.taxes:
            if rates.get(rate.code, rate) != rate:
                message = f"The tax {rate.code} has just changed. Finish this ticket, then sell"
                raise LineRefused(f"{message} {line.name} on the next one.")

    def _check(self, line: BasketLine) -> None:
        if not 0 < line.quantity.thousandths <= MOST_THOUSANDTHS:
            message = f"{line.quantity} of {line.name}: the quantity must be above 0 and sensible."
            raise LineRefused(message)
        if line.unit_price.currency != self.currency:
            message = f"{line.name} is priced in {line.unit_price.currency}, not {self.currency}."
            raise LineRefused(message)
        if line.unit_price.micros < 0 or (line.discount and line.discount.minor < 0):
            message = f"{line.name} has a negative price or discount."
            raise LineRefused(message)


def _same_goods(own: BasketLine, line: BasketLine) -> bool:
    """Tell whether two lines differ in nothing but id and how much of the same unit."""
    alike = own.quantity.unit is line.quantity.unit
    return alike and replace(line, id=own.id, quantity=own.quantity) == own


def line_for(
    product: Product, line_id: UUID, quantity: Quantity, taxes: tuple[TaxRate, ...]
) -> BasketLine:
    """Make the basket line of a product at its catalogue price."""
    if quantity.unit is not product.unit:
        message = f"{product.name} is sold by {product.unit}: weigh it or scan its label."
        raise LineRefused(message)
    return BasketLine(
        id=line_id,
        sku=product.sku,
        name=product.name,
        quantity=quantity,
        unit_price=product.price,
        taxes=taxes,
        gtin=product.barcodes[0] if product.barcodes else "",
        category=product.category,
    )
