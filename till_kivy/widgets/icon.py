"""Line icons on a grid of 24 × 24, drawn as strokes so that no icon font is needed."""

from __future__ import annotations

import math
from typing import Any

from kivy.graphics import Color, SmoothLine
from kivy.metrics import dp
from kivy.uix.widget import Widget

from till_kivy.view import MessageKind
from till_kivy.widgets.theme import rgba

GRID = 24
Stroke = tuple[float, ...]


def _circle(x: float, y: float, radius: float) -> Stroke:
    turns = (2 * math.pi * step / 32 for step in range(33))
    return tuple(v for t in turns for v in (x + radius * math.cos(t), y + radius * math.sin(t)))


_ICONS: dict[str, tuple[Stroke, ...]] = {
    "good": (_circle(12, 12, 9.5), (7.5, 12, 11, 8.5, 16.5, 15)),
    "warning": ((12, 21, 1.8, 3.5, 22.2, 3.5, 12, 21), (12, 14.5, 12, 9.5), (12, 6.8, 12, 6.2)),
    "error": (_circle(12, 12, 9.5), (8.5, 8.5, 15.5, 15.5), (8.5, 15.5, 15.5, 8.5)),
    "search": (_circle(10.5, 13.5, 7), (15.7, 8.3, 21, 3)),
    "erase": ((8, 20, 22, 20, 22, 4, 8, 4, 1.5, 12, 8, 20), (12, 15, 18, 9), (12, 9, 18, 15)),
    "back": ((10, 19, 3, 12, 10, 5), (3, 12, 21, 12)),
    "person": (_circle(12, 16, 4.5), (3.5, 3, 4.5, 7, 8, 9, 16, 9, 19.5, 7, 20.5, 3)),
    "lock": (
        (4, 3, 20, 3, 20, 13, 4, 13, 4, 3),
        (7.5, 13, 7.5, 18, 10, 21, 14, 21, 16.5, 18, 16.5, 13),
    ),
    "basket": ((2, 15, 22, 15, 19, 3.5, 5, 3.5, 2, 15), (7, 15, 10, 21), (17, 15, 14, 21)),
}

MESSAGE_ICONS = {
    MessageKind.GOOD: "good",
    MessageKind.WARNING: "warning",
    MessageKind.ERROR: "error",
}


class Icon(Widget):
    """One icon of a square size in design pixels."""

    def __init__(self, name: str, ink: str, size: int = GRID, **kwargs: Any) -> None:
        super().__init__(size_hint=(None, None), size=(dp(size), dp(size)), **kwargs)
        self.pos_hint = {"center_y": 0.5}
        self._side = size
        self.bind(pos=self._draw)
        self.show(name, ink)

    def show(self, name: str, ink: str) -> None:
        """Draw another icon or another colour."""
        self.icon, self.ink = name, ink
        self._draw()

    def _draw(self, *_: object) -> None:
        step = dp(self._side) / GRID
        self.canvas.clear()
        with self.canvas:
            Color(*rgba(self.ink))
            for stroke in _ICONS[self.icon]:
                origin = (self.x, self.y)
                points = [origin[i % 2] + value * step for i, value in enumerate(stroke)]
                SmoothLine(points=points, width=max(1.0, step * 1.05), joint="round", cap="round")
