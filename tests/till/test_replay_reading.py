"""What of a file is a sale, what is not, and which files are refused."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import duckdb
import pytest
from notrun import optional_data
from replays import HEADER, ODD_LINES, SOLD_MINOR, odd_file, planned

from till_kivy.replay.classify import FUEL, Reason, SetAside, SoldLine, SourceLine, classify
from till_kivy.replay.folder import Folder
from till_kivy.replay.invoices import invoices
from till_kivy.replay.plan import Plan
from till_kivy.replay.prepare import OtherReplay, prepare
from till_kivy.replay.source import ReplayRefused, Source, open_file


def test_every_line_of_a_file_is_sold_or_set_aside_with_its_reason(tmp_path: Path) -> None:
    file = odd_file(tmp_path)

    _, plan, _ = planned(file, tmp_path)

    assert plan.read == len(ODD_LINES.splitlines())
    assert plan.sold + plan.set_aside == plan.read
    assert plan.sales == 3
    assert plan.aside == {
        Reason.NO_QUANTITY: 2,
        Reason.CANCELLATION: 1,
        Reason.BAD_DEBT: 1,
        Reason.ADJUSTMENT: 1,
        Reason.NEGATIVE_QUANTITY: 1,
        Reason.ZERO_PRICE: 1,
        Reason.ZERO_QUANTITY: 1,
        Reason.NEGATIVE_PRICE: 1,
        Reason.NO_CODE: 1,
        Reason.NO_INVOICE: 1,
        Reason.NO_DATE: 1,
        Reason.NO_PRICE: 1,
        Reason.LARGE_QUANTITY: 1,
        Reason.NOTHING_TO_PAY: 1,
    }


def test_the_sum_added_up_in_sql_is_the_sum_of_the_classified_lines(tmp_path: Path) -> None:
    file = odd_file(tmp_path)

    _, plan, _ = planned(file, tmp_path)

    assert plan.total_minor == SOLD_MINOR
    assert plan.expected_minor == SOLD_MINOR


def test_what_is_set_aside_is_listed_by_its_line_in_the_file(tmp_path: Path) -> None:
    file = odd_file(tmp_path)

    planned(file, tmp_path)

    with (tmp_path / "replay" / "set_aside.csv").open(encoding="utf-8") as listed:
        rows = list(csv.DictReader(listed))
    assert [int(row["line"]) for row in rows] == sorted(int(row["line"]) for row in rows)
    assert rows[0] == {
        "line": "4",
        "InvoiceNo": "C1003",
        "StockCode": "A",
        "Description": "Tea",
        "Quantity": "-2",
        "InvoiceDate": "2011-03-01 09:40:00",
        "UnitPrice": "3.50",
        "reason": "cancellation",
    }


def test_a_part_of_a_file_is_its_first_invoices(tmp_path: Path) -> None:
    file = odd_file(tmp_path)

    _, plan, _ = planned(file, tmp_path, limit=2)

    assert (plan.read, plan.sold, plan.sales) == (3, 3, 2)
    assert plan.expected_minor == plan.total_minor == 13_713


def test_a_larger_part_keeps_the_products_that_a_smaller_one_made(tmp_path: Path) -> None:
    file = odd_file(tmp_path)

    _, _, small = planned(file, tmp_path, limit=1)
    _, _, whole = planned(file, tmp_path)

    assert {a.sku: a.barcodes for a in small.products}.items() <= {
        a.sku: a.barcodes for a in whole.products
    }.items()


def test_a_folder_goes_on_with_its_own_replay_only(tmp_path: Path) -> None:
    planned(odd_file(tmp_path), tmp_path, tills=2)

    with pytest.raises(OtherReplay, match=r"through 2 tills, not lines\.csv through 3"):
        planned(odd_file(tmp_path), tmp_path, tills=3)


def test_a_file_without_its_columns_is_refused_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("InvoiceNo,StockCode,Quantity\n1,A,2\n", encoding="utf-8")

    with pytest.raises(ReplayRefused, match="no column Description, InvoiceDate, UnitPrice"):
        open_file(path, "GBP", "UTC")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayRefused, match=r"There is no file .*none\.csv"):
        open_file(tmp_path / "none.csv", "GBP", "UTC")


@pytest.mark.parametrize("name", ["lines.parquet", "lines.csv"])
def test_a_file_that_is_neither_parquet_nor_csv_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(bytes(range(256)) * 20)

    with pytest.raises(ReplayRefused, match="Nothing was replayed"):
        open_file(path, "GBP", "UTC")


def test_a_line_with_too_many_cells_is_set_aside_and_not_dropped(tmp_path: Path) -> None:
    file = odd_file(tmp_path, "1,A,Cup, blue,1,2011-03-01 09:00:00,1.00,17,UK\n")

    _, plan, _ = planned(file, tmp_path)

    assert (plan.read, plan.sold, plan.set_aside) == (1, 0, 1)


def test_a_line_that_ends_early_is_set_aside(tmp_path: Path) -> None:
    file = odd_file(tmp_path, "1,A,Tea,1,2011-03-01 09:00:00,1.00,17,UK\n2,A,Tea\n")

    _, plan, _ = planned(file, tmp_path)

    assert (plan.sold, plan.aside) == (1, {Reason.NO_DATE: 1})


def test_western_accents_in_an_old_encoding_are_read(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    line = "1,A,Café crème,1,12/31/2010 23:59,2.50,17,France\n"
    path.write_bytes(f"{HEADER}\n{line}".encode("latin-1"))

    folder, plan, shop = planned(path, tmp_path)

    assert shop.products[0].name == "Café crème"
    invoice = next(folder.invoices(plan))
    assert invoice.at.isoformat() == "2010-12-31T23:59:00"


def test_a_parquet_file_with_numbers_as_numbers_reads_like_its_csv(tmp_path: Path) -> None:
    csv_file, parquet = odd_file(tmp_path), tmp_path / "lines.parquet"
    good = "WHERE InvoiceNo IN ('1001', '1002') AND StockCode IS NOT NULL"
    duckdb.sql(
        f"COPY (SELECT InvoiceNo, StockCode, Description, CAST(Quantity AS INT) AS Quantity,"  # noqa: S608 -- a test's own paths
        f" InvoiceDate, CAST(UnitPrice AS DOUBLE) AS UnitPrice, Country"
        f" FROM read_csv('{csv_file}', all_varchar=true) {good}) TO '{parquet}'"
    )

    _, plan, _ = planned(parquet, tmp_path)

    assert plan.expected_minor == plan.total_minor == 13_713


def test_fuel_and_discounts_above_the_price_are_set_aside() -> None:
    petrol = SourceLine(1, "1", "G", "Petrol", "30000", None, "0.002", "0", FUEL)
    good = SourceLine(2, "1", "A", "Tea", "2", _noon(), "1.50", "3.00")
    generous = SourceLine(3, "1", "A", "Tea", "2", _noon(), "1.50", "3.01")

    read = [classify(line, "USD") for line in (petrol, good, generous)]

    assert isinstance(read[0], SetAside)
    assert read[0].reason is Reason.FUEL
    assert isinstance(read[1], SoldLine)
    assert read[1].total.minor == 0
    assert isinstance(read[2], SetAside)
    assert read[2].reason is Reason.LARGE_DISCOUNT


def test_an_invoice_too_long_for_a_ticket_becomes_several_sales() -> None:
    lines = [SourceLine(n, "7", "A", "Tea", "1", _noon(), "1.00") for n in range(4_001)]

    parts = list(invoices(lines, "GBP"))

    assert [part.reference for part in parts] == ["7", "7/2", "7/3"]
    assert [len(part.sold) for part in parts] == [2_000, 2_000, 1]


def test_the_whole_real_file_is_read_to_the_last_line_and_penny(tmp_path: Path) -> None:
    file = optional_data("online_retail_2010_2011.parquet")
    source = open_file(file, "GBP", "Europe/London")

    plan, _ = prepare(Folder(tmp_path), _asked(source), source)

    assert plan.read == 541_909
    assert (plan.sold, plan.sales) == (530_103, 19_959)
    assert plan.total_minor == plan.expected_minor
    assert plan.aside == {
        Reason.CANCELLATION: 9_288,
        Reason.ADJUSTMENT: 1_336,
        Reason.ZERO_PRICE: 1_179,
        Reason.BAD_DEBT: 3,
    }


def _noon() -> dt.datetime:
    return dt.datetime(2011, 3, 1, 12)  # noqa: DTZ001 -- the shop's wall clock


def _asked(source: Source) -> Plan:
    return Plan(source.name, source.id, source.currency, source.timezone, 4, 2**62)
