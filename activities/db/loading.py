"""Loading a shop on an operator's word, with everything that it changes in the audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from activities.db import devices, shop
from activities.db.engine import Connection
from activities.db.users import Acting
from domain.audit import Act
from domain.canonical import content_hash
from domain.catalog import Shop, Till

Told = dict[str, Any]
Found = Mapping[tuple[str, str], Told]
"""What is known of stores, tills, people or taxes, by store and name there."""

_SECRETS = {"pin_hash": "pin", "badge_mark": "badge"}
"""What the audit never holds, and the name by which it says that it was changed."""


def load(connection: Connection, acting: Acting, given: Shop, at: dt.datetime) -> None:
    """Insert or update all of it.

    One entry of the audit for each store, till, person and tax that is another one afterwards,
    and one for all goods and prices. Raises what `shop.load_shop` does.
    """
    before, goods = _all_found(connection, given), _Goods(connection, given)
    shop.load_shop(connection, given)
    after, of_goods = _all_found(connection, given), goods.act(connection)
    # All is counted: the first entry keeps others from the audit until the end.
    for what in _FOUND:
        for act in _changes(what, before[what], after[what]):
            acting.record(connection, act)
    for name, told in after["till"].items():
        key = str(before["till"].get(name, {}).get("public_key", ""))
        till = Till(name[1], name[0], told["series"], told["public_key"])
        devices.tell_of_older_device(connection, till, key, at)
    if of_goods is not None:
        acting.record(connection, of_goods)


def _all_found(connection: Connection, given: Shop) -> dict[str, Found]:
    parts: Sequence[Sequence[Any]] = (given.tills, given.people, given.taxes)
    named = {part.store_id for several in parts for part in several}
    stores = sorted(named | {store.id for store in given.stores})
    return {
        what: {
            (row["at_store"], row["named"]): _told(row)
            for row in connection.execute(statement, {"stores": stores}).mappings()
        }
        for what, statement in _FOUND.items()
    }


def _told(row: sa.RowMapping) -> Told:
    return {name: value for name, value in row.items() if name not in {"at_store", "named"}}


def _changes(what: str, before: Found, after: Found) -> Iterator[Act]:
    for (store_id, name), now in after.items():
        then = before.get((store_id, name))
        if then != now:
            done = f"{what}_added" if then is None else f"{what}_changed"
            told = {**_open(now), **_secret_changes(then or {}, now)}
            yield Act(done, name, store_id, None if then is None else _open(then), told)


def _open(told: Told) -> Told:
    return {name: value for name, value in told.items() if name not in _SECRETS}


def _secret_changes(then: Told, now: Told) -> Told:
    """Say of each secret that it was set, changed or taken, and never what it is."""
    return {
        called: "taken" if not now[name] else "changed" if then.get(name) else "set"
        for name, called in _SECRETS.items()
        if name in now and now[name] != then.get(name, "")
    }


class _Goods:
    """What there was of the products and prices that are to be loaded."""

    def __init__(self, connection: Connection, given: Shop) -> None:
        self._given = given
        self._before = self._found(connection)

    def act(self, connection: Connection) -> Act | None:
        """Count what the load has changed; None when it has changed nothing."""
        after = self._found(connection)
        counted = {what: _counted(self._before[what], after[what]) for what in after}
        if not any(count["new"] or count["changed"] for count in counted.values()):
            return None
        seal = content_hash((self._given.products, self._given.prices))
        return Act("goods_loaded", "shop", after={**counted, "hash": seal})

    def _found(self, connection: Connection) -> dict[str, dict[Any, str]]:
        products = {"skus": [article.sku for article in self._given.products]}
        prices = {
            "stores": [price.store_id for price in self._given.prices],
            "skus": [price.sku for price in self._given.prices],
            "days": [price.valid_from for price in self._given.prices],
        }
        return {
            "products": {row.named: row.content for row in connection.execute(_PRODUCTS, products)},
            "prices": {tuple(row[:3]): row.content for row in connection.execute(_PRICES, prices)},
        }


def _counted(before: Mapping[Any, str], after: Mapping[Any, str]) -> dict[str, int]:
    new = len(after.keys() - before.keys())
    changed = sum(before[key] != content for key, content in after.items() if key in before)
    return {"new": new, "changed": changed, "unchanged": len(after) - new - changed}


_FOUND = {
    "store": sa.text("""
        SELECT id AS at_store, id AS named, name, currency, timezone, cash_step_minor,
               tax_rounding, in_store_rules, receipt_header, receipt_footer
        FROM stores WHERE id = ANY(:stores) ORDER BY id
    """),
    "till": sa.text("""
        SELECT store_id AS at_store, id AS named, series, public_key
        FROM tills WHERE store_id = ANY(:stores) ORDER BY store_id, id
    """),
    "person": sa.text("""
        SELECT store_id AS at_store, id AS named, name, role, active, pin_hash, badge_mark
        FROM people WHERE store_id = ANY(:stores) ORDER BY store_id, id
    """),
    "tax": sa.text("""
        SELECT store_id AS at_store, code AS named, name, rate_ppm, included, exempt_reason
        FROM tax_rates WHERE store_id = ANY(:stores) ORDER BY store_id, code
    """),
}
_PRODUCTS = sa.text("""
    SELECT p.sku AS named, CAST(ROW(
        p.name, p.tax_codes, p.unit, p.category, p.blocked, p.attributes,
        (SELECT array_agg(b.gtin ORDER BY b.position) FROM product_barcodes b WHERE b.sku = p.sku)
    ) AS text) AS content
    FROM products p WHERE p.sku = ANY(:skus)
""")
_PRICES = sa.text("""
    SELECT p.store_id, p.sku, p.valid_from,
           CAST(ROW(p.price_micros, p.currency) AS text) AS content
    FROM prices p
    JOIN unnest(CAST(:stores AS text[]), CAST(:skus AS text[]), CAST(:days AS date[]))
        AS asked (store_id, sku, valid_from) USING (store_id, sku, valid_from)
""")
