"""Any assortment at all: each product found by its codes and words, searches as a plain reading."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from builders import REDUCED, STORE, VAT, snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.barcode import InStoreRule, check_digit, parse_code
from domain.catalog import Person, Product, Snapshot, find
from domain.money import UnitPrice
from domain.quantity import Unit
from domain.tax import TaxRate, TaxRounding
from till_kivy.catalog import SqliteCatalog
from till_kivy.catalog_file import SnapshotRefused, folded

KEY = b"k" * 32
WORDS = "tea Tee Té green Grün grape bread BROT 250 g 1 kg".split()
few = settings(max_examples=25)


def gtin(number: int) -> str:
    payload = f"{number:012d}"
    return payload + check_digit(payload)


@st.composite
def assortments(draw: st.DrawFn) -> tuple[Product, ...]:
    """Some products whose SKUs and barcodes are their own."""
    names = draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), max_size=12))
    return tuple(
        Product(
            sku=f"A-{number}",
            name=" ".join(words),
            price=UnitPrice(draw(st.integers(0, 10**9)), "EUR"),
            tax_codes=draw(st.sampled_from([(), ("S",), ("S", "R")])),
            unit=draw(st.sampled_from(Unit)),
            category=draw(st.sampled_from(["", "Drinks", "Bakery"])),
            barcodes=tuple(gtin(10 * number + n) for n in range(1, 1 + draw(st.integers(0, 3)))),
            blocked=draw(st.booleans()),
        )
        for number, words in enumerate(names, 1)
    )


@contextmanager
def catalog_of(*products: Product) -> Iterator[SqliteCatalog]:
    with tempfile.TemporaryDirectory(prefix="till-catalog-") as folder:
        catalog = SqliteCatalog(Path(folder) / "catalog.sqlite", KEY)
        catalog.replace(replace(snapshot(), products=products))
        yield catalog
        catalog.close()


@few
@given(assortments())
def test_every_product_is_found_by_its_sku_and_by_each_of_its_codes(
    products: tuple[Product, ...],
) -> None:
    with catalog_of(*products) as catalog:
        for product in products:
            assert catalog.by_sku(product.sku) == product
            for code in product.barcodes:
                assert catalog.by_gtin(code.zfill(14)) == product
                assert catalog.search(code) == [product]


@few
@given(assortments(), st.sampled_from(["t", "gr", "Gr", "grun", "br 1", "TEE", "250 g", "zzz"]))
def test_a_search_finds_all_whose_words_begin_so_and_no_other(
    products: tuple[Product, ...], typed: str
) -> None:
    def fits(product: Product) -> bool:
        words = folded(product.name).split() + folded(product.sku).replace("-", " ").split()
        return all(any(own.startswith(word) for own in words) for word in folded(typed).split())

    with catalog_of(*products) as catalog:
        found = catalog.search(typed)

    assert {own.sku for own in found} == {own.sku for own in products if fits(own)}
    assert len(found) == len(set(found))


@few
@given(assortments(), st.integers(1, 4))
def test_a_category_shows_what_may_be_sold_of_it_by_name(
    products: tuple[Product, ...], limit: int
) -> None:
    with catalog_of(*products) as catalog:
        categories = catalog.categories()
        shown = {category: catalog.in_category(category, limit) for category in categories}

    assert categories == tuple(sorted({own.category for own in products} - {""}))
    for category, found in shown.items():
        sellable = [own for own in products if own.category == category and not own.blocked]
        in_order = sorted(sellable, key=lambda own: (folded(own.name), own.sku))
        assert found == in_order[:limit]


@few
@given(assortments(), assortments())
def test_of_the_catalogue_before_nothing_is_left(
    before: tuple[Product, ...], after: tuple[Product, ...]
) -> None:
    with catalog_of(*before) as catalog:
        catalog.replace(replace(snapshot(version=2), products=after))

        kept = {own.sku: own for own in after}
        for product in before:
            assert catalog.by_sku(product.sku) == kept.get(product.sku)
        assert {own.sku for own in catalog.search("A", 100)} == set(kept)
        assert catalog.version == 2


@few
@given(assortments())
def test_taxes_come_in_the_order_the_product_names_them(products: tuple[Product, ...]) -> None:
    rates = {"S": VAT, "R": REDUCED}

    with catalog_of(*products) as catalog:
        for product in products:
            assert catalog.taxes_of(product) == tuple(rates[code] for code in product.tax_codes)


def test_a_whole_store_comes_out_as_the_office_wrote_it() -> None:
    store = replace(
        STORE,
        timezone="Europe/Vienna",
        cash_step_minor=5,
        tax_rounding=TaxRounding.LINE,
        in_store_rules=(InStoreRule("21IIIIIPPPPPC"),),
        receipt_footer=("Danke", ""),
    )
    people = (Person("p1", "Zoë", "cashier", "h"), Person("p2", "Ada", "manager", "h"))
    taxes = (TaxRate("Z", "VAT", 0, exempt_reason="books"), TaxRate("T", "City", 1, included=False))

    with catalog_of() as catalog:
        catalog.replace(Snapshot(9, store, people, taxes, ()))

        assert catalog.store == store
        assert catalog.people() == people
        assert catalog.version == 9


def test_an_eight_digit_code_and_its_fourteen_digits_are_one_product() -> None:
    short = Product("GUM", "Gum", UnitPrice(500_000, "EUR"), (), barcodes=("96385074",))

    with catalog_of(short) as catalog:
        for scanned in ("96385074", "0000096385074", "00000096385074", "]E496385074"):
            assert find(catalog, parse_code(scanned, (), "EUR")) == short


@pytest.mark.parametrize(
    ("twins", "what"),
    [
        ({"sku": "A"}, "SKU"),
        ({"barcodes": (gtin(1),)}, "barcode"),
        ({"barcodes": ("0" + gtin(1),)}, "barcode"),
    ],
    ids=["same sku", "same barcode", "same barcode with a leading zero"],
)
def test_two_products_that_cannot_be_told_apart_leave_the_catalogue_before(
    twins: dict[str, object], what: str
) -> None:
    one = Product("A", "One", UnitPrice(1_000_000, "EUR"), (), barcodes=(gtin(1),))
    two = replace(one, **{"sku": "B", "name": "Two", "barcodes": (), **twins})  # type: ignore[arg-type]  # tests name the fields

    with catalog_of(one) as catalog:
        with pytest.raises(SnapshotRefused, match=what):
            catalog.replace(replace(snapshot(version=2), products=(one, two)))

        assert (catalog.version, catalog.search("two"), catalog.search("one")) == (1, [], [one])


def test_a_price_beyond_every_currency_is_kept_to_the_last_micro() -> None:
    dear = Product("GOLD", "Gold", UnitPrice(2**63 - 1, "EUR"), ())

    with catalog_of(dear) as catalog:
        assert catalog.by_sku("GOLD") == dear
