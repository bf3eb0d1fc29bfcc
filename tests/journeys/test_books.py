"""What a demo and a replay say at their end, and how far a replay is meanwhile."""

from __future__ import annotations

import io

from rich.console import Console

from api import books
from api.books import compared
from api.meter import Meter
from domain.reconcile import Tally

TILL = Tally("berlin-1", "EUR", 3, 1_050)
OTHER = Tally("vancouver-1", "CAD", 1, 200)
WEB = Tally("web-1", "EUR", 2, 500)
ENROLLED = ("berlin-1", "vancouver-1")


def printed(what: object) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def all_books(*last: Tally) -> dict[str, tuple[Tally, ...]]:
    return {books.TILLS: (TILL, OTHER), books.LEDGER: (TILL, OTHER), books.WAREHOUSE: last}


def test_equal_books_end_in_one_line() -> None:
    said = books.verdict(compared(all_books(TILL, OTHER), ENROLLED))

    assert said == (
        "till journals 4 sales 2.00 CAD + 10.50 EUR = ledger 4 sales 2.00 CAD + 10.50 EUR"
        " = DuckDB 4 sales 2.00 CAD + 10.50 EUR  balanced"
    )


def test_a_cent_too_many_is_told_with_its_till() -> None:
    said = books.verdict(compared(all_books(Tally("berlin-1", "EUR", 3, 1_051), OTHER), ENROLLED))

    first, second = said.splitlines()
    assert first.endswith("NOT BALANCED")
    assert second == "berlin-1: till journals 3 sales 10.50 EUR ≠ DuckDB 3 sales 10.51 EUR"


def test_a_till_that_a_book_lacks_has_nothing_there() -> None:
    table = printed(books.table(compared(all_books(TILL), ENROLLED)))

    line = next(line for line in table.splitlines() if "vancouver-1" in line)
    assert line.count("1 sales  2.00 CAD") == 2
    assert "nothing" in line


def test_sales_by_the_api_of_a_till_without_a_key_are_in_no_journal_and_all_is_balanced() -> None:
    found = compared({**all_books(TILL, OTHER, WEB), books.LEDGER: (TILL, OTHER, WEB)}, ENROLLED)

    first, second = books.verdict(found).splitlines()
    assert first.endswith("  balanced")
    assert second == (
        "besides, by the API for tills without a journal: "
        "ledger 2 sales 5.00 EUR = DuckDB 2 sales 5.00 EUR"
    )
    line = next(line for line in printed(books.table(found)).splitlines() if "web-1" in line)
    assert "keeps no journal" in line
    assert line.count("2 sales  5.00 EUR") == 2


def test_sales_by_the_api_that_the_warehouse_lacks_are_told() -> None:
    found = compared({**all_books(TILL, OTHER), books.LEDGER: (TILL, OTHER, WEB)}, ENROLLED)

    assert "NOT BALANCED" in books.verdict(found)
    assert "web-1: ledger 2 sales 5.00 EUR ≠ DuckDB nothing" in books.verdict(found)


def test_an_enrolled_till_whose_journal_is_gone_is_told() -> None:
    found = compared({**all_books(TILL, OTHER), books.TILLS: (TILL,)}, ENROLLED)

    assert "vancouver-1: till journals nothing ≠ ledger 1 sales 2.00 CAD" in books.verdict(found)


def test_a_meter_counts_lines_sales_and_what_was_sold_before() -> None:
    console = Console(file=io.StringIO(), width=200)
    with Meter(30, console) as meter:
        meter.note([report(lines=10, sales=1), report(lines=5, sales=0)])
        meter.note([report(lines=15, sales=0, skipped=1)])

    assert meter.summary.startswith("1 sales made (1 were sold before) in ")
    assert meter.summary.endswith(" lines/s")


def test_a_meter_of_a_first_run_speaks_of_no_run_before() -> None:
    with Meter(10, Console(file=io.StringIO())) as meter:
        meter.note([report(lines=10, sales=1)])

    assert "before" not in meter.summary


def report(lines: int, sales: int, skipped: int = 0) -> dict[str, object]:
    return {"till_id": "R1", "lines": lines, "sales": sales, "skipped": skipped}
