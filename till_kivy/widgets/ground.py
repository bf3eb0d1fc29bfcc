"""The areas that everything stands on: rounded cards and plain columns, rows and grids."""

from __future__ import annotations

from typing import Any, TypeVar

from kivy.graphics import Color, SmoothRoundedRectangle
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from till_kivy.widgets.theme import CARD, EDGE, GAP, RADIUS, rgba

Box = TypeVar("Box", bound=Widget)


class Ground(Widget):
    """Something with a painted area behind it; `ground` is its colour, "" paints nothing."""

    def __init__(
        self, *, ground: str = "", edge: str = "", radius: int = RADIUS, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.ground = ground
        self._edge = edge
        radii = [dp(radius)]
        with self.canvas.before:
            self._edge_colour = Color()
            self._outside = SmoothRoundedRectangle(radius=radii)
            self._fill_colour = Color()
            self._inside = SmoothRoundedRectangle(radius=radii)
        self.bind(pos=self._place, size=self._place)
        self.paint(ground, edge)

    def paint(self, ground: str, edge: str = "") -> None:
        """Change the colours; an edge is drawn one pixel wide."""
        self.ground, self._edge = ground, edge
        self._edge_colour.rgba = rgba(edge) if edge else (0, 0, 0, 0)
        self._fill_colour.rgba = rgba(ground) if ground else (0, 0, 0, 0)
        self._place()

    def _place(self, *_: object) -> None:
        rim = 1 if self._edge else 0
        self._outside.pos, self._outside.size = self.pos, self.size
        self._inside.pos = (self.x + rim, self.y + rim)
        self._inside.size = (max(0, self.width - 2 * rim), max(0, self.height - 2 * rim))


class Card(Ground, BoxLayout):
    """A white rounded area with a fine edge and room around what stands in it."""

    def __init__(self, *, ground: str = CARD.ground, edge: str = EDGE, **kwargs: Any) -> None:
        kwargs.setdefault("padding", dp(2 * GAP))
        kwargs.setdefault("spacing", dp(GAP))
        super().__init__(ground=ground, edge=edge, **kwargs)


def card(*children: Widget, **kwargs: Any) -> Card:
    """Stack widgets on a card."""
    return _filled(Card(orientation="vertical", **kwargs), children)


def column(*children: Widget, **kwargs: Any) -> BoxLayout:
    """Stack widgets from top to bottom."""
    return _filled(BoxLayout(orientation="vertical", **_spaced(kwargs)), children)


def row(*children: Widget, **kwargs: Any) -> BoxLayout:
    """Put widgets side by side."""
    return _filled(BoxLayout(**_spaced(kwargs)), children)


def fixed(widget: Widget, *, width: float | None = None, height: float | None = None) -> Widget:
    """Give a widget a size of its own, in design pixels."""
    if width is not None:
        widget.size_hint_x, widget.width = None, dp(width)
    if height is not None:
        widget.size_hint_y, widget.height = None, dp(height)
    return widget


def replace_children(box: Widget, *children: Widget) -> None:
    """Take everything out of a box and put these in."""
    box.clear_widgets()
    _filled(box, children)


def _spaced(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"spacing": dp(GAP), **kwargs}


def _filled(box: Box, children: tuple[Widget, ...]) -> Box:
    for child in children:
        box.add_widget(child)
    return box
