"""The real window without a display: opened once a session, touched and read by tests.

Kivy's own test case opens a window per test, which takes a second; this takes some frames.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from notrun import not_run

from domain.catalog import Snapshot
from till_kivy import sample
from till_kivy.enrolling import Enrolment
from till_kivy.hardware.protocols import Devices
from till_kivy.till import Till, create
from till_kivy.window import can_draw_offscreen, prepare

LARGEST = (1280, 800)
PANEL = (800, 480)
_ENTER = 13
_KEYS = {
    "backspace": 8,
    "enter": _ENTER,
    "escape": 27,
    "up": 273,
    "down": 274,
    **{f"f{number}": 281 + number for number in range(1, 13)},
}


def ensure_window() -> None:
    """Open the window this session shares, or say what the machine lacks."""
    import sys

    if "kivy" in sys.modules:
        return
    if not can_draw_offscreen():
        remedy = "apt-get install libegl1 libgles2 libgl1-mesa-dri"
        not_run("the till's window", remedy)
    prepare(Path(tempfile.mkdtemp(prefix="tillflow-kivy-")), LARGEST, "offscreen")
    from kivy.base import EventLoop
    from kivy.clock import Clock

    EventLoop.ensure_window()
    Clock._max_fps = 0  # noqa: SLF001 -- Kivy has no other way not to wait for frames


@dataclass(frozen=True)
class Seen:
    """A widget in sight with its rectangle in the window."""

    widget: Any
    left: float
    bottom: float
    right: float
    top: float
    whole: bool = True

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def inside(self, other: Seen, slack: float = 0.5) -> bool:
        return (
            self.left >= other.left - slack
            and self.bottom >= other.bottom - slack
            and self.right <= other.right + slack
            and self.top <= other.top + slack
        )

    def overlaps(self, other: Seen, slack: float = 0.5) -> bool:
        return (
            self.left < other.right - slack
            and other.left < self.right - slack
            and self.bottom < other.top - slack
            and other.bottom < self.top - slack
        )


class Watch:
    """A steady clock that tests move."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Hands:
    """A cashier at the window: touches, keys, a scanner that types, and eyes."""

    def __init__(self, app: Any, till: Any, watch: Watch | None = None) -> None:
        self.app = app
        self.till = till
        self.watch = watch or Watch()

    # ------------------------------------------------------------ doing

    def tap(self, caption: str) -> None:
        """Touch the part that carries these words."""
        found = [seen for seen in self.touchable() if caption in texts_on(seen.widget)]
        assert found, f"Nothing to touch says {caption!r}; in sight: {self.texts()}"
        self.touch(*found[0].middle)

    def touch(self, x: float, y: float) -> None:
        from kivy.tests.common import UnitTestTouch

        finger = UnitTestTouch(x, y)
        finger.touch_down()
        finger.touch_up()
        self.app.settle()

    def press(self, *names: str) -> None:
        """Press and release keys by their names."""
        from kivy.core.window import Window

        for name in names:
            self.watch.now_s += 0.001
            Window.dispatch("on_key_down", _KEYS[name], 0, None, [])
            self.app.settle()

    def type(self, text: str) -> None:
        """Type as people do, with a pause after each key."""
        for character in text:
            self.watch.now_s += 0.2
            self.character(character)
            self.app.keyboard.flush()
        self.app.settle()

    def wedge(self, code: str) -> None:
        """Scan with a scanner that types: its keys follow at once and end with Enter."""
        self.watch.now_s += 1
        for character in code:
            self.watch.now_s += 0.005
            self.character(character)
        self.press("enter")

    def character(self, character: str) -> None:
        from kivy.core.window import Window

        Window.dispatch("on_textinput", character)

    def log_in(self, name: str = "Anna Berger") -> None:
        self.tap(name)
        self.type(sample.PIN)

    # ------------------------------------------------------------ seeing

    def sees(self, words: str) -> bool:
        return any(words in text for text in self.texts())

    def texts(self) -> list[str]:
        return [seen.widget.text for seen in self.all_texts()]

    def all_texts(self) -> list[Seen]:
        from till_kivy.widgets.text import Text

        return [seen for seen in self.everything() if isinstance(seen.widget, Text)]

    def touchable(self) -> list[Seen]:
        from till_kivy.widgets.touch import Touch

        return [seen for seen in self.everything() if isinstance(seen.widget, Touch)]

    def longest_list(self) -> int:
        """Count the rows that the longest list in sight was given."""
        from till_kivy.widgets.rows import Rows

        lists = (seen.widget for seen in self.everything() if isinstance(seen.widget, Rows))
        return max(len(shown.data) for shown in lists)

    def everything(self) -> list[Seen]:
        """All that is in sight, cut to what lists show; below a question nothing counts."""
        from till_kivy.screens.ask import Ask

        desk = self.app.desk
        asked = [child for child in desk.children if isinstance(child, Ask)]
        return list(_in_sight(asked[0] if asked else desk, None))


def texts_on(widget: Any) -> list[str]:
    """All texts on a widget, from top to bottom."""
    own = [widget.text] if hasattr(widget, "text") else []
    return own + [text for child in reversed(widget.children) for text in texts_on(child)]


def _in_sight(widget: Any, port: Seen | None) -> Iterator[Seen]:
    """Yield a widget and what is on it, as far as the list it stands in shows them."""
    from kivy.uix.scrollview import ScrollView

    if widget.opacity == 0:
        return
    x, y = widget.to_window(*widget.pos)
    seen = Seen(widget, x, y, x + widget.width, y + widget.height)
    if port and not seen.overlaps(port):
        return
    yield replace(seen, whole=seen.inside(port)) if port else seen
    for child in widget.children:
        yield from _in_sight(child, seen if isinstance(widget, ScrollView) else port)


@contextmanager
def window(
    folder: Path,
    devices: Devices | None = None,
    *,
    size: tuple[int, int] = PANEL,
    shop: Snapshot | None = None,
) -> Iterator[Hands]:
    """Open the sample shop's till in the session's window."""
    ensure_window()
    from kivy.core.window import Window

    from till_kivy.app import TillApp

    create(folder, sample.TILL.id, sample.TILL.series)
    devices = devices or Devices()
    till = Till.open(folder, devices=devices)
    till.catalog.replace(shop or sample.snapshot())
    Window.size = size
    watch = Watch()
    app = TillApp(till, devices.scanner, watch)
    app.appear()
    try:
        yield Hands(app, till, watch)
    finally:
        app.vanish()
        till.close()


@contextmanager
def new_window(folder: Path, office_url: str, *, size: tuple[int, int] = PANEL) -> Iterator[Hands]:
    """Open the window of a device that is no till yet; later `hands.app.selling` sells."""
    ensure_window()
    from kivy.core.window import Window

    from till_kivy.app import NewTillApp, TillApp

    watch = Watch()
    Window.size = size
    with ExitStack() as opened:

        def open_till() -> TillApp:
            till = Till.open(folder, office_url)
            opened.callback(till.close)
            return TillApp(till, now_s=watch)

        enrolment = Enrolment(folder, office_url)
        opened.callback(enrolment.close)
        app = NewTillApp(enrolment, open_till, watch)
        app.appear()
        opened.callback(app.vanish)
        yield Hands(app, None, watch)
