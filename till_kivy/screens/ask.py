"""A question over the page, for what cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.metrics import dp
from kivy.uix.anchorlayout import AnchorLayout

from till_kivy.widgets.ground import card, fixed, row
from till_kivy.widgets.icon import Icon
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import CARD, DANGER, DANGER_SOLID, GAP, INK, STRONG, rgba
from till_kivy.widgets.touch import TouchButton


class Ask(AnchorLayout):
    """Yes in the colour of danger, no beside it; nothing below can be touched meanwhile."""

    def __init__(
        self, question: str, answer: str, yes: Callable[[], None], no: Callable[[], None]
    ) -> None:
        super().__init__()
        with self.canvas.before:
            Color(*rgba(INK, 0.55))
            self._veil = Rectangle()
        self.bind(pos=self._place, size=self._place)
        # Enter is no yes: a scanner ends its codes with it.
        self.keys = {"f8": yes, "escape": no}
        head = row(
            Icon("warning", DANGER.ink, 40),
            Text(question, CARD.ink, STRONG, bold=True),
            spacing=dp(18),
        )
        keep = TouchButton("Go back", no, hint="Esc", points=STRONG)
        do = TouchButton(answer, yes, hint="F8", look=DANGER_SOLID, points=STRONG)
        box = card(head, fixed(row(keep, do, spacing=dp(2 * GAP)), height=76), padding=dp(22))
        box.size_hint = (None, None)
        box.size = (dp(500), dp(240))
        self.add_widget(box)

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 -- Kivy has no types
        """Keep every touch from the page below."""
        super().on_touch_down(touch)
        return True

    def _place(self, *_: object) -> None:
        self._veil.pos, self._veil.size = self.pos, self.size
