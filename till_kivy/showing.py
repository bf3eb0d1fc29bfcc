"""Turning the register's state into the text that screens draw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from domain.basket import BasketLine
from domain.catalog import Person
from domain.events import JobState, ReceiptPrinted
from domain.pricing import Quote, QuotedLine
from domain.quantity import THOUSAND, Unit
from domain.sale import Sale
from till_kivy.journal import Held, Unsent
from till_kivy.view import (
    ConnectionView,
    HeldView,
    LastSale,
    LineView,
    PaperView,
    PersonView,
)


def person_view(
    person: Person, at_work: dt.datetime | None = None, zone: str = "UTC"
) -> PersonView:
    """Leave out what the person is known by; `at_work` is since when they are clocked in."""
    since = at_work.astimezone(ZoneInfo(zone)).strftime("%H:%M") if at_work else ""
    return PersonView(person.id, person.name, person.role.capitalize(), since)


def line_view(quoted: QuotedLine) -> LineView:
    """Write one line of the ticket."""
    line = quoted.line
    per = "/kg" if line.quantity.unit is Unit.KILOGRAM else ""
    return LineView(
        id=line.id,
        sku=line.sku,
        name=line.name,
        quantity=str(line.quantity),
        unit=line.quantity.unit,
        unit_price=f"{line.unit_price}{per}",
        discount=(-quoted.discount).amount if quoted.discount else "",
        total=quoted.total.amount,
        fixed=line.embedded_total is not None,
    )


def items(lines: Iterable[BasketLine]) -> int:
    """Count pieces; what is weighed counts as one."""
    return sum(
        line.quantity.thousandths // THOUSAND if line.quantity.unit is Unit.PIECE else 1
        for line in lines
    )


def held_view(held: Held, quoted: Quote, zone: str) -> HeldView:
    """Write one line of the list of tickets put aside."""
    return HeldView(
        basket_id=held.basket.id,
        label=held.label,
        items=items(held.basket.lines),
        total=quoted.total.amount,
        since=local_time(held.at, zone),
    )


def last_sale(sale: Sale) -> LastSale:
    """Write what the cashier needs while counting out the change."""
    given = sale.total + sale.change
    return LastSale(
        sale_id=sale.id,
        number=sale.receipt_number,
        total=sale.total.amount,
        given=given.amount,
        change=sale.change.amount,
    )


def paper_view(report: ReceiptPrinted, number: str) -> PaperView:
    """Say of a receipt what is known, and no more."""
    word = "was not printed" if report.state is JobState.FAILED else "may not have been printed"
    return PaperView(report.sale_id, number, f"Receipt {number} {word}. {report.problem}")


def connection_view(
    unsent: Unsent, *, online: bool, zone: str, trading: str = ""
) -> ConnectionView:
    """Say in a few words whether the office has everything, and what comes of it for `trading`."""
    waiting = f"{unsent.count} unsent" if unsent.count else "all sent"
    if unsent.count and unsent.oldest_at is not None and not online and not trading:
        waiting += f" since {local_time(unsent.oldest_at, zone)}"
    words = [trading or ("Online" if online else "Offline"), waiting]
    if unsent.refused:
        words.append(f"{unsent.refused} refused by the office")
    text = ", ".join(words)
    return ConnectionView(online, unsent.count, unsent.refused, text, limited=bool(trading))


def local_time(moment: dt.datetime, zone: str) -> str:
    """Write a moment as the store's own clock shows it, as in `2026-11-21 10:30`."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
