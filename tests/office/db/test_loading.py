"""What an operator loads is in the audit: who and what it changed, before and after, no secret."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from books import Ask, PaperTill, corner_shop
from builders import AT, STORE, VAT

from activities.db import loading
from activities.db.engine import Database
from activities.db.users import Acting
from activities.keys import OfficeKey
from domain.audit import Actor
from domain.canonical import content_hash
from domain.catalog import Article, Employee, ListedPrice, Person, Shop, StoreTax, Till
from domain.money import UnitPrice

CANARY = "badabada"
ADA = Person("7", "Ada", "cashier", f"$argon2id${CANARY}-old", f"{CANARY:0>64}")
Act = tuple[str, str, str, Any, Any]


class Loader:
    """Loads shops and tells what the audit has of the last one."""

    def __init__(self, books: Database, acting: Acting, ask: Ask) -> None:
        self.books, self.acting, self.ask = books, acting, ask

    def load(self, given: Shop) -> list[Act]:
        before = len(self.ask("SELECT FROM audit_entries"))
        with self.books.begin() as connection:
            loading.load(connection, self.acting, given, AT)
        rows = self.ask(
            "SELECT action, subject, store_id, before, after FROM audit_entries ORDER BY sequence"
        )
        return [(*row[:3], _read(row[3]), _read(row[4])) for row in rows[before:]]


def _read(text: str) -> Any:  # noqa: ANN401 -- JSON
    return json.loads(text) if text else None


@pytest.fixture
def loader(books: Database, ask: Ask, tmp_path: Path) -> Loader:
    acting = Acting(OfficeKey.at(tmp_path / "office"), Actor("operator", "ops", "ada on desk"))
    return Loader(books, acting, ask)


def staffed(*people: Person) -> Shop:
    return Shop(people=tuple(Employee("S1", person) for person in people))


def named(acts: Sequence[Act]) -> list[tuple[str, str]]:
    return [(action, subject) for action, subject, *_ in acts]


def test_a_role_is_in_the_audit_before_and_after(loader: Loader) -> None:
    loader.load(staffed(ADA))

    acts = loader.load(staffed(replace(ADA, role="manager")))

    was = {"name": "Ada", "role": "cashier", "active": True}
    assert acts == [("person_changed", "7", "S1", was, {**was, "role": "manager"})]


def test_a_pin_and_a_badge_are_said_to_be_changed_and_are_not_told(
    loader: Loader, ask: Ask
) -> None:
    (added,) = loader.load(staffed(ADA))

    (changed,) = loader.load(
        staffed(replace(ADA, pin_hash=f"$argon2id${CANARY}-new", badge_mark=""))
    )

    assert added[:2] == ("person_added", "7")
    assert (added[4]["pin"], added[4]["badge"]) == ("set", "set")
    assert (changed[4]["pin"], changed[4]["badge"]) == ("changed", "taken")
    assert CANARY not in repr(ask("SELECT * FROM audit_entries"))


def test_stores_tills_and_taxes_are_told_one_by_one(loader: Loader) -> None:
    given = Shop(
        stores=(replace(STORE, name="The corner"), replace(STORE, id="S2")),
        tills=(Till("T3", "S1", "A3"),),
        taxes=(StoreTax("S1", replace(VAT, rate_ppm=70_000)),),
    )

    acts = loader.load(given)

    assert named(acts) == [
        ("store_changed", "S1"),
        ("store_added", "S2"),
        ("till_added", "T3"),
        ("tax_changed", VAT.code),
    ]
    assert (acts[0][3]["name"], acts[0][4]["name"]) == (STORE.name, "The corner")
    assert acts[2][3:] == (None, {"series": "A3", "public_key": ""})
    assert (acts[3][3]["rate_ppm"], acts[3][4]["rate_ppm"]) == (VAT.rate_ppm, 70_000)


def test_goods_are_counted_in_one_entry_with_the_hash_of_what_was_loaded(loader: Loader) -> None:
    tea = Article("TEA", "Green tea", ("S",), barcodes=("4006381333931",))
    price = ListedPrice("S1", "TEA", UnitPrice.parse("3.50", "EUR"))
    mug = ListedPrice("S1", "MUG", UnitPrice.parse("2.00", "EUR"))
    given = Shop(products=(tea, Article("MUG", "Mug", ("S",))), prices=(price, mug))

    (act,) = loader.load(given)

    assert act[:2] == ("goods_loaded", "shop")
    assert act[4] == {
        "products": {"new": 1, "changed": 1, "unchanged": 0},
        "prices": {"new": 1, "changed": 0, "unchanged": 1},
        "hash": content_hash((given.products, given.prices)),
    }


def test_another_price_or_barcode_is_a_change(loader: Loader) -> None:
    tea = Article("TEA", "Tea", ("S",), barcodes=("4006381333931",))
    dear = ListedPrice("S1", "TEA", UnitPrice.parse("9.50", "EUR"))

    (recoded,) = loader.load(Shop(products=(replace(tea, barcodes=()),)))
    (dearer,) = loader.load(Shop(prices=(dear,)))

    assert recoded[4]["products"] == {"new": 0, "changed": 1, "unchanged": 0}
    assert dearer[4]["prices"] == {"new": 0, "changed": 1, "unchanged": 0}


def test_loading_the_same_again_is_nothing_new(loader: Loader, till: PaperTill) -> None:
    given = replace(corner_shop(till), people=staffed(ADA).people)
    loader.load(given)

    assert loader.load(given) == []


def test_a_tills_new_key_is_told_with_the_old_one_and_a_manager_hears_of_the_device(
    loader: Loader, till: PaperTill, ask: Ask
) -> None:
    (act,) = loader.load(Shop(tills=(Till("T1", "S1", "A1", "ab" * 32),)))

    assert act[:2] == ("till_changed", "T1")
    assert (act[3]["public_key"], act[4]["public_key"]) == (till.key.public_key, "ab" * 32)
    assert ask("SELECT kind, till_id FROM exception_tasks") == [("till_key_replaced", "T1")]
