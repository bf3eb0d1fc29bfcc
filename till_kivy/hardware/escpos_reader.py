"""What a printer makes of ESC/POS bytes: the simulated printer's eyes.

Written from Epson's command reference (ESC/POS Application Programming Guide); shares no code
with the renderer, so that each is a check of the other. Commands a receipt does not need are
refused rather than skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.errors import DomainError

_ESC, _GS, _LF = 0x1B, 0x1D, 0x0A
_CODE128 = 73
_TICK_MS = 2

# ESC t n: Epson's page numbers and the codecs that define them.
_PAGES = {
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    13: "cp857",
    14: "cp737",
    15: "iso8859_7",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
    33: "cp775",
    34: "cp855",
    39: "iso8859_2",
    40: "iso8859_15",
    45: "cp1250",
    46: "cp1251",
    47: "cp1253",
    48: "cp1254",
    51: "cp1257",
}


class UnreadableJob(DomainError):
    """Bytes that a receipt printer would misprint."""

    def __init__(self, at: int, what: str) -> None:
        super().__init__(f"Byte {at} of the print job: {what}.")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A printed line; `pages` are the code pages that were in force, in order of use."""

    text: str
    big: bool = False
    bold: bool = False
    centered: bool = False
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bars:
    """A CODE128 barcode and the height and module width of its bars, in dots."""

    text: str
    height: int
    module: int


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty paper, in lines."""

    lines: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The knife; partial leaves a bridge of paper."""

    partial: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """Current on the drawer's solenoid: connector pin 2 or 5, milliseconds on and off."""

    pin: int
    on_ms: int
    off_ms: int


Item = TextLine | Bars | Feed | Cut | Pulse


def read_job(document: bytes) -> tuple[Item, ...]:
    """Return what comes out of the printer; raises `UnreadableJob`."""
    return _Printer(document).run()


def plain_text(document: bytes, columns: int) -> str:
    """Show a job as the paper would look in a fixed-width font, without feeds."""
    return "\n".join(_shown(item, columns) for item in read_job(document) if _visible(item))


def _visible(item: Item) -> bool:
    return not isinstance(item, Feed)


def _shown(item: Item, columns: int) -> str:
    match item:
        case TextLine(text, big):
            wide = "".join(f"{letter} " for letter in text) if big else text
            return (wide.center(columns) if item.centered else wide).rstrip()
        case Bars(text):
            return f"||| {text} |||".center(columns).rstrip()
        case Cut():
            return ("- " * (columns // 2)).rstrip()
        case _:
            return ""


@dataclass
class _Printer:
    """The state machine of the printer while it reads one job."""

    document: bytes
    at: int = 0
    items: list[Item] = field(default_factory=list)
    text: str = ""
    pages: tuple[str, ...] = ()
    page: str = "cp437"
    big: bool = False
    bold: bool = False
    centered: bool = False
    bar_height: int = 162
    bar_module: int = 3

    def run(self) -> tuple[Item, ...]:
        while self.at < len(self.document):
            self._one(self._byte())
        if self.text:
            raise UnreadableJob(self.at, f"{self.text!r} is not followed by a line feed")
        return tuple(self.items)

    def _one(self, byte: int) -> None:
        if byte == _LF:
            self._line_feed()
        elif byte in (_ESC, _GS):
            self._command(bytes([byte, self._byte()]))
        elif byte < ord(" "):
            raise UnreadableJob(self.at - 1, f"control character {byte:#04x} is not known")
        else:
            self._write(byte)

    def _byte(self) -> int:
        if self.at >= len(self.document):
            raise UnreadableJob(self.at, "the job ends in the middle of a command")
        self.at += 1
        return self.document[self.at - 1]

    def _write(self, byte: int) -> None:
        if self.pages[-1:] != (self.page,) and byte >= 0x80:  # noqa: PLR2004 -- ASCII is in all
            self.pages += (self.page,)
        self.text += bytes([byte]).decode(self.page, "replace")

    def _line_feed(self) -> None:
        self.items.append(TextLine(self.text, self.big, self.bold, self.centered, self.pages))
        self.text, self.pages = "", ()

    def _command(self, code: bytes) -> None:
        commands: dict[bytes, Callable[[], object]] = {
            b"\x1b@": self._reset,
            b"\x1b!": self._mode,
            b"\x1bt": self._code_page,
            b"\x1bE": self._bold,
            b"\x1ba": self._align,
            b"\x1bd": lambda: self.items.append(Feed(self._byte())),
            b"\x1bp": self._pulse,
            b"\x1dh": self._bar_height,
            b"\x1dw": self._bar_module,
            b"\x1dH": lambda: self._expect((0, 1, 2, 3)),
            b"\x1df": lambda: self._expect((0, 1)),
            b"\x1dk": self._barcode,
            b"\x1dV": self._cut,
        }
        if code not in commands:
            raise UnreadableJob(self.at - 2, f"command {code!r} is not known")
        commands[code]()

    def _expect(self, allowed: tuple[int, ...]) -> int:
        value = self._byte()
        if value not in allowed:
            raise UnreadableJob(self.at - 1, f"{value} is not one of {allowed}")
        return value

    def _reset(self) -> None:
        self.page, self.big, self.bold, self.centered = "cp437", False, False, False

    def _mode(self) -> None:
        """ESC !: bit 3 emphasised, bits 4 and 5 double height and width."""
        mode = self._byte()
        self.bold = bool(mode & 0x08)
        self.big = mode & 0x30 == 0x30  # noqa: PLR2004 -- both bits

    def _code_page(self) -> None:
        self.page = _PAGES[self._expect(tuple(_PAGES))]

    def _bold(self) -> None:
        self.bold = bool(self._byte() & 1)

    def _align(self) -> None:
        self.centered = self._expect((0, 1, 2)) == 1

    def _pulse(self) -> None:
        pin = 5 if self._expect((0, 1, 48, 49)) in (1, 49) else 2
        self.items.append(Pulse(pin, self._byte() * _TICK_MS, self._byte() * _TICK_MS))

    def _bar_height(self) -> None:
        self.bar_height = self._byte()

    def _bar_module(self) -> None:
        self.bar_module = self._expect((2, 3, 4, 5, 6))

    def _barcode(self) -> None:
        """GS k, function B: kind, length, content; only CODE128 with code set B is read."""
        self._expect((_CODE128,))
        length = self._byte()
        start = self.at
        content = bytes(self._byte() for _ in range(length))
        if content[:2] != b"{B":
            raise UnreadableJob(start, f"barcode {content!r} does not choose code set B")
        text = content[2:].replace(b"{{", b"{").decode("ascii")
        self.items.append(Bars(text, self.bar_height, self.bar_module))

    def _cut(self) -> None:
        """GS V: 0, 1, 48, 49 cut here; 65, 66 feed n dots first."""
        kind = self._expect((0, 1, 48, 49, 65, 66))
        if kind in (65, 66):
            self._byte()
        self.items.append(Cut(partial=kind in (1, 49, 66)))
