"""What a scan means in a catalogue: a product, an unknown code, or one that must not be sold."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from builders import VAT, product

from domain.barcode import ScannedCode
from domain.catalog import BlockedProduct, Product, UnknownCode, find
from domain.tax import TaxRate


@dataclass
class Shelf:
    """A catalogue of a few products."""

    products: tuple[Product, ...]

    def by_gtin(self, gtin: str) -> Product | None:
        return next((own for own in self.products if gtin in own.barcodes), None)

    def by_sku(self, sku: str) -> Product | None:
        return next((own for own in self.products if own.sku == sku), None)

    def taxes_of(self, product: Product) -> tuple[TaxRate, ...]:
        return (VAT,)


TEA = product("Tea", barcodes=("05901234123457",))
RECALLED = product("Nuts", barcodes=("00000096385074",), blocked=True)
SHELF = Shelf((TEA, RECALLED))


def test_a_code_finds_its_product() -> None:
    assert find(SHELF, ScannedCode("05901234123457")) is TEA


def test_an_unknown_code_is_said_as_it_was_printed() -> None:
    with pytest.raises(UnknownCode, match="No product has the code 36000291452") as raised:
        find(SHELF, ScannedCode("00036000291452"))

    assert raised.value.status == 404


def test_a_blocked_product_is_named() -> None:
    with pytest.raises(BlockedProduct, match="Nuts is blocked"):
        find(SHELF, ScannedCode("00000096385074"))
