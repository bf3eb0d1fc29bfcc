"""The three books of a shop and whether they agree: till journals, ledger, DuckDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from rich.table import Table

from activities.settings import Settings
from api import programs
from domain.money import Money
from domain.reconcile import Reconciliation, Tally, reconcile

TILLS = "till journals"
LEDGER = "ledger"
WAREHOUSE = "DuckDB"


def compare(settings: Settings) -> Reconciliation:
    """Ask each book for its own count, each by its own program, and compare them."""
    asked = {
        TILLS: ("till_kivy", "tally", "--dir", settings.tills_dir, "--json"),
        LEDGER: ("activities", "tally", "--json"),
        WAREHOUSE: ("analytics", "tally", "--json"),
    }
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = pool.map(lambda words: programs.run_json(settings, *words), asked.values())
        found = [tuple(Tally(**one) for one in answer) for answer in answers]
    return reconcile(dict(zip(asked, found, strict=True)))


def verdict(found: Reconciliation) -> str:
    """Say the one line that ends a demo and a replay, and what does not agree."""
    word = "balanced" if found.balanced else "NOT BALANCED"
    return "\n".join([f"{found.line}  {word}", *map(str, found.differences)])


def table(found: Reconciliation) -> Table:
    """Lay the books side by side, a row per till."""
    result = Table("till", *found.books, title="Reconciliation")
    rows = sorted({(t.till_id, t.currency) for book in found.books.values() for t in book})
    for till_id, currency in rows:
        cells = (_cell(book, till_id, currency) for book in found.books.values())
        result.add_row(till_id, *cells)
    return result


def _cell(book: tuple[Tally, ...], till_id: str, currency: str) -> str:
    for tally in book:
        if (tally.till_id, tally.currency) == (till_id, currency):
            return f"{tally.sales} sales  {Money(tally.total_minor, currency)}"
    return "nothing"
