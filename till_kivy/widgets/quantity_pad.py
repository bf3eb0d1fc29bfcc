"""A keypad that asks for one number: pieces or kilograms of something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout

from domain.quantity import Unit
from till_kivy.widgets.ground import card, column, fixed
from till_kivy.widgets.keypad import ERASE, Keypad
from till_kivy.widgets.text import Figure, Text
from till_kivy.widgets.theme import CAPTION, CARD, CARD_MUTED, FIGURE, GAP, PRIMARY, STRONG
from till_kivy.widgets.touch import TouchButton

MOST_CHARACTERS = 7
_UNITS = {Unit.PIECE: "pieces", Unit.KILOGRAM: "kg"}

Given = Callable[[str], None]


class QuantityPad(BoxLayout):
    """Hands over the text that was typed, empty when the cashier changed her mind."""

    def __init__(self, leave: Callable[[], None], **kwargs: Any) -> None:
        super().__init__(spacing=dp(2 * GAP), **kwargs)
        self._leave = leave
        self._given: Given = lambda _text: None
        self._unit = Unit.PIECE
        self._typed = ""
        self._name = Text("", CARD.ink, CAPTION, bold=True, valign="top", max_lines=2)
        self._figure = Figure("", CARD.ink, FIGURE, halign="right")
        self._what = Text("", CARD_MUTED.ink, CAPTION, halign="right")
        self._keys = Keypad(self.press, (".", "0", ERASE), size_hint_x=0.6)
        self.add_widget(self._keys)
        self.add_widget(self._right())

    def _right(self) -> Any:  # noqa: ANN401 -- Kivy has no types
        shown = card(self._name, fixed(self._figure, height=42), fixed(self._what, height=20))
        return column(
            shown,
            fixed(
                TouchButton("Set", self.finish, hint="Enter", look=PRIMARY, points=STRONG),
                height=70,
            ),
            fixed(TouchButton("Back", self._leave, hint="Esc"), height=64),
            size_hint_x=0.4,
        )

    def ask(self, name: str, unit: Unit, given: Given) -> None:
        """Ask how much of something; `given` gets the text."""
        self._given, self._unit = given, unit
        self._name.text, self._what.text = name, _UNITS[unit]
        self._set("")

    def press(self, key: str) -> None:
        """Take a digit, a decimal point (of a weight) or take the last one back."""
        if key == ERASE:
            self._set(self._typed[:-1])
        elif len(self._typed) < MOST_CHARACTERS and self._fits(key):
            self._set(self._typed + key)

    def finish(self) -> None:
        """Hand over what was typed."""
        if self._typed:
            self._given(self._typed)

    def _fits(self, key: str) -> bool:
        if key == ".":
            return self._unit is Unit.KILOGRAM and "." not in self._typed
        return key.isdigit()

    def _set(self, typed: str) -> None:
        self._typed = typed
        self._figure.text = typed or "–"
