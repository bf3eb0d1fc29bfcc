"""A shop to try everything with: two stores, three tills, about 300 articles, twelve people.

Nothing of it is real. GTIN-13s start with 952, the GS1 prefix for demonstrations; UPC-As with 4
and GTIN-8s with 2, which GS1 leaves to each store for codes of its own; 21… and 28… are codes
packed in the store with a price or a weight inside. Everybody's PIN is `DEMO_PIN`, and everybody
has a badge that anybody can guess: `demo_badge`.
"""

from __future__ import annotations

from collections.abc import Iterator

from argon2.low_level import Type, hash_secret

from activities.demo_goods import FOOD, GROUPS, OTHER, PACKED, WEIGHED
from activities.keys import PinPepper
from domain.barcode import InStoreRule, check_digit
from domain.catalog import Article, Employee, ListedPrice, Person, Shop, Store, StoreTax, Till
from domain.money import Money, UnitPrice
from domain.pins import BADGE_PREFIX, badge_mark, peppered
from domain.quantity import Unit
from domain.tax import TaxRate

DEMO_PIN = "246810"
"""The PIN of everybody in the demo shop; it protects nothing."""

PRICE_INSIDE = InStoreRule("21IIIIIPPPPPC")
WEIGHT_INSIDE = InStoreRule("28IIIIIWWWWWC")

BERLIN = Store(
    "berlin",
    "Späti am Ufer (demo)",
    "EUR",
    timezone="Europe/Berlin",
    in_store_rules=(PRICE_INSIDE, WEIGHT_INSIDE),
    receipt_header=("Demo Straße 1, 10999 Berlin", "USt-IdNr. DE000000000"),
    receipt_footer=("Danke und bis bald!", "Demo: keine echte Ware"),
)
VANCOUVER = Store(
    "vancouver",
    "Harbour Corner (demo)",
    "CAD",
    timezone="America/Vancouver",
    cash_step_minor=5,
    in_store_rules=(PRICE_INSIDE, WEIGHT_INSIDE),
    receipt_header=("1 Demo Street, Vancouver BC", "GST 000000000 RT0001"),
    receipt_footer=("Thank you!", "Demo: no real goods"),
)
_TILLS = (
    Till("berlin-1", BERLIN.id, "B1"),
    Till("berlin-2", BERLIN.id, "B2"),
    Till("vancouver-1", VANCOUVER.id, "V1"),
)
DEMO_TILLS = tuple(till.id for till in _TILLS)
# Tax inside the shelf price in one store; in the other two taxes at once on top of it, or none.
_TAXES = (
    StoreTax(BERLIN.id, TaxRate("standard", "MwSt", 190_000)),
    StoreTax(BERLIN.id, TaxRate("reduced", "MwSt", 70_000)),
    StoreTax(VANCOUVER.id, TaxRate("standard", "GST", 50_000, included=False)),
    StoreTax(VANCOUVER.id, TaxRate("province", "PST", 70_000, included=False)),
    StoreTax(
        VANCOUVER.id,
        TaxRate("reduced", "GST", 0, included=False, exempt_reason="zero-rated groceries"),
    ),
)
_PEOPLE = {
    BERLIN.id: "Ayşe Demir, Björn Köhler, Chloé Martin, Đorđe Petrović, Emilia Groß, Faisal Khan",
    VANCOUVER.id: "Grace Chen, Hiroshi Satō, Isla Fraser, João Silva, Kwame Boateng, Łucja Nowak",
}
_ROLES = ("cashier", "cashier", "cashier", "cashier", "supervisor", "manager")
_DOLLARS_PER_100_EUROS = 145


def demo_shop(pepper: PinPepper) -> Shop:
    """Return the demo shop, the same each time under the same pepper."""
    priced = (*_goods(), *_weighed(), *_packed())
    return Shop(
        stores=(BERLIN, VANCOUVER),
        tills=_TILLS,
        people=tuple(_people(pepper)),
        taxes=_TAXES,
        products=tuple(article for article, _ in priced),
        prices=tuple(price for article, cents in priced for price in _prices(article, cents)),
    )


def demo_badge(person_id: str) -> str:
    """Return the code on a demo person's badge; real ones are random."""
    return f"{BADGE_PREFIX}DEMO{person_id.upper()}"


def _goods() -> Iterator[tuple[Article, int]]:
    number = 0
    for group in GROUPS:
        for name, cents in group.names.items():
            for variant, percent in group.variants.items():
                number += 1
                article = Article(
                    sku=f"D{number:04d}",
                    name=f"{name} {variant}".strip(),
                    tax_codes=group.tax_codes,
                    category=group.category,
                    barcodes=(_barcode(number),),
                    attributes={"range": name},
                )
                yield article, cents * percent // 100


def _weighed() -> Iterator[tuple[Article, int]]:
    for number, (name, cents) in enumerate(WEIGHED.items(), 1):
        code = WEIGHT_INSIDE.item_code(f"28{number:05d}000000")
        category = "Fresh"
        yield Article(f"W{number:04d}", name, FOOD, Unit.KILOGRAM, category, (code,)), cents


def _packed() -> Iterator[tuple[Article, int]]:
    for number, (name, cents) in enumerate(PACKED.items(), 1):
        code = PRICE_INSIDE.item_code(f"21{number:05d}000000")
        taxes = OTHER if name == "Bouquet" else FOOD
        yield Article(f"P{number:04d}", name, taxes, Unit.PIECE, "Counter", (code,)), cents


def _barcode(number: int) -> str:
    """Give most goods a GTIN-13, every tenth a short GTIN-8, every tenth a UPC-A."""
    payload = {3: f"2{number:06d}", 7: f"4{number:010d}"}.get(number % 10, f"952{number:09d}")
    return payload + check_digit(payload)


def _prices(article: Article, cents: int) -> Iterator[ListedPrice]:
    dollars = cents * _DOLLARS_PER_100_EUROS // 100
    yield ListedPrice(BERLIN.id, article.sku, UnitPrice.of(Money(cents, "EUR")))
    yield ListedPrice(VANCOUVER.id, article.sku, UnitPrice.of(Money(dollars, "CAD")))


def _people(pepper: PinPepper) -> Iterator[Employee]:
    for store_id, names in _PEOPLE.items():
        own = pepper.of_store(store_id)
        for number, (name, role) in enumerate(zip(names.split(", "), _ROLES, strict=True), 1):
            person_id = f"{store_id}-{number}"
            pin_hash = _cheap_hash(peppered(own, DEMO_PIN), person_id)
            mark = badge_mark(own, demo_badge(person_id))
            yield Employee(store_id, Person(person_id, name, role, pin_hash, mark))


def _cheap_hash(secret: bytes, person_id: str) -> str:
    """Hash a PIN that is no secret: the least that argon2 takes, and the same salt each time."""
    salt = person_id.rjust(16, "-").encode()
    return hash_secret(
        secret, salt, time_cost=1, memory_cost=8, parallelism=1, hash_len=16, type=Type.ID
    ).decode()
