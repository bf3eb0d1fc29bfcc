"""The receipt as a document: what stands on it, not how a printer draws it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.catalog import Store
from domain.money import Money
from domain.quantity import THOUSAND, Unit
from domain.sale import Sale, SaleLine

SHORT_HASH = 8


class Style(StrEnum):
    """How a line stands out."""

    PLAIN = "plain"
    BOLD = "bold"
    BIG = "big"
    CENTERED = "centered"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of paper: text at the left, and where there is one an amount at the right."""

    left: str
    right: str = ""
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Divider:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Code:
    """A barcode that a scanner can read, given as text."""

    text: str


Block = Row | Divider | Code


@dataclass(frozen=True, slots=True)
class Receipt:
    """The blocks of one receipt from top to bottom."""

    number: str
    blocks: tuple[Block, ...]

    def as_copy(self) -> Receipt:
        """Return the same receipt, marked so that nobody takes it for the first one."""
        return replace(self, blocks=(Row("COPY", style=Style.BIG), *self.blocks))


def receipt(sale: Sale, store: Store, cashier: str, entry_hash: str, local_time: str) -> Receipt:
    """Write the receipt of a sale; `entry_hash` is the journal entry's, in hex."""
    return Receipt(
        sale.receipt_number, tuple(_blocks(sale, store, cashier, entry_hash, local_time))
    )


def _blocks(
    sale: Sale, store: Store, cashier: str, entry_hash: str, local_time: str
) -> Iterator[Block]:
    yield Row(store.name, style=Style.BIG)
    yield from (Row(text, style=Style.CENTERED) for text in store.receipt_header)
    yield Divider()
    for line in sale.lines:
        yield from _line(line)
    yield Divider()
    yield from _totals(sale)
    yield Divider()
    yield from _taxes(sale)
    yield Divider()
    yield Row(f"Receipt {sale.receipt_number}", local_time)
    yield Row(f"Till {sale.till_id}  {cashier}", entry_hash[:SHORT_HASH])
    yield Code(sale.receipt_number)
    yield from (Row(text, style=Style.CENTERED) for text in store.receipt_footer)


def _line(line: SaleLine) -> Iterator[Row]:
    yield Row(line.name, line.list_total.amount)
    if line.quantity.unit is Unit.KILOGRAM:
        yield Row(f"  {line.quantity} x {line.unit_price}/kg")
    elif line.quantity.thousandths != THOUSAND:
        yield Row(f"  {line.quantity} x {line.unit_price}")
    if line.discount:
        yield Row(f"  {line.discount_reason or 'Discount'}", (-line.discount).amount)


def _totals(sale: Sale) -> Iterator[Row]:
    if sale.rounding:
        yield Row("Rounding", sale.rounding.amount)
    yield Row(f"TOTAL {sale.currency}", sale.total.amount, Style.BIG)
    for tender in sale.tenders:
        yield Row(tender.kind.capitalize(), tender.amount.amount)
    if sale.change:
        yield Row("Change", sale.change.amount, Style.BOLD)


def _taxes(sale: Sale) -> Iterator[Row]:
    for rate in sale.tax_rates:
        own = [tax for line in sale.lines for tax in line.taxes if tax.code == rate.code]
        net = Money.total((tax.base for tax in own), sale.currency)
        amount = Money.total((tax.amount for tax in own), sale.currency)
        word = rate.exempt_reason or f"{rate.percent}%"
        yield Row(f"{rate.name} {word} on {net.amount}", amount.amount)
