"""A small shop made up in code: what the screenshots show and what window tests sell."""

from __future__ import annotations

from collections.abc import Iterator

from argon2 import PasswordHasher

from domain.barcode import InStoreRule, check_digit
from domain.catalog import Person, Product, Snapshot, Store, Till
from domain.money import UnitPrice
from domain.pins import BADGE_PREFIX, badge_mark, peppered
from domain.quantity import Unit
from domain.tax import TaxRate

PIN = "246810"
"""The PIN of everybody in the sample shop, whose tills have no pepper."""

TILL = Till(id="corner-1", store_id="corner", series="C1")
STORE = Store(
    id="corner",
    name="Corner Market",
    currency="EUR",
    timezone="Europe/Vienna",
    in_store_rules=(InStoreRule("21IIIIIPPPPPC"), InStoreRule("28IIIIIWWWWWC")),
    receipt_header=("Main Square 4, 1010 Vienna", "VAT ATU00000000"),
    receipt_footer=("Thank you, see you soon",),
)
TAXES = (
    TaxRate("A", "VAT", 200_000),
    TaxRate("B", "VAT", 100_000),
)

_PEOPLE = (
    ("anna", "Anna Berger", "cashier"),
    ("deniz", "Deniz Kaya", "cashier"),
    ("marta", "Marta Nowak", "supervisor"),
    ("oliver", "Oliver Stone", "manager"),
)

# Name, price, tax; a code of the company prefix 900000 is numbered in this order.
_BY_PIECE = {
    "Bakery": (
        ("Croissant", "1.40", "B"),
        ("Farmhouse bread 1 kg", "4.20", "B"),
        ("Pretzel", "1.10", "B"),
        ("Poppy seed roll", "0.95", "B"),
        ("Cinnamon bun", "2.30", "B"),
        ("Apple strudel", "3.40", "B"),
    ),
    "Drinks": (
        ("Mineral water 1.5 l", "0.89", "A"),
        ("Apple juice 1 l", "2.19", "A"),
        ("Lemonade 0.33 l", "1.29", "A"),
        ("Orange juice 1 l", "3.29", "A"),
        ("Wheat beer 0.5 l", "1.49", "A"),
        ("Iced tea peach 0.5 l", "1.59", "A"),
        ("Tonic water 0.2 l", "1.09", "A"),
    ),
    "Coffee": (
        ("Espresso", "2.20", "A"),
        ("Cappuccino", "3.60", "A"),
        ("Flat white", "3.90", "A"),
        ("Hot chocolate", "3.70", "A"),
        ("Tea", "2.80", "A"),
    ),
    "Dairy": (
        ("Whole milk 1 l", "1.65", "B"),
        ("Oat drink 1 l", "2.29", "A"),
        ("Butter 250 g", "2.99", "B"),
        ("Yoghurt nature 500 g", "1.49", "B"),
        ("Eggs, free range, 10 pieces", "4.49", "B"),
        ("Cream 250 ml", "1.79", "B"),
    ),
    "Household": (
        ("Paper bag", "0.20", "A"),
        ("Dish soap 500 ml", "2.45", "A"),
        ("Kitchen roll 4 pieces", "3.99", "A"),
        ("Candles 12 pieces", "5.49", "A"),
        ("Batteries AA 4 pieces", "6.99", "A"),
        ("Matches", "0.45", "A"),
    ),
}

# Name, price per kilogram, item number of the shop's own labels.
_BY_WEIGHT = (
    ("Bananas", "1.89", 10001),
    ("Apples Gala", "2.99", 10002),
    ("Tomatoes on the vine", "3.49", 10003),
    ("Potatoes", "1.59", 10004),
    ("Grapes, white", "4.99", 10005),
)
_BY_LABEL = (
    ("Mountain cheese", "24.90", 20001),
    ("Ham, cooked", "19.90", 20002),
    ("Olives, marinated", "16.50", 20003),
    ("Smoked salmon", "49.00", 20004),
)


def snapshot(version: int = 1) -> Snapshot:
    """Make the catalogue of the sample shop: some forty products, four people, two tax rates."""
    return Snapshot(
        version=version,
        store=STORE,
        people=tuple(_people()),
        taxes=TAXES,
        products=(*_pieces(), *_weighed(), *_labelled(), _BLOCKED),
    )


def gtin(number: int) -> str:
    """Return the EAN-13 of the n-th product by the piece, counted from 1."""
    payload = f"9000000{number:05d}"
    return payload + check_digit(payload)


def price_label(item: int, cents: int) -> str:
    """Return the code that the deli's scale prints for a pack at a price."""
    payload = f"21{item:05d}{cents:05d}"
    return payload + check_digit(payload)


def weight_label(item: int, grams: int) -> str:
    """Return the code that the greengrocer's scale prints for a weight."""
    payload = f"28{item:05d}{grams:05d}"
    return payload + check_digit(payload)


def hash_pin(pin: str, pepper: bytes = b"") -> str:
    """Hash a PIN that protects nothing, as cheaply as argon2 allows: every test does it again."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(peppered(pepper, pin))


def badge(person_id: str) -> str:
    """Return the code on somebody's badge, which in this shop can be guessed."""
    return f"{BADGE_PREFIX}SAMPLE{person_id.upper()}"


def _people() -> Iterator[Person]:
    for person_id, name, role in _PEOPLE:
        mark = badge_mark(b"", badge(person_id))
        yield Person(person_id, name, role, hash_pin(PIN), mark)


def _pieces() -> Iterator[Product]:
    number = 0
    for category, products in _BY_PIECE.items():
        for name, price, tax in products:
            number += 1
            yield Product(
                sku=f"P{number:03d}",
                name=name,
                price=UnitPrice.parse(price, STORE.currency),
                tax_codes=(tax,),
                category=category,
                barcodes=(gtin(number),),
            )


def _weighed() -> Iterator[Product]:
    for name, price, item in _BY_WEIGHT:
        yield _by_kilogram("Fruit & veg", name, price, item, weight_label(item, 0))


def _labelled() -> Iterator[Product]:
    for name, price, item in _BY_LABEL:
        yield _by_kilogram("Deli", name, price, item, price_label(item, 0))


def _by_kilogram(category: str, name: str, price: str, item: int, code: str) -> Product:
    return Product(
        sku=f"W{item}",
        name=name,
        price=UnitPrice.parse(price, STORE.currency),
        tax_codes=("B",),
        unit=Unit.KILOGRAM,
        category=category,
        barcodes=(code,),
    )


_BLOCKED = Product(
    sku="X001",
    name="Recalled peanut butter",
    price=UnitPrice.parse("3.99", STORE.currency),
    tax_codes=("B",),
    category="Household",
    barcodes=(gtin(90_001),),
    blocked=True,
)
