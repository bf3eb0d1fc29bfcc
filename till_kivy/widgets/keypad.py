"""Digits to touch, and letters for those without a keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout

from till_kivy.widgets.ground import fixed, row
from till_kivy.widgets.theme import CARD, GAP, TARGET, TITLE
from till_kivy.widgets.touch import IconButton, TouchButton

Typed = Callable[[str], None]
ERASE = "erase"
_DIGITS = ("7", "8", "9", "4", "5", "6", "1", "2", "3")
_LETTERS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
_NUMBERS = ("1234567890", "-/.,%&+'#", "ÄÖÜÉÈÇÑ")


class Keypad(GridLayout):
    """Nine digits over a last row of two extra keys around the zero; `erase` takes one back."""

    def __init__(self, typed: Typed, last_row: tuple[str, str, str], **kwargs: Any) -> None:
        super().__init__(cols=3, spacing=dp(GAP), **kwargs)
        for key in (*_DIGITS, *last_row):
            self.add_widget(_key(key, typed))


def _key(key: str, typed: Typed, points: int = TITLE) -> TouchButton | IconButton:
    if key == ERASE:
        return IconButton(ERASE, partial(typed, ERASE))
    return TouchButton(key, partial(typed, key), look=CARD, points=points)


class Letters(BoxLayout):
    """Three rows of keys; `123` swaps letters for digits and signs, `hide` puts it away."""

    def __init__(self, typed: Typed, hide: Callable[[], None], **kwargs: Any) -> None:
        super().__init__(orientation="vertical", spacing=dp(GAP), **kwargs)
        self._typed, self._hide = typed, hide
        fixed(self, height=3 * TARGET + 2 * GAP)
        self._fill(_LETTERS, "123")

    def _fill(self, rows: tuple[str, str, str], other: str) -> None:
        self.clear_widgets()
        first, second, third = ([_key(k, self._typed) for k in keys] for keys in rows)
        swap = TouchButton(other, partial(self._swap, other))
        space = TouchButton("Space", partial(self._typed, " "), size_hint_x=1.5)
        hide = TouchButton("Hide", self._hide)
        self.add_widget(row(*first))
        self.add_widget(row(*second, _key(ERASE, self._typed)))
        self.add_widget(row(swap, *third, space, hide))

    def _swap(self, other: str) -> None:
        if other == "123":
            self._fill(_NUMBERS, "ABC")
        else:
            self._fill(_LETTERS, "123")
