"""Which lines of a file are sales, and why the others are not."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from domain.basket import MOST_THOUSANDTHS
from domain.canonical import YEARS
from domain.errors import DomainError
from domain.money import Money, UnitPrice
from domain.quantity import THOUSAND, Quantity, Unit
from domain.sale import LONGEST_NAME

FUEL = "fuel"
# A part of a long invoice has `/2` and so on behind its number, and that has to fit as well.
LONGEST_INVOICE = LONGEST_NAME - len("/999999")
# What every book can hold, whatever the currency: a sale is never this large, a typing error is.
LARGEST_TICKET_MINOR = 10**12
# A day from each end of what a clock may show, as the shop's wall clock is not UTC.
FIRST_DAY = dt.date(YEARS.start, 1, 2)
LAST_DAY = dt.date(YEARS.stop - 1, 12, 30)
_CANCELLATION = re.compile(r"[Cc]\d+")
_BAD_DEBT = re.compile(r"[Aa]\d+")


class Reason(StrEnum):
    """Why a line of the file is no sale."""

    CANCELLATION = "cancellation"
    BAD_DEBT = "bad debt"
    NO_INVOICE = "no invoice number"
    NO_CODE = "no stock code"
    NO_DATE = "no readable date"
    LONG_TEXT = "text longer than a sale takes"
    FAR_DATE = "date outside what a sale takes"
    NO_QUANTITY = "no readable quantity"
    NO_PRICE = "no readable price"
    FUEL = "fuel"
    ADJUSTMENT = "stock adjustment"
    NEGATIVE_QUANTITY = "negative quantity"
    ZERO_QUANTITY = "zero quantity"
    LARGE_QUANTITY = "quantity above what a ticket takes"
    LARGE_AMOUNT = "amount above what a ticket takes"
    NEGATIVE_PRICE = "negative price"
    ZERO_PRICE = "zero price"
    LARGE_DISCOUNT = "discount above the price"
    NOTHING_TO_PAY = "invoice comes to nothing"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line as it stands in the file; `number` counts from 1, amounts are still text.

    `dated` is the date as the file writes it, `at` what was read of it.
    """

    number: int
    invoice: str
    code: str
    name: str
    quantity: str
    at: dt.datetime | None
    price: str
    discount: str = "0"
    category: str = ""
    dated: str = ""


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line that was sold; `at` is the shop's wall clock, `total` rounded half up once."""

    source: SourceLine
    quantity: Quantity
    price: UnitPrice
    discount: Money
    total: Money
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class SetAside:
    """A line that is no sale, and why."""

    source: SourceLine
    reason: Reason


def classify(line: SourceLine, currency: str) -> SoldLine | SetAside:
    """Read one line: a sale, or set aside with the first reason that applies."""
    reason = _by_number(line)
    if reason is not None:
        return SetAside(line, reason)
    if line.at is None:
        return SetAside(line, Reason.NO_DATE)
    if not FIRST_DAY <= line.at.date() <= LAST_DAY:
        return SetAside(line, Reason.FAR_DATE)
    quantity, price = _quantity(line), _price(line, currency)
    if quantity is None:
        return SetAside(line, Reason.NO_QUANTITY)
    if price is None:
        return SetAside(line, Reason.NO_PRICE)
    discount = _discount(line, currency)
    total = price.times(quantity.thousandths) - discount
    sold = SoldLine(line, quantity, price, discount, total, line.at)
    reason = _by_worth(sold)
    return sold if reason is None else SetAside(line, reason)


def _by_number(line: SourceLine) -> Reason | None:
    if not line.invoice:
        return Reason.NO_INVOICE
    if _CANCELLATION.fullmatch(line.invoice):
        return Reason.CANCELLATION
    if _BAD_DEBT.fullmatch(line.invoice):
        return Reason.BAD_DEBT
    if line.category == FUEL:
        return Reason.FUEL
    if not line.code:
        return Reason.NO_CODE
    longest = max(len(line.code), len(line.quantity), len(line.price))
    long = longest > LONGEST_NAME or len(line.invoice) > LONGEST_INVOICE
    return Reason.LONG_TEXT if long else None


def _by_worth(line: SoldLine) -> Reason | None:
    pieces, price = line.quantity.thousandths, line.price.micros
    if pieces < 0:
        return Reason.NEGATIVE_QUANTITY if price else Reason.ADJUSTMENT
    if price < 0:
        return Reason.NEGATIVE_PRICE
    if not (pieces and price):
        return Reason.ZERO_PRICE if pieces else Reason.ZERO_QUANTITY
    if pieces > MOST_THOUSANDTHS:
        return Reason.LARGE_QUANTITY
    if line.total.minor + line.discount.minor > LARGEST_TICKET_MINOR:
        return Reason.LARGE_AMOUNT
    return Reason.LARGE_DISCOUNT if line.total.minor < 0 else None


def _discount(line: SourceLine, currency: str) -> Money:
    if line.discount == "0":
        return Money.zero(currency)
    return UnitPrice.parse(line.discount, currency).times(THOUSAND)


def _quantity(line: SourceLine) -> Quantity | None:
    try:
        return Quantity.parse(line.quantity, Unit.PIECE)
    except DomainError:
        return None


def _price(line: SourceLine, currency: str) -> UnitPrice | None:
    try:
        return UnitPrice.parse(line.price, currency)
    except DomainError:
        return None
