"""Receipts as bytes and as paper: golden files, read back by a reader that shares no code."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from builders import AT, REDUCED, VAT, basket, new_id, product, sale
from golden import check_golden
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.basket import Basket, PriceSource, line_for
from domain.catalog import Store
from domain.money import Money
from domain.quantity import Quantity, Unit
from domain.receipt import Code, Divider, Receipt, Row, Style, receipt
from till_kivy.hardware.escpos_reader import Bars, Cut, Feed, TextLine, plain_text, read_job
from till_kivy.hardware.escpos_render import render
from till_kivy.hardware.receipt_layout import CODE_PAGES, as_text, printable

WIDTHS = pytest.mark.parametrize("columns", [48, 32])
SHOP = Store(
    id="S1",
    name="Café Zürich",
    currency="EUR",
    timezone="Europe/Vienna",
    receipt_header=("Straße der Köche 7, 1010 Wien", "ATU00000000"),
    receipt_footer=("Danke – merci – děkujeme – ευχαριστώ – спасибо",),
)
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SCRIPTS = (
    "Crème brûlée",
    "Grüße an Łódź",
    "Žluťoučký kůň",
    "Öğüş \u0131ş\u0131k",
    "Борщ з їжаком",
    "Ελληνικό γιαούρτι",
    "Ķekavas šķiņķis",
    "Smørrebrød Ærø",
    "5 € pro Stück",
)


def sold(of: Basket | None = None) -> Receipt:
    """Write the receipt of a sale."""
    made = sale("A1-000042", of or everything(), given=10_000)
    return receipt(made, SHOP, "Ada", HASH, "2026-11-21 10:30")


def everything() -> Basket:
    """Collect one line of each kind that a receipt shows differently."""
    tea = line_for(product("Thé à la menthe"), new_id(), Quantity.pieces(3), (VAT,))
    apples = product("Äpfel", "2.99", unit=Unit.KILOGRAM)
    weighed = line_for(apples, new_id(), Quantity.grams(1_250), (REDUCED,))
    label = line_for(apples, new_id(), Quantity.grams(200), (REDUCED,))
    packed = replace(label, embedded_total=Money(498, "EUR"), price_source=PriceSource.EMBEDDED)
    long = product("Bio-Sauerkirschmarmelade extra mit ganzen Früchten aus der Steiermark, 340 g")
    cheaper = replace(
        line_for(long, new_id(), Quantity.pieces(1), (VAT,)),
        discount=Money(50, "EUR"),
        discount_reason="Short date",
    )
    return basket(tea, weighed, packed, cheaper)


@WIDTHS
def test_a_receipt_is_byte_for_byte_the_golden_one(columns: int) -> None:
    document = render(sold(), columns)

    check_golden(f"receipt-{columns}.bin", document)
    check_golden(f"receipt-{columns}.txt", (plain_text(document, columns) + "\n").encode())


@WIDTHS
def test_a_copy_says_so_at_the_top(columns: int) -> None:
    first = read_job(render(sold().as_copy(), columns))[0]

    assert isinstance(first, TextLine)
    assert (first.text.strip(), first.big) == ("COPY", True)


@WIDTHS
def test_the_paper_says_what_the_layout_says(columns: int) -> None:
    items = read_job(render(sold(), columns))

    printed = [item.text.rstrip() for item in items if isinstance(item, TextLine)]
    laid_out = as_text(sold(), columns).splitlines()
    assert printed == [line.rstrip() for line in laid_out if "[A1-000042]" not in line]


@WIDTHS
def test_no_line_is_longer_than_the_paper_is_wide(columns: int) -> None:
    items = read_job(render(sold(), columns))

    widths = [
        len(item.text) * (2 if item.big else 1) for item in items if isinstance(item, TextLine)
    ]
    assert max(widths) <= columns


@WIDTHS
def test_a_receipt_ends_with_its_number_as_bars_feed_and_a_partial_cut(columns: int) -> None:
    items = read_job(render(sold(), columns))

    assert [item for item in items if isinstance(item, Bars)] == [Bars("A1-000042", 64, 2)]
    assert items[-2:] == (Feed(6), Cut(partial=True))


def test_bars_that_find_no_room_are_printed_as_text() -> None:
    long = Receipt("1", (Code("A-VERY-LONG-SERIES-000042"),))

    items = read_job(render(long, 32))

    assert not [item for item in items if isinstance(item, Bars)]
    assert items[0] == TextLine("A-VERY-LONG-SERIES-000042", centered=True)


def test_the_total_is_big_and_the_change_bold() -> None:
    lines = [item for item in read_job(render(sold(), 48)) if isinstance(item, TextLine)]

    assert [line.text.split()[0] for line in lines if line.big][-1] == "TOTAL"
    assert [line.text.split()[0] for line in lines if line.bold] == ["Change"]


@pytest.mark.parametrize("text", SCRIPTS)
def test_the_names_of_europe_come_out_as_they_are(text: str) -> None:
    (line,) = printed_rows(Row(text))

    assert line.text == text


def test_a_text_in_one_script_changes_the_code_page_once() -> None:
    (line,) = printed_rows(Row("Ελληνικό γιαούρτι"))

    assert line.pages == ("cp737",)


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("Phở bò", "Pho bò"),
        ("寿司 & tea", "?? & tea"),
        ("½ price", "½ price"),
        ("tea\x1bp\x00\x19\xfa", "tea p  ú"),
        ("a\nb\tc", "a b c"),
        ("zero\u200bwidth", "zero width"),
        ("e\u0301", "é"),
        ("🍎", "?"),
    ],
)
def test_what_no_code_page_has_is_replaced_and_commands_cannot_hide_in_names(
    text: str, paper: str
) -> None:
    assert printable(text) == paper


def printed_rows(*rows: Row, columns: int = 48) -> list[TextLine]:
    """Print some rows and read them back."""
    items = read_job(render(Receipt("1", rows), columns))
    return [item for item in items if isinstance(item, TextLine)]


@settings(max_examples=150, deadline=None)
@given(
    left=st.text(max_size=80),
    right=st.text("0123456789.-", max_size=14),
    style=st.sampled_from(Style),
    columns=st.sampled_from([32, 48]),
)
def test_any_text_at_all_stays_within_the_paper_and_keeps_its_amount(
    left: str, right: str, style: Style, columns: int
) -> None:
    lines = printed_rows(Row(left, right, style), columns=columns)

    width = columns // 2 if style is Style.BIG else columns
    assert all(len(line.text) <= width for line in lines)
    assert lines[-1].text.endswith(right)


@settings(max_examples=100, deadline=None)
@given(text=st.text("".join(sorted({c for s in SCRIPTS for c in s})), min_size=1, max_size=60))
def test_every_european_letter_survives_the_way_through_code_pages(text: str) -> None:
    words = " ".join(text.split())

    lines = printed_rows(Row(words))

    assert " ".join(" ".join(line.text for line in lines).split()) == words


def test_equal_receipts_are_equal_bytes_whatever_was_printed_between() -> None:
    first = render(Receipt("1", (Row("€ Łódź"),)), 48)
    render(Receipt("2", (Row("Борщ Ελληνικό ğ"),)), 48)

    again = render(Receipt("1", (Row("€ Łódź"),)), 48)

    assert first == again


def test_a_divider_crosses_the_whole_paper() -> None:
    assert read_job(render(Receipt("1", (Divider(),)), 32))[0] == TextLine("-" * 32)


def test_the_code_pages_are_those_of_python_escpos() -> None:
    from escpos.capabilities import get_profile  # noqa: PLC0415 -- slow, and needed here alone

    own = {page.upper(): number for page, number in CODE_PAGES.items()}
    known = get_profile("TM-T20II").get_code_pages()

    assert {page: int(known[page]) for page in own} == own


def test_rendering_writes_nothing_to_the_screen_and_leaves_no_folder(tmp_path: Path) -> None:
    program = (
        "from domain.receipt import *\n"
        "from till_kivy.hardware.escpos_render import render\n"
        "render(Receipt('1', (Row('Tea', '1.00'), Code('A1-1'))), 48)\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": "."},
        capture_output=True,
        check=True,
        timeout=60,
    )

    assert (ran.stdout, list(tmp_path.iterdir())) == (b"", [])


def test_the_clock_of_the_shop_stands_on_the_receipt() -> None:
    lines = [item.text for item in read_job(render(sold(), 48)) if isinstance(item, TextLine)]

    (number,) = [line for line in lines if line.startswith("Receipt")]
    assert number.endswith("2026-11-21 10:30")
    assert AT.hour == 9
