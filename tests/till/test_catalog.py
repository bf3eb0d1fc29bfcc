"""The till's catalogue: found by code and by name, replaced whole, damaged without harm."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from builders import VAT, product, snapshot
from counter import BREAD, CROISSANT, Counter, euros, with_lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.catalog import Product, Snapshot, UnknownCode
from domain.quantity import Unit
from domain.tax import TaxRate
from till_kivy import sample
from till_kivy.catalog import CatalogDamaged, NoCatalog, SqliteCatalog
from till_kivy.catalog_file import CatalogTooNew, SnapshotRefused, connect
from till_kivy.view import MessageKind

KEY = b"k" * 32
CODE = "09000000000015"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    """An empty catalogue."""
    with closing(SqliteCatalog(tmp_path / "catalog.sqlite", KEY)) as catalog:
        yield catalog


def named(*names: str) -> Snapshot:
    """A shop that sells things of these names, numbered in this order."""
    return snapshot(*(product(name, sku=f"N{number}") for number, name in enumerate(names)))


def names(found: list[Product]) -> list[str]:
    return [one.name for one in found]


def test_a_product_comes_out_as_it_went_in(catalog: SqliteCatalog) -> None:
    went_in = product(
        "Cheese",
        "24.905",
        unit=Unit.KILOGRAM,
        category="Deli",
        barcodes=(CODE, "12345670"),
        tax_codes=("S", "R"),
        blocked=True,
    )

    catalog.replace(snapshot(went_in, product()))

    assert catalog.by_gtin(CODE) == went_in
    assert catalog.by_gtin("12345670".zfill(14)) == went_in
    assert catalog.by_sku("CHEESE") == went_in
    assert [tax.code for tax in catalog.taxes_of(went_in)] == ["S", "R"]


def test_what_is_not_there_is_not_found(catalog: SqliteCatalog) -> None:
    catalog.replace(snapshot())

    assert catalog.by_gtin(CODE) is None
    assert catalog.by_sku("COFFEE") is None
    assert catalog.search("coffee") == []


def test_a_till_that_never_heard_from_its_office_says_so(catalog: SqliteCatalog) -> None:
    assert (catalog.version, catalog.people(), catalog.search("tea")) == (0, (), [])

    with pytest.raises(NoCatalog, match="fetches one"):
        _ = catalog.store


def test_names_that_begin_with_the_text_come_first(catalog: SqliteCatalog) -> None:
    catalog.replace(named("Green tea", "Teapot", "Iced tea", "Tea", "Steak", "Black TEA"))

    found = names(catalog.search("tea"))

    assert found == ["Tea", "Teapot", "Black TEA", "Green tea", "Iced tea"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("creme bru", "Crème brûlée"),
        ("CRÈME", "Crème brûlée"),
        ("brulee creme", "Crème brûlée"),
        ("coca cola", "Coca-Cola 0,5 l"),
        ("coca-c", "Coca-Cola 0,5 l"),
        ("øl", "Øl"),
        ("борщ", "Борщ"),
        ("βούτ", "Βούτυρο"),
        ("n4", "Brot"),
    ],
)
def test_accents_case_and_the_order_of_words_do_not_matter(
    catalog: SqliteCatalog, typed: str, found: str
) -> None:
    catalog.replace(named("Crème brûlée", "Coca-Cola 0,5 l", "Øl", "Борщ", "Brot", "Βούτυρο"))

    assert names(catalog.search(typed)) == [found]


def test_a_typed_barcode_finds_its_product(catalog: SqliteCatalog) -> None:
    catalog.replace(snapshot(product(barcodes=(CODE,)), product("9000000000015 dwarfs")))

    assert names(catalog.search(CODE.lstrip("0"))) == ["Tea"]


def test_a_search_returns_no_more_than_asked_and_nothing_twice(catalog: SqliteCatalog) -> None:
    catalog.replace(named(*(f"Tea {number:02d} tea" for number in range(20))))

    found = names(catalog.search("tea", limit=7))

    assert found == [f"Tea {number:02d} tea" for number in range(7)]


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(typed=st.text(max_size=40) | st.text("\"*^():-+ANDORNOT{} '", max_size=12))
def test_nothing_that_can_be_typed_breaks_the_search(catalog: SqliteCatalog, typed: str) -> None:
    if not catalog.version:
        catalog.replace(named("Tea", "Coffee AND cake"))

    found = catalog.search(typed)

    assert all(isinstance(one, Product) for one in found)


def test_a_new_snapshot_takes_the_place_of_everything(catalog: SqliteCatalog) -> None:
    catalog.replace(snapshot(product("Tea", barcodes=(CODE,))))

    catalog.replace(replace(snapshot(product("Coffee")), version=2))

    assert (catalog.version, catalog.by_gtin(CODE), catalog.search("tea")) == (2, None, [])
    assert names(catalog.search("cof")) == ["Coffee"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (snapshot(product("Tea"), product("Tea"), version=2), "share a SKU"),
        (
            snapshot(product("A", barcodes=(CODE,)), product("B", barcodes=(CODE[1:],)), version=2),
            "share a SKU or a barcode",
        ),
        (snapshot(product(tax_codes=("S", "ZZ")), version=2), "tax ZZ"),
        (
            replace(snapshot(version=2), store=replace(snapshot().store, currency="CHF")),
            "priced in EUR",
        ),
        (
            replace(snapshot(version=2), store=replace(snapshot().store, timezone="Mars/Base")),
            "Mars/Base",
        ),
    ],
    ids=["same sku", "same barcode", "unknown tax", "foreign price", "no such zone"],
)
def test_a_snapshot_that_contradicts_itself_leaves_the_one_before(
    catalog: SqliteCatalog, bad: Snapshot, words: str
) -> None:
    catalog.replace(snapshot(product("Tea")))

    with pytest.raises(SnapshotRefused, match=words):
        catalog.replace(bad)

    assert (catalog.version, names(catalog.search("tea"))) == (1, ["Tea"])


def test_another_threads_snapshot_is_seen_at_once(catalog: SqliteCatalog) -> None:
    catalog.replace(snapshot())
    assert catalog.store.name == "Corner shop"
    renamed = replace(snapshot(), version=9, store=replace(snapshot().store, name="New name"))

    other = threading.Thread(target=catalog.replace, args=(renamed,))
    other.start()
    other.join(20)

    assert (catalog.version, catalog.store.name) == (9, "New name")


def test_scanning_goes_on_while_a_snapshot_is_written(catalog: SqliteCatalog) -> None:
    many = [product(f"P{n}", barcodes=(f"{n:014d}",)) for n in range(5_000)]
    catalog.replace(snapshot(*many))
    writer = threading.Thread(target=catalog.replace, args=(snapshot(*many, version=2),))
    writer.start()

    while writer.is_alive():
        found = catalog.by_gtin("00000000000042")
        assert found is not None
        assert found.name == "P42"

    assert catalog.version == 2


def test_taxes_follow_the_newest_snapshot(catalog: SqliteCatalog) -> None:
    catalog.replace(snapshot())
    raised = TaxRate("S", "VAT", 250_000)

    catalog.replace(replace(snapshot(), version=2, taxes=(raised,)))

    assert catalog.taxes_of(product()) == (raised,)
    assert VAT.rate_ppm != raised.rate_ppm


def test_nothing_in_the_file_can_be_read_without_the_key(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    with closing(SqliteCatalog(path, KEY)) as catalog:
        catalog.replace(snapshot(product("Canary seed"), product("Tea")))

        stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())

    assert b"Canary" not in stored
    assert b"SQLite format" not in stored


def test_a_key_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has 5 bytes, expected 32"):
        SqliteCatalog(tmp_path / "catalog.sqlite", b"short")


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    with closing(connect(path, KEY)) as connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(CatalogTooNew, match="has catalogue format 99"):
        SqliteCatalog(path, KEY)

    assert [file.name for file in tmp_path.glob("*damaged*")] == []


def spoil(path: Path, first_page: int) -> None:
    """Flip one bit in each page from one on."""
    content = bytearray(path.read_bytes())
    for start in range(first_page * 4096, len(content), 4096):
        content[start + 100] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: spoil(path, 0),
        lambda path: path.write_bytes(b"no database at all" * 1_000),
        lambda path: path.write_bytes(path.read_bytes()[:6_000]),
    ],
    ids=["flipped bits", "other content", "cut off"],
)
def test_a_damaged_file_is_set_aside_and_the_till_starts_empty(
    tmp_path: Path, damage: object
) -> None:
    path = tmp_path / "catalog.sqlite"
    with closing(SqliteCatalog(path, KEY)) as catalog:
        catalog.replace(snapshot())
    assert callable(damage)
    damage(path)

    with closing(SqliteCatalog(path, KEY)) as catalog:
        assert catalog.version == 0
        assert "set aside as catalog.sqlite.damaged-1" in catalog.notice
        catalog.replace(snapshot())
        assert (catalog.version, catalog.notice) == (1, "")


def test_damage_met_while_selling_stops_neither_the_ticket_nor_its_payment(
    counter: Counter,
) -> None:
    with_lines(counter, CROISSANT)
    counter.close()
    spoil(counter.folder / "catalog.sqlite", 3)  # the shop's own row is on the second page
    after = Counter.open(counter.folder, as_it_is=True).log_in()

    with pytest.raises(CatalogDamaged, match="Sales are safe"):
        after.register.scan(BREAD)

    assert after.register.pay(euros("1.40")).total == euros("1.40")
    with pytest.raises(UnknownCode):
        after.register.scan(BREAD)
    assert after.catalog.version == 0
    after.close()


def test_after_damage_the_next_snapshot_heals_and_selling_goes_on(counter: Counter) -> None:
    counter.close()
    spoil(counter.folder / "catalog.sqlite", 0)
    after = Counter.open(counter.folder, as_it_is=True)

    after.catalog.replace(sample.snapshot(version=2))

    assert after.log_in().register.scan(CROISSANT).name == "Croissant"
    after.close()


def test_a_screen_without_catalogue_says_what_it_waits_for(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    counter.close()
    spoil(counter.folder / "catalog.sqlite", 0)
    after = Counter.open(counter.folder, as_it_is=True)

    view = after.register.view()

    assert (view.people, view.lines, view.currency) == ((), (), "")
    assert view.message is not None
    assert view.message.kind is MessageKind.WARNING
    assert "fetched again" in view.message.text
    after.close()


def test_damage_met_while_a_snapshot_is_written_does_not_stop_it(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    with closing(SqliteCatalog(path, KEY)) as catalog:
        catalog.replace(snapshot())
    spoil(path, 3)

    with closing(SqliteCatalog(path, KEY)) as catalog:
        catalog.replace(snapshot(product("Coffee"), version=2))

        assert names(catalog.search("coffee")) == ["Coffee"]
        assert (tmp_path / "catalog.sqlite.damaged-1").exists()
