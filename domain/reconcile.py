"""Comparing what tills, ledger and warehouse say was sold, per till and currency, to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.money import Money


@dataclass(frozen=True, slots=True, order=True)
class Tally:
    """How many sales one till made in one currency, and what they came to."""

    till_id: str
    currency: str
    sales: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A till on which two books do not agree."""

    till_id: str
    left: str
    right: str

    def __str__(self) -> str:
        """Say who says what."""
        return f"{self.till_id}: {self.left} ≠ {self.right}"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The outcome over all books; balanced when there is no difference."""

    books: Mapping[str, tuple[Tally, ...]]
    differences: tuple[Difference, ...]

    @property
    def balanced(self) -> bool:
        """Tell whether all books agree on every till."""
        return not self.differences

    @property
    def line(self) -> str:
        """The one line that ends a demo and a replay."""
        sign = " = " if self.balanced else " ≠ "
        return sign.join(f"{book} {_summary(tallies)}" for book, tallies in self.books.items())


def reconcile(books: Mapping[str, tuple[Tally, ...]]) -> Reconciliation:
    """Hold every book against the first one, till by till."""
    return Reconciliation(books, tuple(_differences(books)))


def _differences(books: Mapping[str, tuple[Tally, ...]]) -> Iterator[Difference]:
    (first, reference), *others = books.items()
    expected = {(t.till_id, t.currency): t for t in reference}
    for book, tallies in others:
        found = {(t.till_id, t.currency): t for t in tallies}
        for key in sorted(expected.keys() | found.keys()):
            if expected.get(key) != found.get(key):
                left = f"{first} {_tally(expected.get(key))}"
                yield Difference(key[0], left, f"{book} {_tally(found.get(key))}")


def _tally(tally: Tally | None) -> str:
    if tally is None:
        return "nothing"
    return f"{tally.sales} sales {Money(tally.total_minor, tally.currency)}"


def _summary(tallies: tuple[Tally, ...]) -> str:
    sales = sum(tally.sales for tally in tallies)
    totals: dict[str, int] = {}
    for tally in tallies:
        totals[tally.currency] = totals.get(tally.currency, 0) + tally.total_minor
    money = " + ".join(str(Money(minor, currency)) for currency, minor in sorted(totals.items()))
    return f"{sales} sales {money or 'nothing'}"
