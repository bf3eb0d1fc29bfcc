"""Draws every screen of the till for the documentation, by selling in the sample shop."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from till_kivy import sample
from till_kivy.clock import HandClock
from till_kivy.enrolling import Enrolment
from till_kivy.errors import TillError
from till_kivy.till import Till, create
from till_kivy.window import can_draw_offscreen, prepare

if TYPE_CHECKING:
    from till_kivy.app import TillApp, WindowApp

SIZES = ((800, 480), (1280, 800))
NOBODY = "http://127.0.0.1:9"
"""An address at which no office answers: port 9 is kept for throwing things away."""
_MORNING = dt.datetime(2026, 11, 21, 9, 41, tzinfo=dt.UTC)
_UNKNOWN_CODE = "4006381333931"
_BASKET = (1, 2, 2, 7, 21, 13, 11)

_App = TypeVar("_App", bound="WindowApp")
Scene = Callable[["TillApp"], None]


class NoPictures(TillError):
    """A machine that cannot draw without a display."""

    def __init__(self) -> None:
        super().__init__(
            "No picture was drawn: this machine lacks EGL. Install libegl1, libgles2 and"
            " libgl1-mesa-dri, then draw again."
        )


def draw_all(out: Path) -> Iterator[Path]:
    """Draw every scene in every size into a folder; yield the pictures as they are written."""
    if not can_draw_offscreen():
        raise NoPictures
    with tempfile.TemporaryDirectory() as scratch:
        # The surface without a display keeps its first size, so that has to be the largest.
        prepare(Path(scratch) / "kivy", SIZES[-1], "offscreen")
        for size in SIZES:
            yield from draw(out, Path(scratch) / f"{size[0]}x{size[1]}", size)


def draw(out: Path, folder: Path, size: tuple[int, int]) -> Iterator[Path]:
    """Draw every scene in one size with a till in `folder`."""
    from till_kivy.app import TillApp  # noqa: PLC0415 -- importing Kivy opens its window

    out.mkdir(parents=True, exist_ok=True)
    yield from draw_new(out, folder / "new", size)
    create(folder, sample.TILL.id, sample.TILL.series)
    till = Till.open(folder, clock=HandClock(_MORNING))
    till.catalog.replace(sample.snapshot())
    try:
        app = TillApp(till)
        yield from _pictures(app, SCENES, out, size)
    finally:
        till.close()


def draw_new(out: Path, folder: Path, size: tuple[int, int]) -> Iterator[Path]:
    """Draw in one size a device that is no till yet."""
    from till_kivy.app import NewTillApp  # noqa: PLC0415 -- importing Kivy opens its window

    def no_till() -> TillApp:
        raise NoPictures

    with closing(Enrolment(folder, NOBODY)) as enrolment:
        app = NewTillApp(enrolment, no_till)
        yield from _pictures(app, NEW_SCENES, out, size)


def _pictures(
    app: _App, scenes: Mapping[str, Callable[[_App], None]], out: Path, size: tuple[int, int]
) -> Iterator[Path]:
    app.appear()
    app.resize(*size)
    for name, scene in scenes.items():
        scene(app)
        path = out / f"{name}-{size[0]}x{size[1]}.png"
        app.picture(path)
        yield path
    app.vanish()


def _code(app: WindowApp) -> None:
    app.desk.typed("k7qm4t9")


def _office_away(app: WindowApp) -> None:
    app.desk.typed("x2hrp")
    app.desk.key("enter")
    while app.desk.asking:
        app.settle()
        app.refresh()


def _people(app: TillApp) -> None:
    app.desk.refresh()


def _time_clock(app: TillApp) -> None:
    app.desk.key("f9")
    for person in ("anna", "marta"):
        app.desk.scanned(sample.badge(person))


def _clock_in(app: TillApp) -> None:
    app.desk.typed("2")


def _pin(app: TillApp) -> None:
    for key in ("escape", "f9"):
        app.desk.key(key)
    app.desk.typed("1")
    app.desk.typed("111111" + sample.PIN[:3])


def _empty(app: TillApp) -> None:
    app.desk.typed(sample.PIN[3:])


def _full(app: TillApp) -> None:
    for number in _BASKET:
        app.desk.scanned(sample.gtin(number))
    app.desk.scanned(sample.price_label(20001, 734))
    app.desk.scanned(sample.weight_label(10003, 512))


def _error(app: TillApp) -> None:
    app.desk.scanned(_UNKNOWN_CODE)


def _quantity(app: TillApp) -> None:
    for key in ("up", "up", "up", "f3"):
        app.desk.key(key)
    app.desk.typed("12")


def _search(app: TillApp) -> None:
    app.desk.key("escape")
    app.desk.key("f2")
    app.desk.typed("a")


def _void(app: TillApp) -> None:
    app.desk.key("escape")
    app.desk.key("f8")


def _approval(app: TillApp) -> None:
    app.desk.key("f8")


def _lock(app: TillApp) -> None:
    app.desk.key("escape")
    app.desk.key("f9")
    app.desk.typed(sample.PIN[:2])


def _switched(app: TillApp) -> None:
    app.desk.scanned(sample.badge("deniz"))


def _held(app: TillApp) -> None:
    app.desk.key("escape")
    app.desk.key("f5")
    for number in (14, 15, 3):
        app.desk.scanned(sample.gtin(number))
    app.desk.key("f5")
    app.desk.key("f6")


def _tender(app: TillApp) -> None:
    app.desk.key("enter")
    app.desk.key("f12")
    app.desk.typed("5000")


def _change(app: TillApp) -> None:
    app.desk.key("enter")


NEW_SCENES: dict[str, Callable[[WindowApp], None]] = {
    "enrol": _code,
    "enrol-away": _office_away,
}
SCENES: dict[str, Scene] = {
    "people": _people,
    "time-clock": _time_clock,
    "clock-in": _clock_in,
    "pin": _pin,
    "sell-empty": _empty,
    "sell": _full,
    "sell-error": _error,
    "quantity": _quantity,
    "search": _search,
    "void-ticket": _void,
    "approval": _approval,
    "lock": _lock,
    "switched": _switched,
    "held": _held,
    "tender": _tender,
    "change": _change,
}
