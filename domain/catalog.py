"""The versioned snapshot a till works from: store, people, taxes, products and their prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.barcode import InStoreRule, ScannedCode
from domain.errors import NotFound
from domain.money import UnitPrice
from domain.quantity import Unit
from domain.tax import TaxRate, TaxRounding


class UnknownCode(NotFound):
    """A sound code that no product of this store carries."""

    def __init__(self, code: str) -> None:
        super().__init__(f"No product has the code {code}. Search by name, or call a supervisor.")
        self.code = code


class BlockedProduct(NotFound):
    """A product that must not be sold now."""

    def __init__(self, product: Product) -> None:
        super().__init__(f"{product.name} is blocked and cannot be sold.")


@dataclass(frozen=True, slots=True)
class Store:
    """A shop: its currency, how it rounds cash and tax, and what stands on its receipts."""

    id: str
    name: str
    currency: str
    timezone: str = "UTC"
    cash_step_minor: int = 1
    tax_rounding: TaxRounding = TaxRounding.RECEIPT
    in_store_rules: tuple[InStoreRule, ...] = ()
    receipt_header: tuple[str, ...] = ()
    receipt_footer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Till:
    """A till of a store; `series` starts its receipt numbers, `public_key` is Ed25519 in hex."""

    id: str
    store_id: str
    series: str
    public_key: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may log in at a till; `role` is one of `domain.roles.Role`.

    `pin_hash` is argon2id, in its own text form, of the peppered PIN; `badge_mark` stands for the
    person's badge. Empty ones fit nothing.
    """

    id: str
    name: str
    role: str
    pin_hash: str
    badge_mark: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """Something for sale in one store at its price of today."""

    sku: str
    name: str
    price: UnitPrice
    tax_codes: tuple[str, ...]
    unit: Unit = Unit.PIECE
    category: str = ""
    barcodes: tuple[str, ...] = ()
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that one till needs to sell alone; `version` grows with each change in the office."""

    version: int
    store: Store
    people: tuple[Person, ...]
    taxes: tuple[TaxRate, ...]
    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """What is sold under one SKU in all stores; a store's price makes a `Product` of it.

    `attributes` is whatever else is known, such as brand or country of origin.
    """

    sku: str
    name: str
    tax_codes: tuple[str, ...]
    unit: Unit = Unit.PIECE
    category: str = ""
    barcodes: tuple[str, ...] = ()
    blocked: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """What an article costs in one store from a day on, until a later price takes over."""

    store_id: str
    sku: str
    price: UnitPrice
    valid_from: dt.date = dt.date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class StoreTax:
    """What a tax code stands for in one store."""

    store_id: str
    rate: TaxRate


@dataclass(frozen=True, slots=True)
class Employee:
    """A person and the store whose tills know them."""

    store_id: str
    person: Person


@dataclass(frozen=True, slots=True)
class Shop:
    """What the office is told about its stores; a store sells the articles it has prices for."""

    stores: tuple[Store, ...] = ()
    tills: tuple[Till, ...] = ()
    people: tuple[Employee, ...] = ()
    taxes: tuple[StoreTax, ...] = ()
    products: tuple[Article, ...] = ()
    prices: tuple[ListedPrice, ...] = ()


class Catalog(Protocol):
    """Where a till looks products up."""

    def by_gtin(self, gtin: str) -> Product | None:
        """Find the product that carries a code, given as 14 digits."""
        ...

    def by_sku(self, sku: str) -> Product | None:
        """Find a product by its stock-keeping unit."""
        ...

    def taxes_of(self, product: Product) -> tuple[TaxRate, ...]:
        """Return the product's tax rates."""
        ...


def find(catalog: Catalog, scanned: ScannedCode) -> Product:
    """Return the product a scan means; raise `UnknownCode` or `BlockedProduct`."""
    product = catalog.by_gtin(scanned.gtin)
    if product is None:
        raise UnknownCode(scanned.gtin.lstrip("0"))
    if product.blocked:
        raise BlockedProduct(product)
    return product
