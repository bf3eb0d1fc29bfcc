"""What the office is told of its stores, and what tills are told in turn."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from books import Ask, PaperTill, corner_shop, load, post, take_in
from builders import STORE, sale

from activities.db import queries, shop
from activities.db.checks import NoSuchStore
from activities.db.engine import Database
from activities.db.intake import UnknownTill
from activities.db.queries import NoSuchProduct, NoSuchSale, ProductsAsked
from activities.db.shop import BadPublicKey, BadShop, KeyTaken
from activities.demo_shop import BERLIN, DEMO_PIN, VANCOUVER, demo_badge, demo_shop
from activities.keys import PinPepper
from domain.barcode import parse_code
from domain.catalog import Article, Employee, ListedPrice, Person, Shop, StoreTax, Till
from domain.money import Money, UnitPrice
from domain.pins import PIN_DIGITS, badge_mark, peppered
from domain.quantity import Unit
from domain.roles import Role
from domain.tax import TaxRate

TODAY = dt.datetime.now(dt.UTC).date()
PEPPER = PinPepper(b"p" * 32)


def _version(database: Database, till_id: str = "T1") -> int:
    with database.begin() as connection:
        return queries.snapshot_version(connection, till_id)


def _price_of_tea(database: Database) -> UnitPrice:
    with database.begin() as connection:
        return queries.product(connection, "S1", "TEA").price


def test_a_till_is_told_all_that_was_loaded(database: Database) -> None:
    ada = Person("p1", "Ada", "cashier", "$argon2id$…")
    tea = Article("TEA", "Tea 緑茶", ("S",), Unit.PIECE, "Drinks", ("40170725",))
    given = Shop(
        stores=(STORE,),
        tills=(Till("T1", "S1", "A1"),),
        people=(Employee("S1", ada),),
        taxes=(StoreTax("S1", TaxRate("S", "VAT", 200_000)),),
        products=(tea,),
        prices=(ListedPrice("S1", "TEA", UnitPrice.parse("2.955", "EUR")),),
    )

    load(database, given)

    with database.begin() as connection:
        told = queries.snapshot(connection, "T1")
    assert (told.store, told.people, told.taxes) == (STORE, (ada,), (given.taxes[0].rate,))
    assert told.products[0].barcodes == ("00000040170725",)
    assert told.products[0].price == UnitPrice.parse("2.955", "EUR")
    assert (told.version, told.products[0].name) == (1, "Tea 緑茶")


def test_a_snapshot_costs_what_its_store_sells_and_not_what_others_sell(
    books: Database, ask: Ask
) -> None:
    before = _looked_at(books)
    articles = tuple(Article(f"X{number:05d}", "Thing", ()) for number in range(3_000))
    one = UnitPrice.parse("1", "EUR")
    prices = tuple(ListedPrice("S2", article.sku, one) for article in articles)

    load(books, Shop(stores=(replace(STORE, id="S2"),), products=articles, prices=prices))
    ask("ANALYZE products, prices, product_barcodes")  # as PostgreSQL does by itself in a while

    assert _looked_at(books) < before + 100


def _looked_at(database: Database) -> int:
    """Count the rows read and the index look-ups that a snapshot of till T1 takes."""
    with database.begin() as connection:
        before = connection.scalar(_LOOKED_AT) or 0
        queries.snapshot(connection, "T1")
        return (connection.scalar(_LOOKED_AT) or 0) - before


_LOOKED_AT = sa.text(
    "SELECT CAST(sum(seq_tup_read + coalesce(idx_scan, 0)) AS bigint) FROM pg_stat_xact_user_tables"
)


def test_each_change_makes_a_new_version_for_the_stores_it_touches(books: Database) -> None:
    load(books, Shop(stores=(replace(STORE, id="S2"),), tills=(Till("T3", "S2", "C1"),)))
    before = _version(books), _version(books, "T3")

    load(books, Shop(products=(Article("TEA", "Green tea", ("S",)),)))

    assert (_version(books), _version(books, "T3")) == (before[0] + 1, before[1])


def test_a_price_waits_for_its_day(books: Database) -> None:
    before = _version(books)
    tomorrow = ListedPrice("S1", "TEA", UnitPrice.parse("9.99", "EUR"), TODAY + dt.timedelta(1))

    load(books, Shop(prices=(tomorrow,)))

    assert _price_of_tea(books) == UnitPrice.parse("3.50", "EUR")
    assert _version(books) == before + 1


def test_a_day_on_which_a_price_comes_into_force_is_a_new_version(
    books: Database, ask: Ask
) -> None:
    today = ListedPrice("S1", "TEA", UnitPrice.parse("4.00", "EUR"), TODAY)
    load(books, Shop(prices=(today,)))
    loaded = _version(books)

    ask("UPDATE stores SET catalogue_loaded_on = catalogue_loaded_on - 1")
    reached = _version(books)
    load(books, Shop(prices=(today,)))

    assert _price_of_tea(books) == UnitPrice.parse("4.00", "EUR")
    assert (reached, _version(books)) == (loaded + 1, loaded + 2)


def test_loading_twice_changes_nothing_but_the_version(
    books: Database, till: PaperTill, other_till: PaperTill
) -> None:
    with books.begin() as connection:
        before = queries.snapshot(connection, "T1")

    load(books, corner_shop(till, other_till))

    with books.begin() as connection:
        after = queries.snapshot(connection, "T1")
    assert after == replace(before, version=before.version + 1)


def test_what_does_not_fit_together_is_not_loaded(books: Database, ask: Ask) -> None:
    dollars = ListedPrice("S1", "TEA", UnitPrice.parse("1", "USD"))
    untaxed = Shop(
        products=(Article("GIN", "Gin", ("spirits",)),),
        prices=(ListedPrice("S1", "GIN", UnitPrice.parse("20", "EUR")),),
    )
    taken = Article("GIN", "Gin", (), barcodes=("4006381333931",))
    twice = Article("GIN", "Gin", ())

    for given, word in (
        (Shop(prices=(dollars,)), "not in EUR"),
        (untaxed, "None of the taxes"),
        (Shop(products=(taken,)), "barcode_is_taken_once"),
        (Shop(products=(twice, twice)), "2 times"),
        (Shop(prices=(ListedPrice("S1", "???", UnitPrice(1, "EUR")),)), "price_is_of_a_product"),
    ):
        with pytest.raises(BadShop, match=f"{word}.*Nothing was loaded"):
            load(books, given)

    assert ask("SELECT sku FROM products") == [("TEA",)]


def test_what_a_refused_load_says_has_no_mark_of_a_pin(books: Database) -> None:
    badge = "the mark of a badge"
    odd = Employee("S1", Person("8", "Eve", "boss", "the hash of a PIN", badge))
    two = tuple(Employee("S1", Person(own, own, "cashier", "a hash", badge)) for own in "89")

    for people in ((odd,), two):
        with pytest.raises(BadShop, match=r"Nothing was loaded") as refused:
            load(books, Shop(people=people))

        assert "hash of a PIN" not in str(refused.value)
        assert badge not in str(refused.value)


def test_products_are_found_by_category_text_and_barcode(database: Database) -> None:
    load(database, demo_shop(PEPPER))

    with database.begin() as connection:
        dairy = queries.products(connection, ProductsAsked(BERLIN.id, category="Dairy"))
        bread = queries.products(connection, ProductsAsked(BERLIN.id, text="BRÖTCHEN"))
        coded = queries.products(connection, ProductsAsked(BERLIN.id, barcode="9520000000011"))
        strange = queries.products(connection, ProductsAsked(BERLIN.id, text="100%"))

    assert {product.category for product in dairy.products} == {"Dairy"}
    assert [product.name for product in bread.products][:1] == ["Brötchen"]
    assert [product.sku for product in coded.products] == ["D0001"]
    assert strange.products == ()


def test_pages_of_products_follow_each_other_to_the_end(database: Database) -> None:
    load(database, demo_shop(PEPPER))
    pages: list[list[str]] = []

    with database.begin() as connection:
        after = ""
        while not pages or after:
            asked = ProductsAsked(VANCOUVER.id, after=after, limit=70)
            page = queries.products(connection, asked)
            pages.append([product.sku for product in page.products])
            after = page.after

    skus = [sku for page in pages for sku in page]
    assert skus == sorted(product.sku for product in demo_shop(PEPPER).products)
    assert [len(page) for page in pages[:-1]] == [70] * (len(pages) - 1)


def test_who_asks_for_what_is_not_there_is_told_so(books: Database) -> None:
    with books.begin() as connection:
        with pytest.raises(NoSuchProduct, match="no product 'NIL'"):
            queries.product(connection, "S1", "NIL")
        with pytest.raises(NoSuchStore, match="no store 'S9'"):
            queries.products(connection, ProductsAsked("S9"))
        with pytest.raises(NoSuchSale):
            queries.sale(connection, sale().id)
        with pytest.raises(UnknownTill):
            queries.snapshot(connection, "T9")


def test_tills_tell_how_far_they_are_and_what_they_sold(books: Database, till: PaperTill) -> None:
    taken = take_in(books, till.sell(2))
    post(books, *taken.sales)

    with books.begin() as connection:
        _, one, two = queries.tills(connection)

    assert (one.head, one.sales, one.total) == (till.head, 2, Money(700, "EUR"))
    assert one.last_seen is not None
    assert (two.head.sequence, two.sales, two.last_seen) == (0, 0, None)


def test_a_key_is_registered_and_stays(books: Database, till: PaperTill) -> None:
    take_in(books, till.sell())

    with books.begin() as connection:
        again = shop.enrol(connection, "T1", till.key.public_key.upper())
        with pytest.raises(KeyTaken, match="another key"):
            shop.enrol(connection, "T1", "00" * 32)
        with pytest.raises(BadPublicKey, match="64 hexadecimal digits"):
            shop.enrol(connection, "T1", "secret")
        with pytest.raises(UnknownTill):
            shop.enrol(connection, "T9", "00" * 32)

    assert again.public_key == till.key.public_key


def test_a_till_without_a_key_gets_one(books: Database) -> None:
    load(books, Shop(tills=(Till("T3", "S1", "A3"),)))

    with books.begin() as connection:
        till = shop.enrol(connection, "T3", "ab" * 32)

    assert till == Till("T3", "S1", "A3", "ab" * 32)


def test_the_demo_shop_is_the_same_each_time_and_all_its_codes_can_be_scanned() -> None:
    once, twice = demo_shop(PEPPER), demo_shop(PEPPER)

    codes = [code for article in once.products for code in article.barcodes]
    scanned = {parse_code(code, BERLIN.in_store_rules, "EUR").gtin for code in codes}

    assert once == twice
    assert len(scanned) == len(codes) == len(once.products)
    assert (len(once.stores), len(once.tills), len(once.people)) == (2, 3, 12)
    assert len(DEMO_PIN) == PIN_DIGITS


def test_everybody_in_the_demo_shop_has_the_demo_pin_and_a_badge_of_their_own() -> None:
    shop = demo_shop(PEPPER)

    for store_id, person in ((own.store_id, own.person) for own in shop.people):
        pepper = PEPPER.of_store(store_id)
        assert PasswordHasher().verify(person.pin_hash, peppered(pepper, DEMO_PIN))
        assert person.badge_mark == badge_mark(pepper, demo_badge(person.id))
    assert len({own.person.badge_mark for own in shop.people}) == len(shop.people)
    assert all(own.person.role in set(Role) for own in shop.people)


def test_tills_are_told_of_badges_and_not_of_people_who_have_left(books: Database) -> None:
    ada = Person("p1", "Ada", "cashier", "$argon2id$…", "ab" * 32)
    bob = replace(ada, id="p2", badge_mark="")
    load(books, Shop(people=(Employee("S1", ada), Employee("S1", bob))))
    with books.begin() as connection:
        connection.exec_driver_sql("UPDATE people SET active = false WHERE id = 'p2'")

    load(books, Shop(people=(Employee("S1", bob),)))
    with books.begin() as connection:
        people = queries.snapshot(connection, "T1").people

    assert people == (ada,)


def test_the_demo_shop_shows_tax_inside_and_on_top(database: Database) -> None:
    load(database, demo_shop(PEPPER))

    with database.begin() as connection:
        inside = queries.product(connection, BERLIN.id, "P0008")
        on_top = queries.product(connection, VANCOUVER.id, "P0008")
        rates = queries.snapshot(connection, "vancouver-1").taxes

    assert (inside.tax_codes, on_top.tax_codes) == (("standard",), ("standard", "province"))
    assert not any(rate.included for rate in rates)
