"""From a scan to a line of the ticket: how much, and at whose price."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.barcode import ScannedCode
from domain.basket import BasketLine, LineRefused, PriceSource, line_for
from domain.catalog import Product
from domain.money import Money, UnitPrice, round_half_up
from domain.quantity import THOUSAND, Quantity, Unit
from domain.tax import TaxRate
from till_kivy.hardware.protocols import Scale, ScaleRefused


def scanned_line(
    scanned: ScannedCode,
    product: Product,
    line_id: UUID,
    taxes: tuple[TaxRate, ...],
    scale: Scale | None,
) -> BasketLine:
    """Make the line a scan means.

    A printed price is what the customer pays; where the product is sold by weight, the weight is
    that price divided by the price per kilogram, to the gram. A printed weight is extended at the
    catalogue's price. A label with neither, or with zeros, is the product itself: one piece, or
    what the scale says. Raises `ScaleRefused` when there is no weight that may be sold by.
    """
    quantity = _quantity(scanned, product, scale)
    line = replace(
        line_for(product, line_id, quantity, taxes), batch=scanned.batch, serial=scanned.serial
    )
    if not scanned.price:
        return line
    return replace(line, embedded_total=scanned.price, price_source=PriceSource.EMBEDDED)


def _quantity(scanned: ScannedCode, product: Product, scale: Scale | None) -> Quantity:
    if product.unit is Unit.PIECE:
        return Quantity.pieces(1)
    if scanned.grams:
        return Quantity.grams(scanned.grams)
    if scanned.price:
        return _weight_of(scanned.price, product)
    return weigh(product, scale)


def _weight_of(price: Money, product: Product) -> Quantity:
    if product.price.micros <= 0:
        message = f"{product.name} has no price per kg, so its label cannot be read: weigh it."
        raise LineRefused(message)
    micros = UnitPrice.of(price).micros
    return Quantity.grams(round_half_up(micros * THOUSAND, product.price.micros))


def weigh(product: Product, scale: Scale | None) -> Quantity:
    """Ask the scale for the weight of a product sold by the kilogram."""
    if scale is None:
        message = f"{product.name} is sold by weight and this till has no scale: scan its label."
        raise ScaleRefused(message)
    return scale.weigh()
