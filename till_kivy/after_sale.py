"""What happens once a sale exists: drawer, then paper; neither can lose or double it."""

from __future__ import annotations

from uuid import UUID

from domain.errors import NotFound
from domain.events import DrawerKicked, ReceiptPrinted
from domain.journal import Entry
from domain.receipt import Receipt, receipt
from domain.sale import Sale
from till_kivy.catalog import SqliteCatalog
from till_kivy.errors import JournalRefused
from till_kivy.hardware.protocols import Devices, Drawer, DrawerFailed, PrinterFailed
from till_kivy.journal import Journal
from till_kivy.showing import local_time
from till_kivy.spool import PrintJob, Spool


class NoSuchSale(NotFound):
    """A sale that this till did not make."""

    def __init__(self, sale_id: UUID) -> None:
        super().__init__(f"This till has no sale {sale_id}. Look for it where it was made.")


class AfterSale:
    """The drawer and the printer of one till, if it has them."""

    def __init__(self, devices: Devices, catalog: SqliteCatalog, journal: Journal) -> None:
        self._drawer = devices.drawer
        self._catalog = catalog
        self._journal = journal
        self._numbers: dict[UUID, str] = {}
        self._spool = Spool(devices.printer, journal) if devices.printer else None

    def recover(self) -> None:
        """Find the receipts that a stopped program left without a word."""
        if self._spool:
            self._spool.recover()

    def sold(self, sale: Sale, entry: Entry) -> str:
        """Open the drawer, queue the receipt, return the drawer's problem if there is one."""
        problem = self._kick(self._drawer, sale.id) if self._drawer else ""
        if self._spool:
            self._spool.put(PrintJob(sale.id, self._document(sale, entry)))
        return problem

    def print_copy(self, sale_id: UUID) -> None:
        """Queue the receipt of an earlier sale, marked as a copy."""
        if self._spool is None:
            message = "This till has no printer. Nothing was printed."
            raise PrinterFailed(message)
        entry = self._entry(sale_id)
        sale = self._journal.sale_of(entry)
        self._spool.put(PrintJob(sale_id, self._document(sale, entry).as_copy()))

    def papers(self) -> tuple[tuple[ReceiptPrinted, str], ...]:
        """Return the receipts that did not surely come out, each with its number."""
        problems = self._spool.problems if self._spool else ()
        return tuple((report, self._number(report.sale_id)) for report in problems)

    def close(self) -> None:
        """Let the printer finish."""
        if self._spool:
            self._spool.close()

    def _kick(self, drawer: Drawer, sale_id: UUID) -> str:
        problem = ""
        try:
            drawer.kick()
        except DrawerFailed as error:
            problem = str(error)
        try:
            self._journal.append(DrawerKicked(sale_id, opened=not problem, problem=problem))
        except JournalRefused as error:
            problem = problem or str(error)
        return problem

    def _document(self, sale: Sale, entry: Entry) -> Receipt:
        store = self._catalog.store
        names = {person.id: person.name for person in self._catalog.people()}
        cashier = names.get(sale.cashier_id, sale.cashier_id)
        return receipt(sale, store, cashier, entry.hash, local_time(sale.sold_at, store.timezone))

    def _entry(self, sale_id: UUID) -> Entry:
        entry = self._journal.entry_of_sale(sale_id)
        if entry is None:
            raise NoSuchSale(sale_id)
        return entry

    def _number(self, sale_id: UUID) -> str:
        if sale_id not in self._numbers:
            self._numbers[sale_id] = self._journal.sale_of(self._entry(sale_id)).receipt_number
        return self._numbers[sale_id]
