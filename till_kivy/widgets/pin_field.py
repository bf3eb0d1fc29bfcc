"""Six dots that fill as a PIN is typed; the digits themselves are never drawn."""

from __future__ import annotations

from collections.abc import Callable

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout

from domain.pins import PIN_DIGITS
from till_kivy.widgets.ground import Ground, fixed
from till_kivy.widgets.keypad import ERASE, Keypad
from till_kivy.widgets.theme import ACCENT, EDGE, PAPER

CLEAR = "Clear"


class PinField(BoxLayout):
    """Hands the digits over with the sixth and forgets them; `pad` is the keypad that fills it."""

    def __init__(self, typed_all: Callable[[str], None]) -> None:
        super().__init__(spacing=dp(14))
        fixed(self, height=34)
        self._typed_all = typed_all
        self._digits = ""
        self._dots = [Ground(radius=11) for _ in range(PIN_DIGITS)]
        for dot in self._dots:
            self.add_widget(fixed(dot, width=22, height=22))
        self.pad = Keypad(self.press, (CLEAR, "0", ERASE))

    def clear(self) -> None:
        """Begin again."""
        self._set("")

    def press(self, key: str) -> None:
        """Take a digit, or what the keypad has beside them; anything else is ignored."""
        if key == ERASE:
            self._set(self._digits[:-1])
        elif key == CLEAR:
            self._set("")
        elif key.isdigit():
            self._set(self._digits + key)
        if len(self._digits) == PIN_DIGITS:
            digits = self._digits
            self._set("")
            self._typed_all(digits)

    def _set(self, digits: str) -> None:
        self._digits = digits
        for place, dot in enumerate(self._dots):
            dot.paint(*((ACCENT, ACCENT) if place < len(digits) else (PAPER, EDGE)))
