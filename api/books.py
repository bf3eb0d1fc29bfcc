"""The three books of a shop and whether they agree: till journals, ledger, DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from activities.settings import Settings
from api import programs
from domain.money import Money
from domain.reconcile import Reconciliation, Tally, reconcile

TILLS = "till journals"
LEDGER = "ledger"
WAREHOUSE = "DuckDB"


Tallies = tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The three books of tills that keep a journal; ledger and DuckDB of those that keep none."""

    journaled: Reconciliation
    others: Reconciliation

    @property
    def balanced(self) -> bool:
        """Tell whether all books agree on every till."""
        return self.journaled.balanced and self.others.balanced


def compare(settings: Settings) -> Comparison:
    """Ask each book for its own count, each by its own program, and compare them."""
    asked = {
        TILLS: ("till_kivy", "tally", "--dir", settings.tills_dir, "--json"),
        LEDGER: ("activities", "tally", "--json"),
        WAREHOUSE: ("analytics", "tally", "--json"),
    }
    with ThreadPoolExecutor(len(asked) + 1) as pool:
        enrolled = pool.submit(programs.run_json, settings, "activities", "enrolled")
        answers = pool.map(lambda words: programs.run_json(settings, *words), asked.values())
        found = [tuple(Tally(**one) for one in answer) for answer in answers]
    return compared(dict(zip(asked, found, strict=True)), enrolled.result())


def compared(books: Mapping[str, Tallies], enrolled: Iterable[str]) -> Comparison:
    """Compare all books of tills with a key or a journal; sales of others came by the API."""
    journaled = {*enrolled, *(tally.till_id for tally in books[TILLS])}
    of_journals = {
        book: tuple(tally for tally in tallies if tally.till_id in journaled)
        for book, tallies in books.items()
    }
    of_others = {
        book: tuple(tally for tally in books[book] if tally.till_id not in journaled)
        for book in (LEDGER, WAREHOUSE)
    }
    return Comparison(reconcile(of_journals), reconcile(of_others))


def verdict(found: Comparison) -> str:
    """Say the one line that ends a demo and a replay, and what does not agree."""
    word = "balanced" if found.balanced else "NOT BALANCED"
    lines = [f"{found.journaled.line}  {word}"]
    if any(found.others.books.values()):
        lines.append(f"besides, by the API for tills without a journal: {found.others.line}")
    differences = (*found.journaled.differences, *found.others.differences)
    return "\n".join([*lines, *map(str, differences)])


def table(found: Comparison) -> Table:
    """Lay the books side by side, a row per till."""
    result = Table("till", *found.journaled.books, title="Reconciliation")
    for part in (found.journaled, found.others):
        for till_id, currency in _rows(part):
            cells = (_cell(part, book, till_id, currency) for book in found.journaled.books)
            result.add_row(Text(till_id), *cells)
    return result


def _rows(part: Reconciliation) -> list[tuple[str, str]]:
    return sorted({(t.till_id, t.currency) for book in part.books.values() for t in book})


def _cell(part: Reconciliation, book: str, till_id: str, currency: str) -> str:
    if book not in part.books:
        return "keeps no journal"
    for tally in part.books[book]:
        if (tally.till_id, tally.currency) == (till_id, currency):
            return f"{tally.sales} sales  {Money(tally.total_minor, currency)}"
    return "nothing"
