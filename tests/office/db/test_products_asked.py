"""Every way to ask for products gives what a plain look through the list gives, page by page."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from books import load
from builders import STORE, VAT
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.db import queries
from activities.db.engine import Database
from activities.db.queries import ProductsAsked
from domain.barcode import BadCode, gtin_key
from domain.catalog import Article, ListedPrice, Product, Shop, StoreTax
from domain.money import UnitPrice
from domain.quantity import Unit

CATEGORIES = ("Drinks", "drinks", "", "Käse & Co")
NAMES = (
    "Tea",
    "Green tea",
    "100% juice",
    "50_50 mix",
    "back\\slash",
    "Brötchen",
    "TEA-set",
    "緑茶",
)
CODES = ("4006381333931", "40170725", "9520000000011", "012345678905")
TODAY = dt.datetime.now(dt.UTC).date()
DAY = dt.timedelta(days=1)


def articles() -> Iterator[Article]:
    """Make one article per category and name; some carry codes, some are weighed or blocked."""
    codes = iter(CODES)
    for number, (category, name) in enumerate(itertools.product(CATEGORIES, NAMES)):
        yield Article(
            sku=f"{'aZ'[number % 2]}{number:02d}",
            name=f"{name} {number}",
            tax_codes=("S",),
            unit=Unit.KILOGRAM if number % 5 == 0 else Unit.PIECE,
            category=category,
            barcodes=tuple(itertools.islice(codes, 2)) if number % 7 == 0 else (),
            blocked=number % 11 == 0,
        )


ARTICLES = tuple(articles())
SOLD = ARTICLES[:-4]
"""The store has no price for the last four: two have none at all, two only from tomorrow on."""


def price(article: Article, micros: int, from_day: dt.date) -> ListedPrice:
    return ListedPrice("S1", article.sku, UnitPrice(micros, "EUR"), from_day)


@pytest.fixture(scope="module")
def shelves(postgres_url: str) -> Iterator[Database]:
    opened = Database(postgres_url, as_owner=True)
    old = [price(one, 1_000_000, TODAY - 9 * DAY) for one in SOLD]
    now = [price(one, 2_000_000 + n, TODAY - 2 * DAY) for n, one in enumerate(SOLD)]
    later = [price(one, 9_000_000, TODAY + 2 * DAY) for one in ARTICLES[-12:-2]]
    elsewhere = [replace(one, store_id="S2") for one in old[:3]]
    stores = (STORE, replace(STORE, id="S2"))
    taxes = tuple(StoreTax(store.id, VAT) for store in stores)
    prices = (*old, *now, *later, *elsewhere)
    load(opened, Shop(stores=stores, taxes=taxes, products=ARTICLES, prices=prices))
    yield opened
    opened.close()


def expected(asked: ProductsAsked) -> list[Product]:
    """Look through the list, without SQL and without pages."""
    found = [
        Product(
            sku=one.sku,
            name=one.name,
            price=UnitPrice(2_000_000 + n, "EUR"),
            tax_codes=one.tax_codes,
            unit=one.unit,
            category=one.category,
            barcodes=tuple(map(gtin_key, one.barcodes)),
            blocked=one.blocked,
        )
        for n, one in enumerate(SOLD)
        if asked.category in {"", one.category}
        and asked.sku in {"", one.sku}
        and asked.text.lower() in one.name.lower()
        and (not asked.barcode or gtin_key(asked.barcode) in map(gtin_key, one.barcodes))
        and one.sku > asked.after
    ]
    return sorted(found, key=lambda product: product.sku.encode())


def pages(shelves: Database, asked: ProductsAsked) -> Iterator[tuple[Product, ...]]:
    """Turn the pages to the end, as a client does."""
    with shelves.begin() as connection:
        for _ in range(len(ARTICLES) + 1):
            page = queries.products(connection, asked)
            yield page.products
            if not page.after:
                return
            asked = replace(asked, after=page.after)
    pytest.fail("the pages come to no end")


questions = st.builds(
    ProductsAsked,
    store_id=st.just("S1"),
    category=st.sampled_from(["", "", "", *CATEGORIES, "Dri%", "nothing"]),
    sku=st.sampled_from(["", "", "", "", "a00", "Z01", ARTICLES[-1].sku, "%"]),
    text=st.sampled_from(["", "", "tea", "TEA", "%", "_", "\\", "röt", "緑", "0% j", "é", "'"]),
    barcode=st.sampled_from(["", "", "", "", *CODES, "2000000000008"]),
    after=st.sampled_from(["", "", "", "Z", "a10", "a", "zzz", "Z31", "'"]),
    limit=st.integers(1, 40),
)


@settings(max_examples=150, deadline=None)
@given(asked=questions)
def test_turning_all_pages_gives_what_the_plain_list_gives(
    shelves: Database, asked: ProductsAsked
) -> None:
    found = list(pages(shelves, asked))

    together = [product for page in found for product in page]
    assert sorted(together, key=lambda one: one.sku) == sorted(
        expected(asked), key=lambda one: one.sku
    )
    assert len({product.sku for product in together}) == len(together)
    assert [len(page) for page in found[:-1]] == [asked.limit] * (len(found) - 1)


def test_the_last_page_is_not_followed_by_an_empty_one(shelves: Database) -> None:
    whole = ProductsAsked("S1", limit=len(SOLD))
    half = ProductsAsked("S1", limit=len(SOLD) // 2)

    with shelves.begin() as connection:
        assert queries.products(connection, whole).after == ""
    assert [len(page) for page in pages(shelves, half)] == [len(SOLD) // 2] * 2


def test_a_store_shows_what_it_has_a_price_for_today_and_nothing_else(shelves: Database) -> None:
    with shelves.begin() as connection:
        other = queries.products(connection, ProductsAsked("S2", limit=500)).products

    assert {one.sku for one in other} == {one.sku for one in SOLD[:3]}
    assert {one.price for one in other} == {UnitPrice(1_000_000, "EUR")}


@pytest.mark.parametrize("barcode", ["4006381333932", "abc", "123"])
def test_a_code_that_cannot_be_one_is_refused_and_not_searched_for(
    shelves: Database, barcode: str
) -> None:
    with shelves.begin() as connection, pytest.raises(BadCode, match=barcode):
        queries.products(connection, ProductsAsked("S1", barcode=barcode))
