"""The till: scan to quote, sale to disk, program start to first scan."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import builders
from argon2 import PasswordHasher
from figures import Figure, Samples
from tills import open_journal

from domain.barcode import check_digit
from domain.basket import Basket
from domain.catalog import Person, Product, Snapshot
from domain.money import Money, UnitPrice
from domain.pins import peppered
from domain.pricing import quote
from domain.sale import Sale
from domain.tax import TaxRounding
from till_kivy.catalog import SqliteCatalog
from till_kivy.keystore import FileKeyStore
from till_kivy.till import CATALOG, Till, create

PIN = "135790"
_FIRST_SCAN = """
import sys
from pathlib import Path
from till_kivy.till import Till
till = Till.open(Path(sys.argv[1]))
till.register.log_in("p1", sys.argv[2])
till.register.scan(sys.argv[3])
"""


def measure(*, quick: bool) -> list[Figure]:
    """Measure the till on this machine's own disk."""
    times = 20 if quick else 1_000
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        return [
            *_scan_to_quote(Path(folder) / "scan", times),
            *_append(Path(folder) / "append", times),
            *_start(Path(folder) / "start", 2 if quick else 7),
        ]


def _scan_to_quote(folder: Path, times: int) -> list[Figure]:
    """Scan the 50th line of a ticket, and price the 50 lines."""
    lines = Basket(builders.new_id(), "EUR")
    for number in range(50):
        lines = lines.add(builders.line(builders.product(f"Tea {number}")))
    priced = Samples()
    for _ in range(times):
        priced.measure(lambda: quote(lines, TaxRounding.RECEIPT))
    scanned = _scans(folder, times)
    return [
        priced.figure("quote of a 50-line basket"),
        scanned.figure("scan → quote, 50 lines, open ticket saved durably"),
    ]


def _scans(folder: Path, times: int) -> Samples:
    till = _till(folder, products=100)
    scanned = Samples()
    for _ in range(max(1, times // 50)):
        for number in range(50):
            code = _gtin(number)
            scanned.measure(partial(_scan, till, code))
        till.register.void_ticket()
    till.close()
    return scanned


def _scan(till: Till, code: str) -> None:
    till.register.scan(code)
    till.view()


def _append(folder: Path, times: int) -> list[Figure]:
    """Append sales and, in between, the same bytes to a bare file with fdatasync."""
    journal = open_journal(folder)
    appended, synced = Samples(), Samples()
    bare = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    basket = builders.basket(*(builders.line(builders.product(f"Tea {n}")) for n in range(5)))
    for _ in range(times):
        sale = builders.sale(of=basket, till_id="T1", sale_id=builders.new_id())
        appended.measure(partial(journal.append_sale, "A1", partial(_already_made, sale)))
        body = journal.entries(journal.head.sequence - 1, 1)[0].body.encode()
        synced.measure(partial(_write_and_sync, bare, body))
    os.close(bare)
    journal.close()
    return [
        synced.figure("write + fdatasync of the same bytes, bare file"),
        appended.figure("append of a 5-line sale to the journal", against="fdatasync", base=synced),
    ]


def _already_made(sale: Sale, _number: str) -> Sale:
    return sale


def _write_and_sync(file: int, body: bytes) -> None:
    os.write(file, body)
    os.fdatasync(file)


def _start(folder: Path, times: int) -> list[Figure]:
    """Start a till process from nothing until its first scan is accepted."""
    figures: list[Figure] = []
    base: Samples | None = None
    for products in (1_000, 100_000):
        home = folder / str(products)
        _till(home, products=products).close()
        command = [sys.executable, "-c", _FIRST_SCAN, str(home), PIN, _gtin(products - 1)]
        started = Samples()
        for _ in range(times):
            started.measure(partial(subprocess.run, command, check=True))
        name = f"process start → first scan accepted, {products:,} products"
        figures.append(started.figure(name, against="1,000 products" if base else "", base=base))
        base = base or started
    return figures


def _till(folder: Path, products: int) -> Till:
    create(folder, "T1", "A1")
    catalog = SqliteCatalog(folder / CATALOG, FileKeyStore(folder).journal_key())
    catalog.replace(
        Snapshot(
            version=1,
            store=builders.STORE,
            people=(Person("p1", "Ada", "manager", PasswordHasher().hash(peppered(b"", PIN))),),
            taxes=(builders.VAT,),
            products=tuple(_product(number) for number in range(products)),
        )
    )
    catalog.close()
    return _logged_in(Till.open(folder))


def _logged_in(till: Till) -> Till:
    till.register.log_in("p1", PIN)
    return till


def _product(number: int) -> Product:
    return Product(
        sku=f"P{number}",
        name=f"Product number {number}",
        price=UnitPrice.of(Money(199, "EUR")),
        tax_codes=("S",),
        barcodes=(_gtin(number),),
    )


def _gtin(number: int) -> str:
    payload = f"952{number:09d}"
    return payload + check_digit(payload)
