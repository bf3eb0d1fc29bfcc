"""Replays for tests: small files with every kind of odd line, and an office that takes anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from domain.catalog import Product, Shop, Snapshot
from domain.journal import Acknowledgement, Entry
from till_kivy.replay.folder import Folder
from till_kivy.replay.plan import NO_LIMIT, Plan
from till_kivy.replay.prepare import prepare
from till_kivy.replay.shop import shop_of
from till_kivy.replay.source import open_file
from till_kivy.till import create

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
# Two customers who buy, one line of each oddity, and an invoice with good and bad lines.
ODD_LINES = """\
1001,A,Tea,2,2011-03-01 09:00:00,3.50,17,UK
1001,B,"Cup, blue",1,2011-03-01 09:00:00,0.125,17,UK
1002,A,Tea,40,1/3/2011 9:30,3.25,,UK
C1003,A,Tea,-2,2011-03-01 09:40:00,3.50,17,UK
A1004,B9,Adjust bad debt,1,2011-03-01 09:50:00,-500.00,,UK
1005,A,,-20,2011-03-01 10:00:00,0,,UK
1006,A,Tea,-1,2011-03-01 10:10:00,3.50,17,UK
1007,A,Tea,1,2011-03-01 10:20:00,0,17,UK
1007,A,Tea,0,2011-03-01 10:20:00,3.50,17,UK
1007,C,Jar,3,2011-03-01 10:20:00,0.005,17,UK
1007,A,Tea,1,2011-03-01 10:20:00,-1.00,17,UK
1007,,Nothing,1,2011-03-01 10:20:00,1.00,17,UK
,A,Tea,1,2011-03-01 10:20:00,1.00,17,UK
1007,A,Tea,1,yesterday,1.00,17,UK
1007,A,Tea,some,2011-03-01 10:20:00,1.00,17,UK
1007,A,Tea,1.5,2011-03-01 10:20:00,1.00,17,UK
1007,A,Tea,1,2011-03-01 10:20:00,cheap,17,UK
1007,A,Tea,200000,2011-03-01 10:20:00,1.00,17,UK
1008,D,Thread,1,2011-03-01 10:30:00,0.001,17,UK
"""
SOLD_MINOR = 700 + 13 + 13_000 + 2


def odd_file(folder: Path, lines: str = ODD_LINES) -> Path:
    """Write a CSV file of sales lines."""
    path = folder / "lines.csv"
    path.write_text(f"{HEADER}\n{lines}", encoding="utf-8")
    return path


def planned(
    file: Path, folder: Path, tills: int = 2, limit: int = NO_LIMIT
) -> tuple[Folder, Plan, Shop]:
    """Plan the replay of a file, with keys for its tills."""
    source = open_file(file, "GBP", "Europe/London")
    kept = Folder(folder / "replay")
    asked = Plan(
        source=source.name,
        source_id=source.id,
        currency="GBP",
        timezone="Europe/London",
        tills=tills,
        limit=limit,
        pin="135790",
    )
    plan, found = prepare(kept, asked, source)
    todo = kept.tills()
    keys = {till.id: create(folder / till.id, till.id, till.id).public_key for till in todo}
    return kept, plan, shop_of(plan, found, todo, keys, kept.code_numbers())


class WillingOffice:
    """Hands out a shop's catalogue and takes every entry."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.taken: list[Entry] = []

    def send(self, entries: Sequence[Entry]) -> Acknowledgement:
        self.taken += entries
        return Acknowledgement(entries[-1].head, signature="")

    def snapshot(self, version: int) -> Snapshot | None:
        prices = {price.sku: price.price for price in self._shop.prices}
        products = tuple(
            Product(a.sku, a.name, prices[a.sku], a.tax_codes, barcodes=a.barcodes)
            for a in self._shop.products
        )
        people = tuple(employee.person for employee in self._shop.people)
        taxes = tuple(tax.rate for tax in self._shop.taxes)
        return None if version else Snapshot(1, self._shop.stores[0], people, taxes, products)
