"""The moment a ticket becomes a sale: numbered, chained, signed and on the disk in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.catalog import Till
from domain.errors import DomainError
from domain.journal import Entry
from domain.money import Money
from domain.pricing import Quote
from domain.sale import Sale, SaleHeading, Tender, TenderKind, check, close
from till_kivy.catalog import SqliteCatalog
from till_kivy.clock import Clock
from till_kivy.journal import Journal

LARGEST_CASH_MINOR = 1_000_000_000
MOST_TIMES_THE_DUE = 100


class NotCash(DomainError):
    """An amount that nobody hands over, such as a barcode scanned into the wrong field."""

    def __init__(self, cash: Money) -> None:
        super().__init__(f"{cash} was not taken as cash. Type the amount the customer gave.")


@dataclass(frozen=True, slots=True)
class Payment:
    """Who took how much cash; `reference` is another system's number for the sale."""

    cashier_id: str
    cash: Money
    reference: str = ""


def most_cash_minor(due: Money) -> int:
    """Return the most that is taken as cash: where money is worth little, what is due says it."""
    return max(LARGEST_CASH_MINOR, MOST_TIMES_THE_DUE * due.minor)


class Checkout:
    """Turns a quoted ticket and the money for it into a sale in the journal."""

    def __init__(self, till: Till, catalog: SqliteCatalog, journal: Journal, clock: Clock) -> None:
        self._till = till
        self._catalog = catalog
        self._journal = journal
        self._clock = clock

    def sell(
        self, ticket_id: UUID, quoted: Quote, payment: Payment, new_id: Callable[[], UUID]
    ) -> tuple[Entry, Sale]:
        """Record the sale; the ticket's id becomes its own, so no ticket can be sold twice.

        Raises `NotEnoughMoney`, or `SaleDoesNotAddUp` for what the office would refuse; then no
        receipt number is used.
        """
        store = self._catalog.store
        if payment.cash.minor > most_cash_minor(quoted.cash_total(store.cash_step_minor)):
            raise NotCash(payment.cash)
        tenders = self._tenders(payment, new_id)
        sales: list[Sale] = []

        def build(number: str) -> Sale:
            heading = self._heading(ticket_id, payment, number)
            sale = close(
                heading,
                quoted,
                tenders,
                tax_rounding=store.tax_rounding,
                cash_step_minor=store.cash_step_minor,
            )
            check(sale)  # the office does: what it would refuse must not be in the chain
            sales.append(sale)
            return sale

        entry = self._journal.append_sale(self._till.series, build)
        return entry, sales[-1]

    def _tenders(self, payment: Payment, new_id: Callable[[], UUID]) -> tuple[Tender, ...]:
        """Name the cash; a ticket that costs nothing is paid with nothing."""
        return (Tender(new_id(), TenderKind.CASH, payment.cash),) if payment.cash else ()

    def _heading(self, ticket_id: UUID, payment: Payment, number: str) -> SaleHeading:
        now = self._clock.now()
        store = self._catalog.store
        return SaleHeading(
            id=ticket_id,
            store_id=store.id,
            till_id=self._till.id,
            cashier_id=payment.cashier_id,
            receipt_number=number,
            business_date=now.astimezone(ZoneInfo(store.timezone)).date(),
            sold_at=now,
            catalog_version=self._catalog.version,
            reference=payment.reference,
        )
