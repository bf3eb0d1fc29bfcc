"""Things to touch: a rounded area with a caption, the key that does the same, and one action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.metrics import dp
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from till_kivy.widgets.ground import Ground
from till_kivy.widgets.icon import Icon
from till_kivy.widgets.text import Figure, Text
from till_kivy.widgets.theme import (
    CAPTION,
    CARD,
    DOWN,
    EDGE,
    GAP,
    MUTED,
    PRIMARY,
    PRIMARY_DOWN,
    PRIMARY_MUTED,
    STRONG,
    Pair,
)

Tap = Callable[[], None]


class Touch(ButtonBehavior, Ground, BoxLayout):
    """Whatever a finger may press; children are drawn on it, `tapped` is called on release."""

    always_release = False

    def __init__(self, tapped: Tap, pair: Pair = CARD, down: str = DOWN, **kwargs: Any) -> None:
        kwargs.setdefault("orientation", "vertical")
        kwargs.setdefault("padding", dp(GAP))
        edge = EDGE if pair.ground == CARD.ground else ""
        super().__init__(ground=pair.ground, edge=edge, **kwargs)
        self.pair, self._down, self.tapped = pair, down, tapped
        self._edge_at_rest = edge

    def on_press(self) -> None:
        """Show that the finger was felt."""
        self.paint(self._down, self._edge_at_rest)

    def on_state(self, _widget: object, state: str) -> None:
        """Look normal again once the finger is gone, wherever it went."""
        if state == "normal":
            self.paint(self.pair.ground, self._edge_at_rest)

    def on_release(self) -> None:
        """Do what it is there for."""
        self.tapped()


class TouchButton(Touch):
    """A caption in the middle with the name of its key below, in the theme's plain look."""

    def __init__(
        self,
        caption: str,
        tapped: Tap,
        *,
        hint: str = "",
        look: Pair = CARD,
        points: int = STRONG,
        **kwargs: Any,
    ) -> None:
        down = PRIMARY_DOWN.ground if look is PRIMARY else DOWN
        super().__init__(tapped, look, down, **kwargs)
        self.caption = Figure(caption, look.ink, points, halign="center")
        self.add_widget(self.caption)
        if hint:
            ink = PRIMARY_MUTED.ink if look is PRIMARY else MUTED if look is CARD else look.ink
            hinted = Text(hint, ink, CAPTION, halign="center")
            hinted.size_hint_y = 0.8
            self.add_widget(hinted)


class IconButton(Touch):
    """An icon alone, for what everybody knows without words."""

    def __init__(self, icon: str, tapped: Tap, *, look: Pair = CARD, **kwargs: Any) -> None:
        super().__init__(tapped, look, **kwargs)
        self.icon = icon
        holder = Icon(icon, look.ink, 28)
        holder.pos_hint = {"center_x": 0.5, "center_y": 0.5}
        self.orientation = "vertical"
        self.add_widget(BoxLayout())
        self.add_widget(holder)
        self.add_widget(BoxLayout())
