"""A receipt as bytes for an ESC/POS printer, made by python-escpos."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from typing import Any

from domain.receipt import Code, Receipt, Style
from till_kivy.hardware.receipt_layout import CODE_PAGES, Line, lay_out

_DOTS_PER_COLUMN = 12
_BAR_WIDTH_DOTS = 2
_BAR_HEIGHT_DOTS = 64
_BARS_AROUND = 11 * 2 + 13 + 20  # start, check digit, stop and quiet zones, in modules
_BARS_PER_CHARACTER = 11


def render(receipt: Receipt, columns: int) -> bytes:
    """Return one whole job: reset, text in its code pages, barcode, feed and partial cut.

    `columns` is 48 for 80 mm paper and 32 for 58 mm. The drawer is never opened from here.
    """
    printer = _new_printer()
    printer.hw("INIT")
    for item in lay_out(receipt, columns):
        if isinstance(item, Code):
            _barcode(printer, item.text, columns)
        else:
            _line(printer, item)
    printer.cut(mode="PART")
    return bytes(printer.output)


def prepare() -> None:
    """Load python-escpos now (0.4 s on a PC, more on a Pi) rather than at the first receipt."""
    _library()


def _line(printer: Any, line: Line) -> None:  # noqa: ANN401 -- python-escpos has no types
    big, bold = line.style is Style.BIG, line.style is Style.BOLD
    if big:
        printer.set(double_width=True, double_height=True)
    if bold:
        printer.set(bold=True)
    printer.text(line.text + "\n")
    if big:
        printer.set(normal_textsize=True)
    if bold:
        printer.set(bold=False)


def _barcode(printer: Any, text: str, columns: int) -> None:  # noqa: ANN401 -- same
    """Print CODE128 (set B) with its text below, or the text alone where bars find no room."""
    modules = _BARS_AROUND + _BARS_PER_CHARACTER * len(text)
    printer.set(align="center")
    if text.isascii() and modules * _BAR_WIDTH_DOTS <= columns * _DOTS_PER_COLUMN:
        # `barcode()` of python-escpos writes to the program's standard output.
        printer._raw(_code128(text))  # noqa: SLF001 -- its documented way for own commands
    else:
        printer.text(text + "\n")
    printer.set(align="left")


def _code128(text: str) -> bytes:
    """GS h, GS w, GS f, GS H, then GS k 73 with code set B (source: Epson, GS k function B)."""
    content = b"{B" + text.replace("{", "{{").encode("ascii")
    settings = bytes([0x1D, 0x68, _BAR_HEIGHT_DOTS, 0x1D, 0x77, _BAR_WIDTH_DOTS])
    text_below = bytes([0x1D, 0x66, 0, 0x1D, 0x48, 2])
    return settings + text_below + bytes([0x1D, 0x6B, 73, len(content)]) + content


def _new_printer() -> Any:  # noqa: ANN401 -- python-escpos has no types
    """Make a printer that keeps its bytes, with a new encoder: equal receipts, equal bytes."""
    dummy, encoder, characters = _library()
    pages = encoder({page.upper(): number for page, number in CODE_PAGES.items()})
    pages.available_characters = characters
    return dummy(magic_encode_args={"encoder": pages})


@cache
def _library() -> tuple[Callable[..., Any], Callable[..., Any], dict[str, dict[str, int]]]:
    """Import python-escpos late, because it is slow, and remove the folder each import leaves."""
    from escpos import capabilities  # noqa: PLC0415 -- see above
    from escpos.magicencode import Encoder  # noqa: PLC0415 -- same
    from escpos.printer import Dummy  # noqa: PLC0415 -- same

    shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return Dummy, Encoder, {}
