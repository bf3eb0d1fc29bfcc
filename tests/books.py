"""A corner shop's books for tests, and a till that keeps its signed journal in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from builders import ADA, AT, STORE, VAT, sale

from activities.db import intake, posting, shop
from activities.db.engine import Database
from activities.db.intake import Intake
from activities.keys import OfficeKey
from domain.canonical import canonical
from domain.catalog import Article, Employee, ListedPrice, Shop, StoreTax, Till
from domain.events import Event, kind_of
from domain.journal import Entry, Head, next_entry
from domain.ledger import Posted
from domain.money import UnitPrice
from domain.sale import Sale

Ask = Callable[[str], list[tuple[Any, ...]]]
"""Asks the books something in SQL; what is changed is committed."""


KEYLESS = "T0"
keyless_sale = partial(sale, till_id=KEYLESS)
"""Sells at the till whose sales nobody signs, as programs do by the API."""


@dataclass
class PaperTill:
    """Writes entries as a real till does, on paper."""

    key: OfficeKey
    id: str = "T1"
    series: str = "A1"
    head: Head = field(init=False)
    sales: int = 0

    def __post_init__(self) -> None:
        self.head = Head(self.id)

    def write(self, kind: str, body: str) -> Entry:
        entry = next_entry(self.head, kind, body, AT, self.key)
        self.head = entry.head
        return entry

    def record(self, event: Event) -> Entry:
        return self.write(kind_of(event), canonical(event))

    def sell(self, times: int = 1) -> list[Entry]:
        return [self.record(self.next_sale()) for _ in range(times)]

    def next_sale(self) -> Sale:
        self.sales += 1
        return sale(f"{self.series}-{self.sales:06d}", till_id=self.id)


def corner_shop(*tills: PaperTill) -> Shop:
    """Make a store that sells tea at some tills that sign, and at `KEYLESS`, a program's."""
    return Shop(
        stores=(STORE,),
        tills=(
            *(Till(till.id, "S1", till.series, till.key.public_key) for till in tills),
            Till(KEYLESS, "S1", "A0"),
        ),
        people=(Employee("S1", ADA),),
        taxes=(StoreTax("S1", VAT),),
        products=(Article("TEA", "Tea", ("S",), barcodes=("4006381333931",)),),
        prices=(ListedPrice("S1", "TEA", UnitPrice.parse("3.50", "EUR")),),
    )


def load(database: Database, given: Shop) -> None:
    with database.begin() as connection:
        shop.load_shop(connection, given)


def take_in(database: Database, entries: Sequence[Entry], till_id: str = "T1") -> Intake:
    with database.begin() as connection:
        return intake.take_in(connection, till_id, entries)


def post(database: Database, *sales: Sale) -> list[Posted]:
    with database.begin() as connection:
        return posting.post_sales(connection, sales)


def post_all(database: Database, till: PaperTill) -> list[Posted]:
    """Post all that the till has sent, as a backlog."""
    with database.begin() as connection:
        return posting.post_backlog(connection, till.id, till.head.epoch, till.head.sequence)
