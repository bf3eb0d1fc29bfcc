"""What the office is told about its stores: loading a whole shop, enrolling a till's key."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from activities.db.engine import Connection
from activities.db.intake import UnknownTill
from domain.barcode import gtin_key
from domain.catalog import Article, Employee, ListedPrice, Shop, Store, StoreTax, Till
from domain.errors import Conflict, DomainError

Row = dict[str, Any]

_KEY_DIGITS = 64


class BadPublicKey(DomainError):
    """A text that is no Ed25519 public key."""

    def __init__(self, public_key: str) -> None:
        super().__init__(f"{public_key[:80]!r} is no public key: expected 64 hexadecimal digits.")


class KeyTaken(Conflict):
    """A till that has signed entries with one key cannot go on with another."""

    def __init__(self, till_id: str) -> None:
        super().__init__(
            f"Till {till_id} has entries here that were signed with another key. "
            "A till keeps its key for as long as its journal; enrol the new one as a new till."
        )


class TillExists(Conflict):
    """A name that another till has, in whichever store."""

    field = "id"

    def __init__(self, till: Till) -> None:
        super().__init__(f"There is a till {till.id!r} already. Choose another name.")


class SeriesTaken(Conflict):
    """Receipt numbers that another till of the store counts."""

    field = "series"

    def __init__(self, till: Till) -> None:
        super().__init__(
            f"Receipts of another till in store {till.store_id!r} begin with {till.series!r}. "
            "Choose something else."
        )


class BadShop(DomainError):
    """A shop whose parts do not fit together; nothing of it was loaded."""


def load_shop(connection: Connection, shop: Shop) -> None:
    """Insert or update all of it; raises the catalogue version of each store that it touches.

    What the shop does not name stays as it is, and who has left stays away. Raises `BadShop` or
    `BadCode`.
    """
    touched = sorted(_touched(connection, shop))
    _check_prices(connection, shop)
    try:
        _load(connection, shop)
    except IntegrityError as error:
        raise BadShop(
            f"The shop contradicts what is there: {_told(error)}. Nothing was loaded."
        ) from error
    _check_taxes(connection, touched)
    raise_version(connection, touched)


def _told(error: IntegrityError) -> str:
    """Say what PostgreSQL found, and of people no more: what PIN and badge are known by."""
    assert isinstance(error.orig, psycopg.Error)
    found = error.orig.diag
    detail = "" if found.table_name == "people" else found.message_detail
    return f"{found.message_primary} {detail or ''}".strip()


def _load(connection: Connection, shop: Shop) -> None:
    _upsert(connection, "stores", map(_store, shop.stores))
    for till in shop.tills:
        _load_till(connection, till)
    _upsert(connection, "people", map(_employee, shop.people))
    _upsert(connection, "tax_rates", map(_tax, shop.taxes))
    _upsert(connection, "products", map(_article, shop.products))
    _replace_barcodes(connection, shop.products)
    _upsert(connection, "prices", map(_price, shop.prices))


def raise_version(connection: Connection, store_ids: list[str]) -> None:
    """Let the tills of these stores hear that something has changed."""
    connection.execute(_RAISE_VERSION, {"stores": store_ids})


def add_till(connection: Connection, till: Till) -> None:
    """Add a till without a journal or a key to a store; raises `TillExists` or `SeriesTaken`."""
    try:
        with connection.begin_nested():
            _load_new_till(connection, till)
    except IntegrityError as error:
        raise _taken(till, error) from error
    raise_version(connection, [till.store_id])


def enrol(connection: Connection, till_id: str, public_key: str) -> Till:
    """Register the till's Ed25519 public key (hex).

    Raises `UnknownTill`, `BadPublicKey`, or `KeyTaken` when entries are signed with another one.
    """
    key = public_key.strip().lower()
    if len(key) != _KEY_DIGITS or set(key) - set("0123456789abcdef"):
        raise BadPublicKey(public_key)
    row = connection.execute(_TILL, {"till_id": till_id}).first()
    if row is None:
        raise UnknownTill(till_id)
    if row.public_key not in {"", key} and row.sequence:
        raise KeyTaken(till_id)
    connection.execute(_SET_KEY, {"till_id": till_id, "key": key})
    return Till(till_id, row.store_id, row.series, key)


_TILL = sa.text("""
    SELECT t.store_id, t.series, t.public_key, h.sequence
    FROM tills t JOIN till_heads h ON h.store_id = t.store_id AND h.till_id = t.id
    WHERE t.id = :till_id FOR UPDATE OF h
""")
_SET_KEY = sa.text("UPDATE tills SET public_key = :key WHERE id = :till_id")
# Prices that come into force by themselves count on top of the version (see `queries`).
# What they have added by today is kept, so that a version never comes back.
_RAISE_VERSION = sa.text("""
    UPDATE stores SET
        catalogue_version = catalogue_version + 1 + (
            SELECT count(DISTINCT valid_from) FROM prices
            WHERE store_id = stores.id AND valid_from > catalogue_loaded_on
              AND valid_from <= (now() AT TIME ZONE timezone)::date),
        catalogue_loaded_on = (now() AT TIME ZONE timezone)::date
    WHERE id = ANY(:stores)
""")
_UNTAXED = sa.text("""
    SELECT sold.store_id, p.sku, p.tax_codes
    FROM (SELECT DISTINCT store_id, sku FROM prices WHERE store_id = ANY(:stores)) sold
    JOIN products p ON p.sku = sold.sku
    WHERE p.tax_codes <> '{}' AND NOT EXISTS (
        SELECT FROM tax_rates r WHERE r.store_id = sold.store_id AND r.code = ANY(p.tax_codes))
    LIMIT 1
""")
_SELLERS = sa.text("SELECT DISTINCT store_id FROM prices WHERE sku = ANY(:skus)")
_CURRENCIES = sa.text("SELECT id, currency FROM stores")
_DROP_BARCODES = sa.text("DELETE FROM product_barcodes WHERE sku = ANY(:skus)")
_ADD_TILL = sa.text("""
    INSERT INTO tills (store_id, id, series) VALUES (:store_id, :till_id, :series)
    ON CONFLICT (store_id, id) DO UPDATE SET series = excluded.series
""")
_NEW_TILL = sa.text(
    "INSERT INTO tills (store_id, id, series) VALUES (:store_id, :till_id, :series)"
)
_ADD_HEAD = sa.text("""
    INSERT INTO till_heads (store_id, till_id, epoch, sequence, hash)
    VALUES (:store_id, :till_id, 1, 0, repeat('0', 64))
    ON CONFLICT DO NOTHING
""")


def _touched(connection: Connection, shop: Shop) -> set[str]:
    named: Iterable[tuple[Any, ...]] = (shop.tills, shop.people, shop.taxes, shop.prices)
    stores = {store.id for store in shop.stores}
    skus = [article.sku for article in shop.products]
    sellers = set(connection.scalars(_SELLERS, {"skus": skus}))
    return stores | {part.store_id for parts in named for part in parts} | sellers


def _check_prices(connection: Connection, shop: Shop) -> None:
    currencies = {row.id: row.currency for row in connection.execute(_CURRENCIES)}
    currencies |= {store.id: store.currency for store in shop.stores}
    for price in shop.prices:
        expected = currencies.get(price.store_id)
        if price.price.currency != expected:
            raise BadShop(
                f"The price {price.price} of {price.sku} is not in {expected}, the currency of "
                f"store {price.store_id!r}. Nothing was loaded."
            )


def _check_taxes(connection: Connection, stores: list[str]) -> None:
    """Refuse a product that would be sold without any tax because its codes mean nothing there."""
    wrong = connection.execute(_UNTAXED, {"stores": stores}).first()
    if wrong is not None:
        raise BadShop(
            f"None of the taxes {wrong.tax_codes} of product {wrong.sku!r} is known in store "
            f"{wrong.store_id!r}. Give it a rate there, 0 with the reason when nothing is due. "
            "Nothing was loaded."
        )


def _upsert(connection: Connection, table: str, rows: Iterable[Row]) -> None:
    """Insert rows, or bring those that are there up to date, by one statement for all."""
    given = list(rows)
    if not given:
        return
    names, key = list(given[0]), _KEYS[table]
    for twice, count in Counter(tuple(row[name] for name in key) for row in given).items():
        if count > 1:
            raise BadShop(f"{table} has {twice} {count} times, expected once. Nothing was loaded.")
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    statement = f"""
        INSERT INTO {table} ({", ".join(names)})
        SELECT {", ".join(names)} FROM json_populate_recordset(NULL::{table}, :rows)
        ON CONFLICT ({", ".join(key)}) DO UPDATE SET {changed}
    """  # noqa: S608 -- the names are this file's
    connection.execute(sa.text(statement), {"rows": json.dumps(given, default=str)})


_KEYS: Mapping[str, tuple[str, ...]] = {
    "stores": ("id",),
    "people": ("store_id", "id"),
    "tax_rates": ("store_id", "code"),
    "products": ("sku",),
    "prices": ("store_id", "sku", "valid_from"),
    "product_barcodes": ("sku", "gtin"),
}


def _store(store: Store) -> Row:
    return {
        "id": store.id,
        "name": store.name,
        "currency": store.currency,
        "timezone": store.timezone,
        "cash_step_minor": store.cash_step_minor,
        "tax_rounding": store.tax_rounding.value,
        "in_store_rules": [rule.pattern for rule in store.in_store_rules],
        "receipt_header": list(store.receipt_header),
        "receipt_footer": list(store.receipt_footer),
    }


def _load_till(connection: Connection, till: Till) -> None:
    """Insert a till with an empty journal; a key that is there stays when none is given."""
    asked = {"store_id": till.store_id, "till_id": till.id}
    connection.execute(_ADD_TILL, {**asked, "series": till.series})
    connection.execute(_ADD_HEAD, asked)
    if till.public_key:
        enrol(connection, till.id, till.public_key)


def _load_new_till(connection: Connection, till: Till) -> None:
    row = {"store_id": till.store_id, "till_id": till.id, "series": till.series}
    connection.execute(_NEW_TILL, row)
    connection.execute(_ADD_HEAD, row)


def _taken(till: Till, error: IntegrityError) -> Conflict:
    assert isinstance(error.orig, psycopg.Error)
    series = error.orig.diag.constraint_name == "receipt_series_is_taken_once"
    return SeriesTaken(till) if series else TillExists(till)


def _employee(employee: Employee) -> Row:
    person = employee.person
    return {
        "store_id": employee.store_id,
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "pin_hash": person.pin_hash,
        "badge_mark": person.badge_mark,
    }


def _tax(tax: StoreTax) -> Row:
    rate = tax.rate
    return {
        "store_id": tax.store_id,
        "code": rate.code,
        "name": rate.name,
        "rate_ppm": rate.rate_ppm,
        "included": rate.included,
        "exempt_reason": rate.exempt_reason,
    }


def _article(article: Article) -> Row:
    return {
        "sku": article.sku,
        "name": article.name,
        "tax_codes": list(article.tax_codes),
        "unit": article.unit.value,
        "category": article.category,
        "blocked": article.blocked,
        "attributes": dict(article.attributes),
    }


def _price(price: ListedPrice) -> Row:
    return {
        "store_id": price.store_id,
        "sku": price.sku,
        "valid_from": price.valid_from,
        "price_micros": price.price.micros,
        "currency": price.price.currency,
    }


def _replace_barcodes(connection: Connection, articles: Sequence[Article]) -> None:
    connection.execute(_DROP_BARCODES, {"skus": [article.sku for article in articles]})
    _upsert(
        connection,
        "product_barcodes",
        (
            {"gtin": gtin_key(code), "sku": article.sku, "position": position}
            for article in articles
            for position, code in enumerate(article.barcodes)
        ),
    )
