"""The sale: the one document that till, API, workflow, ledger and export all speak of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.basket import MOST_THOUSANDTHS, Basket, BasketLine, LineRefused, PriceSource
from domain.canonical import YEARS
from domain.errors import Conflict, DomainError
from domain.money import CurrencyMismatch, Money, NotMoney, UnitPrice
from domain.pricing import Quote, QuotedLine, quote
from domain.quantity import Quantity
from domain.tax import TaxAmount, TaxRate, TaxRounding

LONGEST_NAME = 200
LONGEST_TEXT = 1_000
LARGEST_MINOR = 10**15
LARGEST_MICROS = 10**17
LARGEST_PPM = 10_000_000
FARTHEST_BUSINESS_DATE = dt.timedelta(days=3)


class SaleDoesNotAddUp(DomainError):
    """A sale whose figures contradict each other."""

    def __init__(self, sale: Sale, what: str) -> None:
        super().__init__(f"Sale {sale.receipt_number} ({sale.id}) does not add up: {what}.")


class SaleConflict(Conflict):
    """Another sale already has this id."""

    def __init__(self, sale_id: UUID) -> None:
        super().__init__(f"Sale {sale_id} was recorded before with another content.")


class NotEnoughMoney(DomainError):
    """The customer has not given what the ticket costs."""

    def __init__(self, missing: Money) -> None:
        super().__init__(f"{missing} is still to be paid.")
        self.missing = missing


class TenderKind(StrEnum):
    """How the customer pays."""

    CASH = "cash"


@dataclass(frozen=True, slots=True)
class Tender:
    """Money the customer handed over, before change."""

    id: UUID
    kind: TenderKind
    amount: Money


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One product sold: `list_total` − `discount` + taxes on top = `total`."""

    id: UUID
    sku: str
    name: str
    quantity: Quantity
    unit_price: UnitPrice
    list_total: Money
    discount: Money
    taxes: tuple[TaxAmount, ...]
    total: Money
    price_source: PriceSource = PriceSource.CATALOG
    discount_reason: str = ""
    gtin: str = ""
    category: str = ""
    batch: str = ""
    serial: str = ""

    @property
    def net(self) -> Money:
        """What the shop earns on the line: the total without any tax."""
        return self.total - Money.total((tax.amount for tax in self.taxes), self.total.currency)


@dataclass(frozen=True, slots=True)
class Sale:
    """A finished sale; `total` = Σ lines + `rounding` = Σ tenders − `change`."""

    id: UUID
    store_id: str
    till_id: str
    cashier_id: str
    receipt_number: str
    business_date: dt.date
    sold_at: dt.datetime
    lines: tuple[SaleLine, ...]
    tenders: tuple[Tender, ...]
    tax_rates: tuple[TaxRate, ...]
    tax_rounding: TaxRounding
    discount: Money
    tax: Money
    rounding: Money
    total: Money
    change: Money
    catalog_version: int
    reference: str = ""
    cash_step_minor: int = 1

    @property
    def currency(self) -> str:
        """The one currency of the ticket."""
        return self.total.currency


@dataclass(frozen=True, slots=True)
class SaleHeading:
    """Who sold what when: all of a sale that is not arithmetic."""

    id: UUID
    store_id: str
    till_id: str
    cashier_id: str
    receipt_number: str
    business_date: dt.date
    sold_at: dt.datetime
    catalog_version: int
    reference: str = ""


def receipt_number(series: str, count: int) -> str:
    """Number the till's receipts without a gap, as in `A1-000042`."""
    return f"{series}-{count:06d}"


def close(
    heading: SaleHeading,
    quoted: Quote,
    tenders: tuple[Tender, ...],
    *,
    tax_rounding: TaxRounding,
    cash_step_minor: int,
) -> Sale:
    """Make the sale of a quoted basket and the money given for it.

    Raises `NotEnoughMoney` when the tenders do not cover the total in cash.
    """
    total = quoted.cash_total(cash_step_minor)
    change = Money.total((tender.amount for tender in tenders), total.currency) - total
    if change.minor < 0:
        raise NotEnoughMoney(-change)
    rates = {rate.code: rate for line in quoted.lines for rate in line.line.taxes}
    return Sale(
        id=heading.id,
        store_id=heading.store_id,
        till_id=heading.till_id,
        cashier_id=heading.cashier_id,
        receipt_number=heading.receipt_number,
        business_date=heading.business_date,
        sold_at=heading.sold_at,
        lines=tuple(_sold(line) for line in quoted.lines),
        tenders=tenders,
        tax_rates=tuple(rates.values()),
        tax_rounding=tax_rounding,
        discount=quoted.discount,
        tax=quoted.tax,
        rounding=total - quoted.total,
        total=total,
        change=change,
        catalog_version=heading.catalog_version,
        reference=heading.reference,
        cash_step_minor=cash_step_minor,
    )


def _sold(quoted: QuotedLine) -> SaleLine:
    line = quoted.line
    return SaleLine(
        id=line.id,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        list_total=quoted.list_total,
        discount=quoted.discount,
        taxes=quoted.taxes,
        total=quoted.total,
        price_source=line.price_source,
        discount_reason=line.discount_reason,
        gtin=line.gtin,
        category=line.category,
        batch=line.batch,
        serial=line.serial,
    )


def check(sale: Sale) -> None:
    """Work the sale out again from its lines; raise `SaleDoesNotAddUp` at the first difference."""
    try:
        problem = next(_problems(sale), None)
    except (LineRefused, CurrencyMismatch, NotMoney) as error:
        raise SaleDoesNotAddUp(sale, str(error).removesuffix(".")) from error
    if problem:
        raise SaleDoesNotAddUp(sale, problem)


def _problems(sale: Sale) -> Iterator[str]:
    if not sale.lines:
        yield "it has no lines"
    yield from _wrong_times(sale)
    yield from _nameless(sale)
    yield from _oversized(sale)
    ids = [line.id for line in sale.lines] + [tender.id for tender in sale.tenders]
    if len(set(ids)) < len(ids):
        yield "two of its lines or tenders share an id"
    if len({rate.code for rate in sale.tax_rates}) < len(sale.tax_rates):
        yield "two of its tax rates share a code"
    yield from _negative_lines(sale)
    yield from _wrong_lines(sale)
    tendered = Money.total((tender.amount for tender in sale.tenders), sale.currency)
    if any(tender.amount.minor <= 0 for tender in sale.tenders):
        yield "a tender is not above zero"
    if tendered - sale.change != sale.total or sale.change.minor < 0:
        yield f"tenders {tendered} less change {sale.change} are not its total {sale.total}"


def _wrong_times(sale: Sale) -> Iterator[str]:
    """Yield a time that no clock of a shop shows, or a business date far from it."""
    if sale.sold_at.utcoffset() is None:
        yield f"its time {sale.sold_at} has no time zone"
    elif sale.sold_at.year not in YEARS:
        yield f"its time {sale.sold_at} is not between {YEARS.start} and {YEARS.stop - 1}"
    elif abs(sale.business_date - sale.sold_at.date()) > FARTHEST_BUSINESS_DATE:
        yield f"its business date {sale.business_date} is far from its time {sale.sold_at}"


def _nameless(sale: Sale) -> Iterator[str]:
    """Yield what nobody could be held to account for or find again."""
    named = {
        "store": sale.store_id,
        "till": sale.till_id,
        "cashier": sale.cashier_id,
        "receipt number": sale.receipt_number,
    }
    for word, name in named.items():
        if not name.strip():
            yield f"it has no {word}"


def _negative_lines(sale: Sale) -> Iterator[str]:
    """Yield lines that would take money out: what is given back is no sale."""
    for line in sale.lines:
        money = (line.unit_price.micros, line.list_total.minor, line.discount.minor)
        if line.quantity.thousandths <= 0 or min(money) < 0:
            yield f"quantity, price and discount of line {line.sku} must not be negative"


def _oversized(sale: Sale) -> Iterator[str]:
    """Yield what no book or index could hold, before it reaches one and is tried again for ever."""
    names = [sale.store_id, sale.till_id, sale.cashier_id, sale.receipt_number, sale.reference]
    names += [
        name for line in sale.lines for name in (line.sku, line.gtin, line.batch, line.serial)
    ]
    for name in names:
        if len(name) > LONGEST_NAME:
            yield f"{name[:20]!r}… has {len(name)} characters, more than {LONGEST_NAME}"
    amounts = [sale.total, sale.change, *(tender.amount for tender in sale.tenders)]
    amounts += [amount for line in sale.lines for amount in (line.list_total, line.total)]
    if any(abs(amount.minor) > LARGEST_MINOR for amount in amounts):
        yield f"an amount is beyond {Money(LARGEST_MINOR, sale.currency)}"
    if not 0 <= sale.catalog_version <= LARGEST_MINOR:
        yield f"catalogue version {sale.catalog_version} is not between 0 and {LARGEST_MINOR}"
    if any(rate.rate_ppm > LARGEST_PPM for rate in sale.tax_rates):
        yield f"a tax rate is beyond {LARGEST_PPM} parts per million"
    for line in sale.lines:
        yield from _oversized_line(line)


def _oversized_line(line: SaleLine) -> Iterator[str]:
    if line.quantity.thousandths > MOST_THOUSANDTHS:
        yield f"the quantity of line {line.sku} is beyond {MOST_THOUSANDTHS} thousandths"
    if line.unit_price.micros > LARGEST_MICROS:
        yield f"the price of line {line.sku} is beyond {LARGEST_MICROS} micros"
    if any(len(text) > LONGEST_TEXT for text in (line.name, line.category, line.discount_reason)):
        yield f"a text of line {line.sku} has more than {LONGEST_TEXT} characters"


def _wrong_lines(sale: Sale) -> Iterator[str]:
    """Yield each figure that is not what `quote` makes of the same lines."""
    again = quote(basket_of(sale), sale.tax_rounding)
    for line, fresh in zip(sale.lines, again.lines, strict=True):
        if _sold(fresh) != line:
            yield f"line {line.sku} should come to {fresh.total}, tax {fresh.taxes}"
    if (sale.discount, sale.tax) != (again.discount, again.tax):
        yield f"discount and tax should be {again.discount} and {again.tax}"
    if sale.total != again.cash_total(sale.cash_step_minor):
        yield f"its total {sale.total} should be {again.cash_total(sale.cash_step_minor)}"
    if sale.rounding != sale.total - again.total:
        yield f"its rounding {sale.rounding} should be {sale.total - again.total}"


def basket_of(sale: Sale) -> Basket:
    """Rebuild the basket a sale was made of, to price it again."""
    rates = {rate.code: rate for rate in sale.tax_rates}
    return Basket(sale.id, sale.currency, tuple(_unsold(line, rates, sale) for line in sale.lines))


def _unsold(line: SaleLine, rates: dict[str, TaxRate], sale: Sale) -> BasketLine:
    missing = [tax.code for tax in line.taxes if tax.code not in rates]
    if missing:
        raise SaleDoesNotAddUp(sale, f"tax {missing[0]} of line {line.sku} is not among its rates")
    return BasketLine(
        id=line.id,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        taxes=tuple(rates[tax.code] for tax in line.taxes),
        price_source=line.price_source,
        embedded_total=line.list_total if line.price_source is PriceSource.EMBEDDED else None,
        discount=line.discount,
        discount_reason=line.discount_reason,
        gtin=line.gtin,
        category=line.category,
        batch=line.batch,
        serial=line.serial,
    )
