"""The file behind the till's catalogue: opened, numbered, filled whole, set aside when damaged."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from sqlcipher3 import dbapi2 as sqlcipher

from domain.canonical import canonical
from domain.catalog import Product, Snapshot
from domain.errors import Conflict, DomainError

if TYPE_CHECKING:
    from sqlite3 import Connection

SCHEMA_VERSION = 1
_KEY_BYTES = 32
_GTIN_DIGITS = 14
_DAMAGE = (11, 26)
_TABLES = """
-- One row: the shop as the office wrote it, each column the canonical JSON of its domain type.
CREATE TABLE shop (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    store TEXT NOT NULL,
    people TEXT NOT NULL,
    taxes TEXT NOT NULL
) STRICT;
-- Numbered in the order of their folded names, so that a search that stops early is sorted.
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    price_micros INTEGER NOT NULL,
    tax_codes TEXT NOT NULL,
    unit TEXT NOT NULL,
    category TEXT NOT NULL,
    barcodes TEXT NOT NULL,
    blocked INTEGER NOT NULL
) STRICT;
CREATE INDEX products_by_category ON products (category);
CREATE TABLE barcodes (
    gtin TEXT PRIMARY KEY,
    product_id INTEGER NOT NULL REFERENCES products (id)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE names USING fts5 (
    name, sku, content = '', prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);
"""


class CatalogTooNew(Conflict):
    """The file was written by a later version of the program."""

    def __init__(self, path: Path, found: int) -> None:
        super().__init__(
            f"{path.name} has catalogue format {found}, this program knows {SCHEMA_VERSION}. "
            "Install the newer program again; the file was left as it is."
        )


class SnapshotRefused(DomainError):
    """A snapshot that contradicts itself; the catalogue before it stays in use."""


def connect(path: Path, key: bytes) -> Connection:
    """Open the encrypted file, making its tables when it is new; raises `CatalogTooNew`.

    Raises sqlcipher's `DatabaseError` for a damaged file or a wrong key.
    """
    if len(key) != _KEY_BYTES:
        message = f"The catalogue's key has {len(key)} bytes, expected {_KEY_BYTES}."
        raise ValueError(message)
    connection: Connection = sqlcipher.connect(
        str(path), isolation_level=None, check_same_thread=False, cached_statements=64
    )
    with ExitStack() as failed:
        failed.callback(connection.close)
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA journal_mode = WAL")
        # A copy: a power cut may cost the newest version, which is then asked for again.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _migrate(connection, path)
        failed.pop_all()
    return connection


def _migrate(connection: Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > SCHEMA_VERSION:
        raise CatalogTooNew(path, found)
    if found == 0:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )


def is_damage(error: sqlcipher.DatabaseError) -> bool:
    """Tell damage (SQLITE_CORRUPT, SQLITE_NOTADB) from a full disk, a lock or a mistake of ours."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def set_aside(path: Path) -> Path:
    """Rename the file and what belongs to it, so that an empty one can take its place."""
    number = 1
    while (target := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return path.rename(target)


def fill(connection: Connection, snapshot: Snapshot) -> None:
    """Put the snapshot in place of everything, in one transaction, or change nothing."""
    _check(snapshot)
    products = sorted(snapshot.products, key=lambda product: (folded(product.name), product.sku))
    connection.execute("BEGIN IMMEDIATE")
    try:
        _empty(connection)
        _write(connection, snapshot, products)
        connection.execute("COMMIT")
    except sqlcipher.IntegrityError as error:
        message = (
            f"Catalogue version {snapshot.version} was refused: two of its products share a SKU "
            f"or a barcode ({error}). The till goes on with the version before."
        )
        raise SnapshotRefused(message) from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _check(snapshot: Snapshot) -> None:
    currency = snapshot.store.currency
    codes = {tax.code for tax in snapshot.taxes}
    if snapshot.store.timezone not in _known_timezones():
        raise SnapshotRefused(
            f"Catalogue version {snapshot.version} was refused: this machine does not know the "
            f"time zone {snapshot.store.timezone!r} of the store."
        )
    for product in snapshot.products:
        if product.price.currency != currency:
            raise SnapshotRefused(
                f"Catalogue version {snapshot.version} was refused: {product.sku} is priced in "
                f"{product.price.currency}, the store sells in {currency}."
            )
        unknown = set(product.tax_codes) - codes
        if unknown:
            raise SnapshotRefused(
                f"Catalogue version {snapshot.version} was refused: {product.sku} has the tax "
                f"{min(unknown)}, which is not among the store's taxes."
            )


@cache
def _known_timezones() -> set[str]:
    """Look once through the folders of time zones, which takes longer than filling a catalogue."""
    return available_timezones()


def _empty(connection: Connection) -> None:
    for statement in (
        "DELETE FROM barcodes",
        "DELETE FROM products",
        "DELETE FROM shop",
        "INSERT INTO names (names) VALUES ('delete-all')",
    ):
        connection.execute(statement)


def _write(connection: Connection, snapshot: Snapshot, products: list[Product]) -> None:
    connection.execute(
        "INSERT INTO shop (id, version, store, people, taxes) VALUES (1, ?, ?, ?, ?)",
        (
            snapshot.version,
            canonical(snapshot.store),
            canonical(snapshot.people),
            canonical(snapshot.taxes),
        ),
    )
    connection.executemany(
        "INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _product_rows(products)
    )
    connection.executemany("INSERT INTO barcodes VALUES (?, ?)", _barcode_rows(products))
    connection.executemany(
        "INSERT INTO names (rowid, name, sku) VALUES (?, ?, ?)",
        ((number, product.name, product.sku) for number, product in enumerate(products, 1)),
    )


def _product_rows(products: list[Product]) -> Iterator[tuple[object, ...]]:
    for number, product in enumerate(products, 1):
        yield (
            number,
            product.sku,
            product.name,
            product.price.micros,
            "\n".join(product.tax_codes),
            str(product.unit),
            product.category,
            "\n".join(product.barcodes),
            int(product.blocked),
        )


def _barcode_rows(products: list[Product]) -> Iterator[tuple[str, int]]:
    for number, product in enumerate(products, 1):
        for key in {barcode.zfill(_GTIN_DIGITS) for barcode in product.barcodes}:
            yield key, number


def folded(text: str) -> str:
    """Return the text as people sort it: without accents, case and doubled spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
