"""The shop that a replay needs: stores, tills, one cashier, and a product per stock code."""

from __future__ import annotations

from argon2 import PasswordHasher

from domain.barcode import check_digit
from domain.catalog import Article, Employee, ListedPrice, Person, Shop, Store, StoreTax, Till
from domain.pins import peppered
from domain.roles import Role
from domain.tax import TaxRate
from till_kivy.replay.folder import PlannedTill
from till_kivy.replay.plan import Plan
from till_kivy.replay.prepare import Findings

CASHIER = "replay"
# The files say nothing about tax, so nothing is claimed: prices are what the customer paid.
NO_TAX = TaxRate("NONE", "Tax", 0, exempt_reason="not stated")
# As cheap as argon2 allows: the PIN is random and opens tills of a replay only.
_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def in_store_gtin(number: int) -> str:
    """Return the EAN-13 of the n-th stock code, in the range GS1 leaves to shops (20)."""
    payload = f"20{number:010d}"
    return payload + check_digit(payload)


def shop_of(
    plan: Plan,
    found: Findings,
    tills: list[PlannedTill],
    keys: dict[str, str],
    codes: dict[str, int],
) -> Shop:
    """Describe to the office what is replayed; `keys` are the tills' public keys in hex."""
    stores = tuple(dict.fromkeys(till.store_id for till in tills))
    pin_hash = _HASHER.hash(peppered(b"", plan.pin))
    return Shop(
        stores=tuple(
            Store(store, f"Replay {store}", plan.currency, plan.timezone) for store in stores
        ),
        tills=tuple(Till(t.id, t.store_id, t.id, keys[t.id]) for t in tills),
        people=tuple(
            # A manager: what a killed run left open is dropped without asking anybody.
            Employee(store, Person(f"{CASHIER}-{store}", "Replay", Role.MANAGER, pin_hash))
            for store in stores
        ),
        taxes=tuple(StoreTax(store, NO_TAX) for store in stores),
        products=tuple(
            Article(
                sku=code,
                name=name or code,
                tax_codes=(NO_TAX.code,),
                category=found.categories.get(code, ""),
                barcodes=(in_store_gtin(codes[code]),),
            )
            for code, name in found.names.items()
        ),
        prices=tuple(ListedPrice(store, code, p) for (store, code), p in found.prices.items()),
    )
