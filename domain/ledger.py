"""What a sale does to the books and to the shelves: balanced postings and stock movements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.money import Money
from domain.quantity import Quantity
from domain.sale import Sale, TenderKind


class Account(StrEnum):
    """The general-ledger accounts that a sale touches."""

    CASH = "cash"
    SALES = "sales"
    TAX = "tax"
    ROUNDING = "rounding"


_TENDER_ACCOUNTS = {TenderKind.CASH: Account.CASH}


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of a double entry: a positive amount is a debit, a negative one a credit."""

    account: Account
    amount: Money
    detail: str = ""


class MovementKind(StrEnum):
    """Why stock moved."""

    SALE = "sale"


@dataclass(frozen=True, slots=True)
class StockMovement:
    """Stock of one product that came (positive) or went; one per source line and kind, for ever."""

    source_line_id: UUID
    kind: MovementKind
    sku: str
    quantity: Quantity


def postings(sale: Sale) -> tuple[Posting, ...]:
    """Post a sale: money received against revenue, taxes and rounding; always balanced."""
    return tuple(posting for posting in _postings(sale) if posting.amount)


def _postings(sale: Sale) -> Iterator[Posting]:
    for kind in dict.fromkeys(tender.kind for tender in sale.tenders):
        given = (tender.amount for tender in sale.tenders if tender.kind is kind)
        amount = Money.total(given, sale.currency)
        if kind is TenderKind.CASH:
            amount -= sale.change
        yield Posting(_TENDER_ACCOUNTS[kind], amount)
    yield Posting(Account.SALES, -Money.total((line.net for line in sale.lines), sale.currency))
    for rate in sale.tax_rates:
        taxes = (t.amount for line in sale.lines for t in line.taxes if t.code == rate.code)
        yield Posting(Account.TAX, -Money.total(taxes, sale.currency), rate.code)
    yield Posting(Account.ROUNDING, -sale.rounding)


def stock_movements(sale: Sale) -> tuple[StockMovement, ...]:
    """Take each line's goods off the store's stock."""
    return tuple(
        StockMovement(
            line.id,
            MovementKind.SALE,
            line.sku,
            Quantity(-line.quantity.thousandths, line.quantity.unit),
        )
        for line in sale.lines
    )


class Outcome(StrEnum):
    """What the ledger did with a sale; `UNSIGNED` holds until the journal of its till has it."""

    RECORDED = "recorded"
    ALREADY = "already"
    CONFLICT = "conflict"
    REFUSED = "refused"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one sale; `content_hash` is the given sale's, `why` says what was wrong."""

    sale_id: UUID
    outcome: Outcome
    content_hash: str
    why: str = ""

    @property
    def in_ledger(self) -> bool:
        """Tell whether this very sale is in the books, now or since before."""
        return self.outcome in {Outcome.RECORDED, Outcome.ALREADY}
