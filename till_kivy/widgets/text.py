"""Text in the till's own typography: one size per role, never smaller than 16."""

from __future__ import annotations

from typing import Any

from kivy.metrics import sp
from kivy.uix.label import Label

from till_kivy.widgets.theme import BODY, rgba

_GROUP = 3
_LONG = 5


def grouped(amount: str) -> str:
    """Set the thousands of a long amount apart by spaces that do not break."""
    whole, point, rest = amount.partition(".")
    digits = whole.lstrip("-")
    if not digits.isdigit() or len(digits) < _LONG:
        return amount
    parts = [digits[max(0, end - _GROUP) : end] for end in range(len(digits), 0, -_GROUP)]
    return f"{'-' if whole != digits else ''}{chr(0xA0).join(reversed(parts))}{point}{rest}"


class Text(Label):
    """Words in one colour that keep inside their box; `shorten` cuts with an ellipsis."""

    def __init__(self, text: str, ink: str, points: int = BODY, **kwargs: Any) -> None:
        kwargs.setdefault("halign", "left")
        kwargs.setdefault("valign", "middle")
        kwargs.setdefault("shorten_from", "right")
        super().__init__(text=text, font_size=sp(points), **kwargs)
        self.colour_with(ink)
        self.bind(size=self._fit)

    def colour_with(self, ink: str) -> None:
        """Change the colour, given as `#RRGGBB`."""
        self.ink = ink
        self.color = rgba(ink)

    def _fit(self, *_: object) -> None:
        self.text_size = self.size


class Paragraph(Text):
    """Text that breaks into as many lines as it needs; `texture_size` says how high they are."""

    def _fit(self, *_: object) -> None:
        self.text_size = (self.width, None)


class Figure(Text):
    """A number that must never be cut: it is drawn smaller when its box is too narrow."""

    def __init__(self, text: str, ink: str, points: int, **kwargs: Any) -> None:
        self._wanted = sp(points)
        super().__init__(text, ink, points, bold=True, **kwargs)
        self.bind(text=self._fit)

    def _fit(self, *_: object) -> None:
        self.text_size = (None, None)
        self.font_size = self._wanted
        self.texture_update()
        if self.texture_size[0] > self.width > 1:
            self.font_size = int(self._wanted * self.width / self.texture_size[0] * 0.97)
        self.text_size = self.size
