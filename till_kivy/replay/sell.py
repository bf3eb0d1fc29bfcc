"""Selling a till's share of a replay: real register, real journal, and the office's own route."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.basket import BasketLine, PriceSource
from domain.catalog import Product
from domain.errors import NotFound
from domain.money import Money
from till_kivy.catalog import SqliteCatalog
from till_kivy.clock import HandClock, SystemClock
from till_kivy.errors import OfficeAway, TillError
from till_kivy.hardware.protocols import Devices
from till_kivy.journal import Journal
from till_kivy.keystore import key_store
from till_kivy.occupied import Occupied
from till_kivy.office import HttpOffice, Office
from till_kivy.outbox import MOST_ENTRIES, fitting
from till_kivy.register import Register
from till_kivy.replay.classify import SoldLine
from till_kivy.replay.folder import Folder
from till_kivy.replay.invoices import Invoice, ids_of
from till_kivy.replay.plan import Plan
from till_kivy.replay.shop import CASHIER
from till_kivy.till import CATALOG, JOURNAL, identity
from till_kivy.view import likely_cash

_LEAST_ENTRIES = 100
_GIVE_UP_AFTER_S = 300.0
_TRY_AGAIN_S = 2.0


class NotDelivered(TillError):
    """The office did not take everything; the journal keeps it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What one till has just got through; `skipped` sales were in its journal before."""

    till_id: str
    lines: int
    sales: int
    skipped: int = 0


class ScriptedIds:
    """Mints the ids of one invoice after the other, the same on every run."""

    def __init__(self, file_id: UUID) -> None:
        self._file_id = file_id
        self._next: Callable[[], UUID] = ids_of(file_id, "")

    def __call__(self) -> UUID:
        """Mint the next id."""
        return self._next()

    def turn_to(self, reference: str) -> UUID:
        """Begin with an invoice; return the id that its sale will have."""
        self._next = ids_of(self._file_id, reference)
        return ids_of(self._file_id, reference)()


class ReplayTill:
    """A till whose clock and ids follow the file, and which sends its journal in large batches."""

    def __init__(self, folder: Path, plan: Plan, office: Office) -> None:
        self._plan = plan
        self._office = office
        self._zone = ZoneInfo(plan.timezone)
        self._clock = HandClock(SystemClock().now())
        self._ids = ScriptedIds(plan.file_id)
        self._products: dict[str, Product] = {}
        self._opened = ExitStack()
        self._opened.callback(Occupied(folder).close)
        keys, till = key_store(folder), identity(folder)
        key = keys.journal_key()
        self.journal = Journal.open(folder / JOURNAL, key, keys.signer(), till.id, self._clock)
        self._opened.callback(self.journal.close)
        self._catalog = SqliteCatalog(folder / CATALOG, key)
        self._opened.callback(self._catalog.close)
        self._sync()
        self.register = Register(
            till, self._catalog, self.journal, Devices(), self._clock, self._ids
        )
        self._opened.callback(self.register.stop)
        self.register.log_in(f"{CASHIER}-{self._catalog.store.id}", plan.pin)

    def close(self) -> None:
        """Let go of the files."""
        self._opened.close()

    def sell(self, invoice: Invoice) -> bool:
        """Make the sale of an invoice; `False` when the journal has it from an earlier run."""
        sale_id = self._ids.turn_to(invoice.reference)
        if self.journal.entry_of_sale(sale_id) is not None:
            return False
        if self.register.basket:
            self.register.void_ticket()  # begun by a run that was killed
        assert self.register.basket.id == sale_id
        self._clock.set(invoice.at.replace(tzinfo=self._zone))
        self.register.add_lines(self.basket_line(line) for line in invoice.sold)
        self.register.pay(_cash_for(invoice, self._plan.currency), invoice.reference)
        return True

    def push(self, least: int = 1) -> None:
        """Send what is unsent once there are so many entries; what the office misses waits."""
        while self.journal.unsent.count >= least:
            acknowledged = self.journal.acknowledged.sequence
            batch = fitting(self.journal.entries(acknowledged, MOST_ENTRIES))
            answer = self._office.send(batch)
            self.journal.acknowledge(answer)
            if answer.head.sequence <= acknowledged:
                why = answer.refused[0].why if answer.refused else "it gives no reason"
                raise NotDelivered(f"The office does not take entry {acknowledged + 1}: {why}")

    def drain(self) -> None:
        """Send everything, with patience for an office that is away for a while."""
        deadline = time.monotonic() + _GIVE_UP_AFTER_S
        while True:
            try:
                return self.push()
            except OfficeAway:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_TRY_AGAIN_S)

    def _sync(self) -> None:
        snapshot = self._office.snapshot(self._catalog.version)
        if snapshot is not None:
            self._catalog.replace(snapshot)

    def basket_line(self, line: SoldLine) -> BasketLine:
        """Make a line at the price that the file names."""
        product = self._product(line.source.code)
        return BasketLine(
            id=self._ids(),
            sku=product.sku,
            name=line.source.name or product.name,
            quantity=line.quantity,
            unit_price=line.price,
            taxes=self._catalog.taxes_of(product),
            price_source=PriceSource.OVERRIDE,
            discount=line.discount or None,
            discount_reason="Loyalty" if line.discount else "",
            gtin=product.barcodes[0],
            category=product.category,
        )

    def _product(self, sku: str) -> Product:
        if sku not in self._products:
            product = self._catalog.by_sku(sku)
            if product is None:
                raise NotFound(
                    f"The catalogue of till {self.journal.till_id} has no product {sku}."
                )
            self._products[sku] = product
        return self._products[sku]


def sell_share(
    folder: Folder, tills_dir: Path, office_url: str, tills: list[str]
) -> Iterator[Progress]:
    """Sell the shares of some tills one after the other, telling how far each has come."""
    plan = folder.load()
    if plan is None:
        raise NotFound(f"There is no plan in {folder.path}: run `replay prepare` first.")
    for till_id in tills:
        signer = key_store(tills_dir / till_id).signer()
        with HttpOffice(office_url, till_id, signer, timeout=120) as office:
            till = ReplayTill(tills_dir / till_id, plan, office)
            try:
                yield from _sell_all(till, folder.invoices(plan, till_id))
                till.drain()
            finally:
                till.close()


def _sell_all(till: ReplayTill, invoices: Iterator[Invoice]) -> Iterator[Progress]:
    for invoice in invoices:
        lines = len(invoice.sold) + len(invoice.aside)
        sold = bool(invoice.sold) and till.sell(invoice)
        yield Progress(
            till.journal.till_id, lines, int(sold), skipped=int(bool(invoice.sold) and not sold)
        )
        try:
            till.push(_LEAST_ENTRIES)
        except OfficeAway:
            continue  # selling goes on; the next push, or the drain, brings it


def _cash_for(invoice: Invoice, currency: str) -> Money:
    """Choose what the customer hands over, exact or rounded up; the same on every run."""
    choices = likely_cash(Money(invoice.total_minor, currency))
    return choices[invoice.total_minor % len(choices)]
