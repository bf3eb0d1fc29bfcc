"""What the API reads: products, sales, stores, tills and a till's snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter

from activities.db.checks import NoSuchStore
from activities.db.engine import Connection
from activities.db.intake import UnknownTill
from domain.barcode import InStoreRule, gtin_key
from domain.catalog import Person, Product, Snapshot, Store, Till
from domain.errors import NotFound
from domain.journal import Head
from domain.lease import Standing
from domain.money import Money, UnitPrice
from domain.quantity import Unit
from domain.sale import Sale
from domain.tax import TaxRate, TaxRounding


class NoSuchSale(NotFound):
    """A sale that the ledger does not hold."""

    def __init__(self, name: object) -> None:
        super().__init__(f"No sale {name} is in the ledger.")


class NoSuchProduct(NotFound):
    """A SKU that the store does not sell."""

    def __init__(self, store_id: str, sku: str) -> None:
        super().__init__(f"Store {store_id!r} has no product {sku!r}.")


@dataclass(frozen=True, slots=True)
class TillState:
    """A till, how far its journal has come, and what it sold."""

    till: Till
    head: Head
    last_seen: dt.datetime | None
    sales: int
    total: Money
    standing: Standing = Standing.TRADING
    standing_why: str = ""
    lease_until: dt.datetime | None = None


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
    """Find products of a store at their prices of today; raises `NoSuchStore` or `BadCode`."""
    _store(connection, asked.store_id)
    given = {
        "store_id": asked.store_id,
        "category": asked.category,
        "sku": asked.sku,
        "text": _like(asked.text),
        "barcode": gtin_key(asked.barcode) if asked.barcode else "",
        "after": asked.after,
        "limit": asked.limit + 1,
    }
    found = _products(connection.execute(_PRODUCTS, given))
    page = found[: asked.limit]
    return ProductPage(page, page[-1].sku if len(found) > len(page) else "")


def product(connection: Connection, store_id: str, sku: str) -> Product:
    """Return one product at its price of today; raises `NoSuchStore` or `NoSuchProduct`."""
    found = products(connection, ProductsAsked(store_id, sku=sku)).products
    if not found:
        raise NoSuchProduct(store_id, sku)
    return found[0]


def sale(connection: Connection, sale_id: UUID) -> Sale:
    """Return the very document that was posted; raises `NoSuchSale`."""
    text = connection.scalar(_SALE, {"id": sale_id})
    if text is None:
        raise NoSuchSale(sale_id)
    return _DOCUMENT.validate_json(text)


def sales_by_receipt(
    connection: Connection, receipt_number: str, store_id: str | None = None
) -> tuple[Sale, ...]:
    """Find sales by receipt number: at most one per store."""
    asked = {"receipt_number": receipt_number, "store_id": store_id}
    texts = connection.scalars(_BY_RECEIPT, asked)
    return tuple(_DOCUMENT.validate_json(text) for text in texts)


def stores(connection: Connection, store_id: str | None = None) -> tuple[Store, ...]:
    """Return one store or, without an id, every one in the order of its id."""
    return tuple(map(_as_store, connection.execute(_STORES, {"store_id": store_id})))


def tills(connection: Connection, store_id: str | None = None) -> tuple[TillState, ...]:
    """Return every till, of one store or of all, in the order of its id."""
    return tuple(map(_as_till, connection.execute(_TILLS, {"store_id": store_id})))


def store_of_till(connection: Connection, till_id: str) -> str:
    """Return the store that a till stands in; raises `UnknownTill`."""
    return str(_of_till(connection, till_id).id)


def enrolled_tills(connection: Connection) -> list[str]:
    """Return the tills that have a key, in order: they alone can have sales in a journal."""
    return list(connection.scalars(_ENROLLED))


def snapshot_version(connection: Connection, till_id: str) -> int:
    """Return the version that `snapshot` would have now; raises `UnknownTill`."""
    return int(_of_till(connection, till_id).version)


def snapshot(connection: Connection, till_id: str) -> Snapshot:
    """Return all that a till needs to sell alone, at the prices of today; raises `UnknownTill`."""
    row = _of_till(connection, till_id)
    store = {"store_id": row.id}
    return Snapshot(
        version=int(row.version),
        store=_as_store(row),
        people=tuple(Person(*one) for one in connection.execute(_PEOPLE, store)),
        taxes=tuple(TaxRate(*one) for one in connection.execute(_TAXES, store)),
        products=_products(connection.execute(_ALL_PRODUCTS, store)),
    )


_DOCUMENT = TypeAdapter(Sale)
_STORE_COLUMNS = """
    st.id, st.name, st.currency, st.timezone, st.cash_step_minor, st.tax_rounding,
    st.in_store_rules, st.receipt_header, st.receipt_footer
"""
_STORES = sa.text(f"""
    SELECT {_STORE_COLUMNS} FROM stores st
    WHERE CAST(:store_id AS text) IS NULL OR st.id = :store_id
    ORDER BY st.id
""")  # noqa: S608 -- constant
_STORE_IS_THERE = sa.text("SELECT 1 FROM stores WHERE id = :store_id")

# A price that comes into force at midnight changes what tills sell without anything being loaded:
# each such day adds one to the version.
_OF_TILL = sa.text(f"""
    SELECT {_STORE_COLUMNS}, st.catalogue_version + (
        SELECT count(DISTINCT p.valid_from) FROM prices p
        WHERE p.store_id = st.id AND p.valid_from > st.catalogue_loaded_on
          AND p.valid_from <= (now() AT TIME ZONE st.timezone)::date
    ) AS version
    FROM tills t JOIN stores st ON st.id = t.store_id
    WHERE t.id = :till_id
""")  # noqa: S608 -- constant

# A tax that the store does not know is not due there; `load_shop` sees to it that one is.
# The latest price reached by the store's own date is the price of today.
_PRICED = """
    SELECT p.sku, p.name, price.price_micros, price.currency, p.unit, p.category, p.blocked,
           ARRAY(
               SELECT named.code FROM unnest(p.tax_codes) WITH ORDINALITY AS named (code, place)
               JOIN tax_rates r ON r.store_id = st.id AND r.code = named.code
               ORDER BY named.place
           ) AS tax_codes,
           ARRAY(
               SELECT b.gtin FROM product_barcodes b WHERE b.sku = p.sku ORDER BY b.position
           ) AS barcodes
    FROM stores st
    CROSS JOIN products p
    CROSS JOIN LATERAL (
        SELECT price_micros, currency FROM prices
        WHERE store_id = st.id AND sku = p.sku
          AND valid_from <= (now() AT TIME ZONE st.timezone)::date
        ORDER BY valid_from DESC LIMIT 1
    ) price
    WHERE st.id = :store_id
"""
_PRODUCTS = sa.text(f"""
    {_PRICED}
      AND (:sku = '' OR p.sku = :sku)
      AND (:category = '' OR p.category = :category)
      AND (:text = '' OR p.name ILIKE :text)
      AND (:barcode = '' OR p.sku IN (SELECT sku FROM product_barcodes WHERE gtin = :barcode))
      AND p.sku > :after
    ORDER BY p.sku
    LIMIT :limit
""")  # noqa: S608 -- constant
# Begins with what has a price in the store: a chain sells many times more than one store does.
_ALL_PRODUCTS = sa.text(f"""
    {_PRICED}
      AND p.sku IN (SELECT sku FROM prices WHERE store_id = :store_id)
    ORDER BY p.sku
""")  # noqa: S608 -- constant
# Who has left is known to the books, not to the tills.
_PEOPLE = sa.text("""
    SELECT id, name, role, pin_hash, badge_mark
    FROM people WHERE store_id = :store_id AND active ORDER BY id
""")
_TAXES = sa.text("""
    SELECT code, name, rate_ppm, included, exempt_reason
    FROM tax_rates WHERE store_id = :store_id ORDER BY code
""")
_TILLS = sa.text("""
    SELECT t.id, t.store_id, t.series, t.public_key, st.currency,
           t.standing, t.standing_why, t.lease_until,
           h.epoch, h.sequence, h.hash, h.last_seen,
           coalesce(sold.sales, 0) AS sales, coalesce(sold.total_minor, 0) AS total_minor
    FROM tills t
    JOIN stores st ON st.id = t.store_id
    JOIN till_heads h ON h.store_id = t.store_id AND h.till_id = t.id
    LEFT JOIN (
        SELECT store_id, till_id, count(*) AS sales, sum(total_minor) AS total_minor
        FROM sales GROUP BY store_id, till_id
    ) sold ON sold.store_id = t.store_id AND sold.till_id = t.id
    WHERE CAST(:store_id AS text) IS NULL OR t.store_id = :store_id
    ORDER BY t.id
""")
_ENROLLED = sa.text("SELECT id FROM tills WHERE public_key <> '' ORDER BY id")
# The document is in the journal, or with the sale when it came by the API.
_SALES = """
    SELECT coalesce(s.document, (
        SELECT j.body FROM journal_entries j
        WHERE j.sale_id = s.id AND j.content_hash = s.content_hash LIMIT 1))
    FROM sales s
"""
_SALE = sa.text(f"{_SALES} WHERE s.id = :id")
_BY_RECEIPT = sa.text(f"""
    {_SALES}
    WHERE s.receipt_number = :receipt_number
      AND (CAST(:store_id AS text) IS NULL OR s.store_id = :store_id)
    ORDER BY s.store_id
""")


def _store(connection: Connection, store_id: str) -> None:
    if connection.execute(_STORE_IS_THERE, {"store_id": store_id}).first() is None:
        raise NoSuchStore(store_id)


def _of_till(connection: Connection, till_id: str) -> sa.Row[Any]:
    row = connection.execute(_OF_TILL, {"till_id": till_id}).first()
    if row is None:
        raise UnknownTill(till_id)
    return row


def _like(text: str) -> str:
    r"""Make a pattern that finds the text anywhere; `%`, `_` and `\` stand for themselves."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return f"%{text}%" if text else ""


def _products(rows: Iterable[sa.Row[Any]]) -> tuple[Product, ...]:
    return tuple(
        Product(
            sku=row.sku,
            name=row.name,
            price=UnitPrice(row.price_micros, row.currency),
            tax_codes=tuple(row.tax_codes),
            unit=Unit(row.unit),
            category=row.category,
            barcodes=tuple(row.barcodes),
            blocked=row.blocked,
        )
        for row in rows
    )


def _as_store(row: sa.Row[Any]) -> Store:
    return Store(
        id=row.id,
        name=row.name,
        currency=row.currency,
        timezone=row.timezone,
        cash_step_minor=row.cash_step_minor,
        tax_rounding=TaxRounding(row.tax_rounding),
        in_store_rules=tuple(map(InStoreRule, row.in_store_rules)),
        receipt_header=tuple(row.receipt_header),
        receipt_footer=tuple(row.receipt_footer),
    )


def _as_till(row: sa.Row[Any]) -> TillState:
    return TillState(
        till=Till(row.id, row.store_id, row.series, row.public_key),
        head=Head(row.id, row.epoch, row.sequence, row.hash),
        last_seen=row.last_seen,
        sales=row.sales,
        total=Money(int(row.total_minor), row.currency),
        standing=Standing(row.standing),
        standing_why=row.standing_why,
        lease_until=row.lease_until,
    )
