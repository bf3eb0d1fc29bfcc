"""Lines gathered into invoices, with ids that make repeating a replay harmless."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count, groupby, islice
from operator import attrgetter
from uuid import UUID, uuid5

from domain.basket import MOST_LINES
from domain.money import Money
from till_kivy.replay.classify import (
    LARGEST_TICKET_MINOR,
    Reason,
    SetAside,
    SoldLine,
    SourceLine,
    classify,
)


@dataclass(frozen=True, slots=True)
class Invoice:
    """What one customer took home, and which of the invoice's lines were no sale.

    `reference` is the invoice's number in the file, with `/2` and so on behind it when it has
    more lines than a ticket takes.
    """

    reference: str
    sold: tuple[SoldLine, ...]
    aside: tuple[SetAside, ...]

    @property
    def at(self) -> dt.datetime:
        """When its first line was sold, on the shop's wall clock."""
        return self.sold[0].at

    @property
    def total_minor(self) -> int:
        """What the customer pays."""
        return sum(line.total.minor for line in self.sold)


def invoices(lines: Iterable[SourceLine], currency: str) -> Iterator[Invoice]:
    """Classify lines that come invoice by invoice; an invoice may turn out to sell nothing."""
    for number, of_invoice in groupby(lines, attrgetter("invoice")):
        parts = iter(partial(_next_part, of_invoice), ())
        for part, some in enumerate(parts, 1):
            yield _invoice(number if part == 1 else f"{number}/{part}", some, currency)


def _next_part(lines: Iterator[SourceLine]) -> tuple[SourceLine, ...]:
    return tuple(islice(lines, MOST_LINES))


def _invoice(reference: str, lines: tuple[SourceLine, ...], currency: str) -> Invoice:
    read = [classify(line, currency) for line in lines]
    sold = tuple(line for line in read if isinstance(line, SoldLine))
    aside = tuple(line for line in read if isinstance(line, SetAside))
    if reason := _unpayable(Money.total((line.total for line in sold), currency)):
        aside += tuple(SetAside(line.source, reason) for line in sold)
        sold = ()
    return Invoice(reference, sold, aside)


def _unpayable(total: Money) -> Reason | None:
    if not total:
        return Reason.NOTHING_TO_PAY
    return Reason.LARGE_AMOUNT if total.minor > LARGEST_TICKET_MINOR else None


def ids_of(file_id: UUID, reference: str) -> Callable[[], UUID]:
    """Mint the same ids, in the same order, whenever this invoice of this file is replayed."""
    numbers = count(1)
    return lambda: uuid5(file_id, f"{reference}#{next(numbers)}")
