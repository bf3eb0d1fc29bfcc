"""Keys pressed by a person and codes typed by a scanner, told apart and handed to the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from kivy.clock import Clock
from kivy.core.window import Window

from till_kivy.hardware.wedge import FASTEST_PERSON_S, Wedge

_NAMES = {
    8: "backspace",
    13: "enter",
    27: "escape",
    271: "enter",
    273: "up",
    274: "down",
    275: "right",
    276: "left",
    **{281 + number: f"f{number}" for number in range(1, 13)},
}
_SILENCE_S = FASTEST_PERSON_S * 1.5


class Hearing(Protocol):
    """Whoever a keyboard and a scanner speak to."""

    def key(self, name: str) -> bool:
        """Do what a key does here; tell whether it does anything."""
        ...

    def typed(self, text: str) -> None:
        """Take characters from the keyboard."""
        ...

    def scanned(self, code: str) -> None:
        """Take a code that was read as a whole."""
        ...


class Keyboard:
    """Holds characters back for a moment: a scanner's code ends within it, a person's word not.

    `now_s` is a steady clock in seconds.
    """

    def __init__(self, desk: Hearing, now_s: Callable[[], float]) -> None:
        self._desk = desk
        self._now_s = now_s
        self._wedge = Wedge()
        self._pending = ""
        self._flush_soon = Clock.create_trigger(lambda _dt: self.flush(), _SILENCE_S)

    def listen(self) -> None:
        """Begin to take keys from the window."""
        Window.bind(on_key_down=self._key, on_textinput=self._text)

    def leave(self) -> None:
        """Take no more keys."""
        Window.unbind(on_key_down=self._key, on_textinput=self._text)
        self._flush_soon.cancel()

    def flush(self) -> None:
        """Hand over what was held back: nobody ended it as a code."""
        text, self._pending = self._pending, ""
        self._flush_soon.cancel()
        if text:
            self._desk.typed(text)

    def _text(self, _window: object, text: str) -> None:
        for character in text:
            self._wedge.press(character, self._now_s())
        self._pending += text
        self._flush_soon.cancel()
        self._flush_soon()

    def _key(self, _window: object, key: int, *_: Any) -> bool:
        name = _NAMES.get(key, "")
        if name == "enter" and (code := self._wedge.press("\r", self._now_s())):
            self._pending = ""
            self._flush_soon.cancel()
            self._desk.scanned(code)
            return True
        if name:
            self.flush()
        return self._desk.key(name)
