"""Real codes and real names: 100,000 products of Open Food Facts and 3,000 codes gone wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median

import pyarrow.parquet as pq
import pytest
from builders import product, snapshot
from counter import CROISSANT, Counter, with_lines
from notrun import optional_data

from domain.barcode import BadCode
from domain.catalog import Product, UnknownCode
from till_kivy import sample
from till_kivy.catalog import SqliteCatalog
from till_kivy.hardware.protocols import Cue
from till_kivy.hardware.receipt_layout import printable

KEY = b"k" * 32
ROWS = 100_000


def rows(name: str) -> list[dict[str, str]]:
    """Read a Parquet file of strings."""
    found: list[dict[str, str]] = pq.read_table(optional_data(name)).to_pylist()
    return found


@pytest.fixture(scope="module")
def products() -> tuple[Product, ...]:
    """The whole catalogue, each at the same price."""
    return tuple(
        product(row["name"], "1.99", sku=row["code"], barcodes=(row["code"].zfill(14),))
        for row in rows("off_catalogue_100k.parquet")
    )


@pytest.fixture(scope="module")
def path(products: tuple[Product, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue file that holds them all."""
    path = tmp_path_factory.mktemp("real") / "catalog.sqlite"
    with closing(SqliteCatalog(path, KEY)) as catalog:
        catalog.replace(snapshot(*products))
    return path


@pytest.fixture
def catalog(path: Path) -> Iterator[SqliteCatalog]:
    with closing(SqliteCatalog(path, KEY)) as catalog:
        yield catalog


def test_every_real_code_finds_its_own_product(
    catalog: SqliteCatalog, products: tuple[Product, ...]
) -> None:
    wrong = [one.sku for one in products if catalog.by_gtin(one.barcodes[0]) != one]

    assert len(products) == ROWS
    assert wrong == []


def test_every_real_code_is_sold_by_its_scan(tmp_path: Path, products: tuple[Product, ...]) -> None:
    some = products[:: len(products) // 300]
    shop = sample.snapshot()
    own = tuple(replace(one, tax_codes=("A",)) for one in some)
    counter = Counter.open(tmp_path, replace(shop, products=own)).log_in()

    for one in own:
        counter.register.scan(one.sku)

    assert [line.sku for line in counter.register.basket.lines] == [one.sku for one in own]
    counter.close()


def test_opening_does_not_depend_on_the_size_of_the_catalogue(path: Path) -> None:
    began = time.perf_counter()

    with closing(SqliteCatalog(path, KEY)) as catalog:
        found = catalog.by_gtin("08032484860735")
        took_s = time.perf_counter() - began

    assert found is not None
    assert took_s < 0.2


def test_codes_and_names_are_found_fast(
    catalog: SqliteCatalog, products: tuple[Product, ...]
) -> None:
    some = products[::500]

    by_code = [timed(lambda one=one: catalog.by_gtin(one.barcodes[0])) for one in some]
    by_name = [timed(lambda one=one: catalog.search(one.name[:5])) for one in some]

    # The aims are 20 µs and 5 ms; the walls leave room for a loaded machine.
    assert median(by_code) < 0.000_5
    assert median(by_name) < 0.02


def timed(action: object) -> float:
    """Return how many seconds something took."""
    assert callable(action)
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def test_every_real_name_is_found_by_its_own_words(
    catalog: SqliteCatalog, products: tuple[Product, ...]
) -> None:
    some = [one for one in products[::250] if any(letter.isalnum() for letter in one.name)]

    lost = [one.name for one in some if one not in catalog.search(one.name, limit=2_000)]

    assert lost == []


def test_every_real_name_can_be_printed_column_by_column(products: tuple[Product, ...]) -> None:
    printed = [printable(one.name) for one in products]

    assert all(text.isprintable() for text in printed)


def test_each_of_the_bad_codes_is_refused_and_leaves_the_ticket(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    before = counter.register.basket
    codes = [row["code"] for row in rows("off_bad_codes_3k.parquet")]
    outcomes: list[type[Exception]] = []

    for code in codes:
        with pytest.raises((BadCode, UnknownCode)) as raised:
            counter.register.scan(code)
        outcomes.append(raised.type)

    assert counter.register.basket == before
    assert len(outcomes) == len(codes) > 0
    heard = [cue for cue in counter.sound.played if cue in (Cue.BAD_CODE, Cue.UNKNOWN)]
    assert len(heard) >= min(len(codes), 900)
