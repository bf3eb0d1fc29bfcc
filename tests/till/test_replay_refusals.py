"""What a register or the office would refuse is set aside, and the replay goes on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from replays import WillingOffice, odd_file, planned

from domain.basket import MOST_LINES
from domain.sale import Sale, check
from till_kivy.replay.classify import LARGEST_TICKET_MINOR, LONGEST_INVOICE, Reason
from till_kivy.replay.sell import ReplayTill

GOOD = "1,A,Tea,2,2011-03-01 09:00:00,3.50,17,UK"
NOON = "2011-03-01 12:00:00"
PENCE = f"{LARGEST_TICKET_MINOR // 100}"

REFUSED = {
    "a long invoice number": (f"{'9' * 194},A,Tea,1,{NOON},1.00", Reason.LONG_TEXT),
    "a long stock code": (f"2,{'A' * 201},Tea,1,{NOON},1.00", Reason.LONG_TEXT),
    "a quantity with endless digits": (f"2,A,Tea,1.{'0' * 5_000},{NOON},1.00", Reason.LONG_TEXT),
    "a price with endless digits": (f"2,A,Tea,1,{NOON},{'9' * 5_000}", Reason.LONG_TEXT),
    "a quantity no number holds": (
        f"2,A,Tea,99999999999999999999,{NOON},1.00",
        Reason.LARGE_QUANTITY,
    ),
    "a price no number holds": (f"2,A,Tea,1,{NOON},99999999999999999999", Reason.LARGE_AMOUNT),
    "a line that is too dear": (f"2,A,Tea,1,{NOON},{PENCE}.01", Reason.LARGE_AMOUNT),
    "a year before all clocks": ("2,A,Tea,1,1969-12-31 12:00:00,1.00", Reason.FAR_DATE),
    "a year after all clocks": ("2,A,Tea,1,2200-01-01 12:00:00,1.00", Reason.FAR_DATE),
    "a year of a typing error": ("2,A,Tea,1,20111-03-01 12:00:00,1.00", Reason.NO_DATE),
    "the end of time": ("2,A,Tea,1,infinity,1.00", Reason.NO_DATE),
}
LARGEST = {
    "invoice number": f"{'9' * LONGEST_INVOICE},A,Tea,1,{NOON},1.00,17,UK",
    "stock code": f"2,{'A' * 200},Tea,1,{NOON},1.00,17,UK",
    "amount": f"2,A,Tea,1,{NOON},{PENCE}.00,17,UK",
    "first day": "2,A,Tea,1,1970-01-02 00:00:00,1.00,17,UK",
    "last day": "2,A,Tea,1,2199-12-30 23:59:59,1.00,17,UK",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_no_sale_can_hold_is_set_aside_and_the_rest_is_sold(tmp_path: Path, kind: str) -> None:
    odd, reason = REFUSED[kind]
    file = odd_file(tmp_path, f"{GOOD}\n{odd},17,UK\n")

    sales = list(sold(file, tmp_path))
    _, plan, _ = planned(file, tmp_path, tills=1)

    assert plan.aside == {reason: 1}
    assert [sale.total.minor for sale in sales] == [700]
    assert plan.expected_minor == plan.total_minor == 700


@pytest.mark.parametrize("kind", LARGEST)
def test_the_most_that_a_sale_can_hold_is_sold(tmp_path: Path, kind: str) -> None:
    file = odd_file(tmp_path, f"{LARGEST[kind]}\n")

    (sale,) = sold(file, tmp_path)
    _, plan, _ = planned(file, tmp_path, tills=1)

    check(sale)
    assert plan.expected_minor == plan.total_minor == sale.total.minor


def test_an_invoice_that_is_too_dear_altogether_is_set_aside_whole(tmp_path: Path) -> None:
    dear = f"2,A,Tea,1,{NOON},{PENCE},17,UK\n2,B,Cup,1,{NOON},0.01,17,UK\n"

    _, plan, _ = planned(odd_file(tmp_path, f"{GOOD}\n{dear}"), tmp_path)

    assert plan.aside == {Reason.LARGE_AMOUNT: 2}
    assert plan.expected_minor == plan.total_minor == 700


def test_an_invoice_of_several_tickets_is_measured_ticket_by_ticket(tmp_path: Path) -> None:
    cheap = f"2,A,Tea,1,{NOON},1.00,17,UK\n" * (MOST_LINES - 1)
    dear = f"2,B,Ring,1,{NOON},{int(PENCE) - MOST_LINES},17,UK\n"

    _, plan, _ = planned(odd_file(tmp_path, cheap + dear + dear), tmp_path)

    assert plan.sales == 2
    assert plan.expected_minor == plan.total_minor > LARGEST_TICKET_MINOR


def test_a_date_that_cannot_be_read_is_listed_as_the_file_writes_it(tmp_path: Path) -> None:
    odd = "2,A,Tea,1,the day before yesterday,1.00,17,UK\n3,A,Tea,1,1/2/1950 8:05,1.00,17,UK\n"

    planned(odd_file(tmp_path, odd), tmp_path)

    with (tmp_path / "replay" / "set_aside.csv").open(encoding="utf-8") as listed:
        dates = [row["InvoiceDate"] for row in csv.DictReader(listed)]
    assert dates == ["the day before yesterday", "1/2/1950 8:05"]


def sold(file: Path, place: Path) -> Iterator[Sale]:
    """Replay a file through one till and yield its sales."""
    folder, plan, shop = planned(file, place, tills=1)
    till = ReplayTill(place / "R1", plan, WillingOffice(shop))
    for invoice in folder.invoices(plan):
        if invoice.sold:
            till.sell(invoice)
    yield from (till.journal.sale_of(e) for e in till.journal.entries() if e.kind == "sale")
    till.close()
