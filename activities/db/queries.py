"""What the API reads: products, sales, stores, tills and a till's snapshot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from activities.db.engine import Connection
from domain.catalog import Product, Snapshot, Store, Till
from domain.errors import NotFound
from domain.journal import Head
from domain.money import Money
from domain.sale import Sale


class NoSuchSale(NotFound):
    """A sale that the ledger does not hold."""

    def __init__(self, name: object) -> None:
        super().__init__(f"No sale {name} is in the ledger.")


class NoSuchProduct(NotFound):
    """A SKU that the store does not sell."""

    def __init__(self, store_id: str, sku: str) -> None:
        super().__init__(f"Store {store_id!r} has no product {sku!r}.")


class NoSuchStore(NotFound):
    """A store that the office was not told about."""

    def __init__(self, store_id: str) -> None:
        super().__init__(f"There is no store {store_id!r}.")


@dataclass(frozen=True, slots=True)
class TillState:
    """A till, how far its journal has come, and what it sold."""

    till: Till
    head: Head
    last_seen: dt.datetime | None
    sales: int
    total: Money


@dataclass(frozen=True, slots=True)
class ProductsAsked:
    """Which products of a store are wanted: empty filters let all pass, `after` is a SKU."""

    store_id: str
    category: str = ""
    sku: str = ""
    text: str = ""
    barcode: str = ""
    after: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Products in the order of their SKU; `after` asks for the next page, empty at the end."""

    products: tuple[Product, ...]
    after: str


def products(connection: Connection, asked: ProductsAsked) -> ProductPage:
    """Find products of a store at their prices of today; raises `NoSuchStore`."""
    raise NotImplementedError


def product(connection: Connection, store_id: str, sku: str) -> Product:
    """Return one product at its price of today; raises `NoSuchStore` or `NoSuchProduct`."""
    raise NotImplementedError


def sale(connection: Connection, sale_id: UUID) -> Sale:
    """Return the very document that was posted; raises `NoSuchSale`."""
    raise NotImplementedError


def sales_by_receipt(
    connection: Connection, receipt_number: str, store_id: str | None = None
) -> tuple[Sale, ...]:
    """Find sales by receipt number: at most one per store."""
    raise NotImplementedError


def stores(connection: Connection) -> tuple[Store, ...]:
    """Return every store in the order of its id."""
    raise NotImplementedError


def tills(connection: Connection) -> tuple[TillState, ...]:
    """Return every till in the order of its id."""
    raise NotImplementedError


def snapshot_version(connection: Connection, till_id: str) -> int:
    """Return the version that `snapshot` would have now; raises `UnknownTill`."""
    raise NotImplementedError


def snapshot(connection: Connection, till_id: str) -> Snapshot:
    """Return all that a till needs to sell alone, at the prices of today; raises `UnknownTill`."""
    raise NotImplementedError
