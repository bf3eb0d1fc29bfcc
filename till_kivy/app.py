"""The window of a till: Kivy's application around the desk, its keyboard, scanner and clock."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.metrics import Metrics
from kivy.uix.boxlayout import BoxLayout

from till_kivy.enrolling import Enrolment, is_till
from till_kivy.hardware.protocols import Devices, Scanner
from till_kivy.idle import LOCKS_AFTER_S, Idle
from till_kivy.screens.desk import Desk
from till_kivy.screens.enrol import EnrolPage
from till_kivy.screens.keyboard import Keyboard
from till_kivy.till import Till
from till_kivy.widgets import theme

REFRESH_S = 0.5
DRAIN_S = 0.02
BUILD_AHEAD_S = 0.25


class WindowApp(App):
    """A window with one thing in it, the `desk`, which is drawn anew for each size of the window.

    `beats` are what Kivy's clock does, each with the seconds between.
    """

    title = "Tillflow"
    desk: Any

    def __init__(self, draw: Callable[[], Any], now_s: Callable[[], float]) -> None:
        super().__init__()
        self._draw = draw
        self._now_s = now_s
        self._ticks: list[Any] = []
        self.beats: list[tuple[Callable[[], object], float]] = [(self.refresh, REFRESH_S)]
        self.holder = BoxLayout()
        self._build_desk()

    def build(self) -> BoxLayout:
        """Give Kivy what to show."""
        return self.holder

    def on_start(self) -> None:
        """Listen to keyboard and clock."""
        Window.bind(on_resize=self._resized)
        self.keyboard.listen()
        self._ticks = [Clock.schedule_interval(_ticking(do), pause) for do, pause in self.beats]

    def on_stop(self) -> None:
        """Stop listening."""
        Window.unbind(on_resize=self._resized)
        self.keyboard.leave()
        for tick in self._ticks:
            tick.cancel()

    def refresh(self) -> None:
        """Draw what is true now."""
        self.desk.refresh()

    def _build_desk(self) -> None:
        """Build everything anew for the window's size: type and targets grow with it."""
        self._built_for = tuple(Window.size)
        Metrics.density = theme.scale(*Window.size)
        self.holder.clear_widgets()
        self.desk = self._draw()
        self.keyboard = Keyboard(self.desk, self._now_s)
        self.holder.add_widget(self.desk)

    def _resized(self, *_: object) -> None:
        if tuple(Window.size) == self._built_for:
            return
        self.keyboard.leave()
        self._build_desk()
        self.keyboard.listen()

    # ------------------------------------------------------------ without a display

    def appear(self) -> None:
        """Put the desk into Kivy's window as `run` would."""
        EventLoop.ensure_window()
        Window.add_widget(self.holder)
        self.on_start()
        self.settle()

    def vanish(self) -> None:
        """Take it out again."""
        self.on_stop()
        Window.remove_widget(self.holder)

    def settle(self, frames: int = 3) -> None:
        """Let Kivy lay out and draw; for pictures and tests, where no event loop runs."""
        for _ in range(frames):
            EventLoop.idle()

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        Window.size = (width, height)
        self._resized()
        self.settle()

    def picture(self, path: Path) -> None:
        """Write what the window shows as a PNG file."""
        self.settle()
        # Kivy puts a counter between name and ending.
        written = Path(Window.screenshot(name=str(path)))
        written.replace(path)


class TillApp(WindowApp):
    """One till in one window; devices and office are threads, only Kivy's clock draws."""

    def __init__(
        self,
        till: Till,
        scanner: Scanner | None = None,
        now_s: Callable[[], float] = time.monotonic,
        lock_after_s: float = LOCKS_AFTER_S,
    ) -> None:
        super().__init__(partial(Desk, till, Idle(now_s, lock_after_s)), now_s)
        self._scanner = scanner
        self.beats += [(self.drain, DRAIN_S), (self._build_ahead, BUILD_AHEAD_S)]

    def drain(self) -> None:
        """Take what the scanner has read since."""
        while self._scanner and (code := self._scanner.read(0)):
            self.desk.scanned(code)

    def _build_ahead(self) -> object:
        return self.desk.build_ahead()


class NewTillApp(WindowApp):
    """A device that becomes a till by a code, and then sells in the same window."""

    def __init__(
        self,
        enrolment: Enrolment,
        open_till: Callable[[], TillApp],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(partial(EnrolPage, enrolment, self._go_on), now_s)
        self._open_till = open_till
        self.selling: TillApp | None = None

    def on_stop(self) -> None:
        """Stop listening, whoever does by now."""
        if self.selling:
            self.selling.on_stop()
        else:
            super().on_stop()

    def _go_on(self) -> None:
        selling = self._open_till()
        super().on_stop()
        self.selling = selling
        self.holder.clear_widgets()
        self.holder.add_widget(selling.holder)
        selling.on_start()


def run(folder: Path, office_url: str | None, devices: Devices, lock_after_s: float) -> None:
    """Open the till of a folder in a window, until it is closed or the program told to end.

    Where there is no till yet, an office's code makes one first.
    """
    with ExitStack() as opened:

        def open_till() -> TillApp:
            till = Till.open(folder, office_url, devices)
            opened.callback(till.close)
            return TillApp(till, devices.scanner, lock_after_s=lock_after_s)

        app: WindowApp
        if office_url and not is_till(folder):
            enrolment = Enrolment(folder, office_url)
            opened.callback(enrolment.close)
            app = NewTillApp(enrolment, open_till)
        else:
            app = open_till()
        signal.signal(signal.SIGTERM, lambda *_: app.stop())
        app.run()


def _ticking(do: Callable[[], object]) -> Callable[[float], object]:
    """Leave out what Kivy's clock tells; an answer of `False` ends the repeating."""
    return lambda _dt: do()
