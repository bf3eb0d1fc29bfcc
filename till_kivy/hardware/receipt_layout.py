"""Laying a receipt out in columns of fixed width; what a printer cannot write is replaced."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from domain.receipt import Block, Code, Divider, Receipt, Row, Style

# Python's name of each code page and its number in ESC t; all but 13, 14, 33 and 46 are on
# cheap 58 mm printers too (source: Epson, ESC t; python-escpos capability profiles).
CODE_PAGES = {
    "cp437": 0,
    "cp850": 2,
    "cp857": 13,
    "cp737": 14,
    "cp1252": 16,
    "cp866": 17,
    "cp852": 18,
    "cp858": 19,
    "cp775": 33,
    "cp1251": 46,
}
UNPRINTABLE = "?"
_FIRST_PRINTABLE = 0x20
_HIGH_HALF = range(0x80, 0x100)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of paper, not longer than it may be in its style."""

    text: str
    style: Style = Style.PLAIN


Printed = Line | Code


def lay_out(receipt: Receipt, columns: int) -> Iterator[Printed]:
    """Yield the lines and barcodes of a receipt from top to bottom."""
    for block in receipt.blocks:
        yield from _block(block, columns)


def as_text(receipt: Receipt, columns: int) -> str:
    """Write the receipt as plain text, a barcode as its text in brackets."""
    return "\n".join(
        f"[{item.text}]".center(columns).rstrip() if isinstance(item, Code) else item.text
        for item in lay_out(receipt, columns)
    )


def printable(text: str) -> str:
    """Replace what no code page has: accents go first, then the character becomes `?`.

    One character is one column afterwards, and no control character reaches the printer.
    """
    return "".join(_printable(character) for character in unicodedata.normalize("NFC", text))


def _printable(character: str) -> str:
    if character in _characters():
        return character
    if unicodedata.category(character).startswith(("C", "Z")):
        return " "
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base in _characters() else UNPRINTABLE


@cache
def _characters() -> frozenset[str]:
    ascii_part = {chr(number) for number in range(_FIRST_PRINTABLE, 0x7F)}
    high = (bytes([n]).decode(page, "ignore") for page in CODE_PAGES for n in _HIGH_HALF)
    return frozenset(ascii_part | {c for c in high if c and unicodedata.category(c)[0] not in "CZ"})


def _block(block: Block, columns: int) -> Iterator[Printed]:
    match block:
        case Divider():
            yield Line("-" * columns)
        case Code():
            yield Code(printable(block.text))
        case Row():
            width = columns // 2 if block.style is Style.BIG else columns
            yield from (Line(text, block.style) for text in _row(block, width))


def _row(row: Row, width: int) -> Iterator[str]:
    """Put the amount at the right of the last line of the text, or below it where it is long."""
    left, right = printable(row.left), printable(row.right)
    centered = row.style in (Style.CENTERED, Style.BIG) and not right
    room = width - len(right) - 1 if right else width
    *above, last = _wrapped(left, width)
    if len(last) > room:
        above, last = [*above, last], ""
    for text in above:
        yield text.center(width).rstrip() if centered else text
    if centered:
        yield last.center(width).rstrip()
    else:
        yield last + right.rjust(width - len(last)) if right else last


def _wrapped(text: str, width: int) -> list[str]:
    """Break between words; the indentation of a detail line is kept on each of its lines."""
    indent = text[: len(text) - len(text.lstrip())]
    lines = textwrap.wrap(text.strip(), width, initial_indent=indent, subsequent_indent=indent)
    return lines or [""]
