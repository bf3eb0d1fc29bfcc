"""The till's own catalogue: found by code in microseconds, by name as it is typed, never loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter
from sqlcipher3 import dbapi2 as sqlcipher

from domain.catalog import Person, Product, Snapshot, Store
from domain.errors import NotFound
from domain.money import UnitPrice
from domain.quantity import Unit
from domain.tax import TaxRate
from till_kivy import catalog_file
from till_kivy.errors import TillError

if TYPE_CHECKING:
    from sqlite3 import Connection

T = TypeVar("T")
_GTIN_DIGITS = 14
_COLUMNS = (
    "SELECT p.sku, p.name, p.price_micros, p.tax_codes, p.unit, p.category, p.barcodes, p.blocked "
)
_SELECT = _COLUMNS + "FROM products p "
_MATCHING = "WHERE names MATCH ? ORDER BY n.rowid LIMIT ?"
# Jumps from each category to the next over the index, however many products lie between.
_CATEGORIES = """
WITH RECURSIVE named (category) AS (
    SELECT min(category) FROM products
    UNION ALL
    SELECT (SELECT min(category) FROM products WHERE category > named.category)
    FROM named WHERE named.category IS NOT NULL
)
SELECT category FROM named
"""
_STORE = TypeAdapter(Store)
_PEOPLE = TypeAdapter(tuple[Person, ...])
_TAXES = TypeAdapter(tuple[TaxRate, ...])


class NoCatalog(NotFound):
    """A till that has not heard from its office yet."""

    def __init__(self) -> None:
        super().__init__(
            "This till has no catalogue yet. It fetches one as soon as it reaches the office."
        )


class CatalogDamaged(TillError):
    """The catalogue could not be read; it was set aside and has to be fetched again."""


@dataclass(frozen=True, slots=True)
class _Shop:
    """The one row of the catalogue that is kept in memory."""

    version: int
    store: Store
    people: tuple[Person, ...]
    taxes: dict[str, TaxRate]


class SqliteCatalog:
    """The catalogue in an encrypted SQLite file; may be used by several threads.

    A snapshot is written over a connection of its own, so that scanning goes on meanwhile.
    `notice` says what happened to a damaged file, and is empty otherwise. `pepper` is what the
    store's PINs and badges were mixed with before hashing.
    """

    def __init__(self, path: Path, key: bytes, pepper: bytes = b"") -> None:
        self.pepper = pepper
        self._path = path
        self._key = key
        self._reading = threading.RLock()
        self._writing = threading.Lock()
        self._shop: _Shop | None = None
        self._shop_at = -1
        self.notice = ""
        self._connection = self._open()

    def by_gtin(self, gtin: str) -> Product | None:
        """Find the product that carries a code, given as 14 digits."""
        sql = _SELECT + "JOIN barcodes b ON b.product_id = p.id WHERE b.gtin = ?"
        return self._one(sql, gtin)

    def by_sku(self, sku: str) -> Product | None:
        """Find a product by its stock-keeping unit."""
        return self._one(_SELECT + "WHERE p.sku = ?", sku)

    def search(self, text: str, limit: int = 50) -> list[Product]:
        """Find products by the beginnings of words of name or SKU, or by a whole barcode.

        Names that begin with the text come first; each group is in alphabetical order.
        """
        words = text.replace("\0", " ").split()  # the end of a string to SQLite's parser
        if not words:
            return []
        if text.isascii() and text.isdigit() and (exact := self.by_gtin(text.zfill(_GTIN_DIGITS))):
            return [exact]
        anywhere = " ".join(_beginning(word) for word in words)
        found = dict.fromkeys(self._matching(f"name : ^ {anywhere}", limit))
        if len(found) < limit:
            found |= dict.fromkeys(self._matching(anywhere, limit))
        return list(found)[:limit]

    def categories(self) -> tuple[str, ...]:
        """Return the names of the categories that have products, in alphabetical order."""
        rows = self._ask(lambda c: c.execute(_CATEGORIES).fetchall())
        return tuple(category for (category,) in rows if category)

    def in_category(self, category: str, limit: int) -> list[Product]:
        """Return what may be sold of one category, in the order of its names."""
        sql = _SELECT + "WHERE p.category = ? AND NOT p.blocked ORDER BY p.id LIMIT ?"
        rows = self._ask(lambda c: c.execute(sql, (category, limit)).fetchall())
        return [self._product(row) for row in rows]

    def taxes_of(self, product: Product) -> tuple[TaxRate, ...]:
        """Return the product's tax rates."""
        taxes = self._current().taxes
        return tuple(taxes[code] for code in product.tax_codes)

    def people(self) -> tuple[Person, ...]:
        """Return who may log in; nobody as long as there is no catalogue."""
        try:
            return self._current().people
        except NoCatalog:
            return ()

    @property
    def version(self) -> int:
        """The version of the snapshot on this till, 0 when there is none."""
        row = self._ask(lambda c: c.execute("SELECT version FROM shop").fetchone())
        return row[0] if row else 0

    @property
    def store(self) -> Store:
        """The store this till belongs to; raises `NoCatalog` before the first snapshot."""
        return self._current().store

    def replace(self, snapshot: Snapshot) -> None:
        """Put a snapshot in place of the catalogue, whole or not at all.

        Raises `SnapshotRefused` when it contradicts itself; the old one then stays in use.
        """
        try:
            self._fill(snapshot)
        except sqlcipher.DatabaseError as error:
            if not catalog_file.is_damage(error):
                raise
            self._start_afresh()
            self._fill(snapshot)
        self.notice = ""

    def close(self) -> None:
        """Let go of the file."""
        with self._reading:
            self._connection.close()

    def _fill(self, snapshot: Snapshot) -> None:
        with self._writing, closing(catalog_file.connect(self._path, self._key)) as connection:
            catalog_file.fill(connection, snapshot)

    def _open(self) -> Connection:
        try:
            return catalog_file.connect(self._path, self._key)
        except sqlcipher.DatabaseError as error:
            if not catalog_file.is_damage(error):
                raise
            self._put_aside()
            return catalog_file.connect(self._path, self._key)

    def _put_aside(self) -> None:
        kept_as = catalog_file.set_aside(self._path).name
        self.notice = (
            f"The till's catalogue was damaged and set aside as {kept_as}. It is fetched again "
            "from the office; until then products cannot be found. Sales are safe."
        )

    def _ask(self, question: Callable[[Connection], T]) -> T:
        """Read; the cipher authenticates every page, so damage shows as an error, never as data."""
        with self._reading:
            try:
                return question(self._connection)
            except sqlcipher.DatabaseError as error:
                if not catalog_file.is_damage(error):
                    raise
                self._start_afresh()
                raise CatalogDamaged(self.notice) from error

    def _start_afresh(self) -> None:
        """Go on with an empty file; store, people and taxes stay known while the program runs."""
        with self._reading, self._writing:
            self._connection.close()
            self._put_aside()
            self._connection = catalog_file.connect(self._path, self._key)

    def _one(self, sql: str, value: object) -> Product | None:
        row = self._ask(lambda c: c.execute(sql, (value,)).fetchone())
        return self._product(row) if row else None

    def _matching(self, match: str, limit: int) -> list[Product]:
        sql = _COLUMNS + "FROM names n JOIN products p ON p.id = n.rowid " + _MATCHING
        rows = self._ask(lambda c: c.execute(sql, (match, limit)).fetchall())
        return [self._product(row) for row in rows]

    def _product(self, row: tuple[Any, ...]) -> Product:
        sku, name, micros, tax_codes, unit, category, barcodes, blocked = row
        return Product(
            sku=sku,
            name=name,
            price=UnitPrice(micros, self._current().store.currency),
            tax_codes=tuple(tax_codes.split("\n")) if tax_codes else (),
            unit=Unit(unit),
            category=category,
            barcodes=tuple(barcodes.split("\n")) if barcodes else (),
            blocked=bool(blocked),
        )

    def _current(self) -> _Shop:
        """Return store, people and taxes, read again only when another connection changed them."""
        (changed,) = self._ask(lambda c: c.execute("PRAGMA data_version").fetchone())
        if self._shop is None or changed != self._shop_at:
            row = self._ask(
                lambda c: c.execute("SELECT version, store, people, taxes FROM shop").fetchone()
            )
            self._shop = _shop(row) if row else self._shop
            self._shop_at = changed
        if self._shop is None:
            raise NoCatalog
        return self._shop


def _beginning(word: str) -> str:
    quoted = word.replace('"', '""')
    return f'"{quoted}" *'


def _shop(row: tuple[int, str, str, str]) -> _Shop:
    version, store, people, taxes = row
    rates = _TAXES.validate_json(taxes)
    return _Shop(
        version=version,
        store=_STORE.validate_json(store),
        people=_PEOPLE.validate_json(people),
        taxes={rate.code: rate for rate in rates},
    )
