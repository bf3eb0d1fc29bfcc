"""The bar on top of every screen: where we are, who works, and whether the office knows it all."""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout

from till_kivy.view import ConnectionView, RegisterView
from till_kivy.widgets.ground import Ground, fixed
from till_kivy.widgets.icon import Icon
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import (
    BAR,
    BAR_ERROR,
    BAR_GOOD,
    BAR_MUTED,
    BAR_WARNING,
    CAPTION,
    GAP,
    Pair,
)

HEIGHT = 32


class StateBar(Ground, BoxLayout):
    """Store, till and person at the left; connection, what is unsent or refused, and the time."""

    def __init__(self, **kwargs: Any) -> None:
        padding = (dp(12), 0)
        super().__init__(
            ground=BAR.ground, radius=0, padding=padding, spacing=dp(2 * GAP), **kwargs
        )
        fixed(self, height=HEIGHT)
        self._place_text = Text("", BAR.ink, CAPTION, bold=True, shorten=True)
        self._person_icon = Icon("person", BAR_MUTED.ink, 18)
        self._person = Text("", BAR_MUTED.ink, CAPTION, shorten=True)
        self._dot = Ground(ground=BAR_GOOD.ink, radius=6)
        self._connection = Text("", BAR_MUTED.ink, CAPTION, halign="right", shorten=True)
        self._refused = Text("", BAR_ERROR.ink, CAPTION, bold=True, halign="right")
        self._clock = Text("", BAR.ink, CAPTION, bold=True, halign="right")
        fixed(self._dot, width=12, height=12).pos_hint = {"center_y": 0.5}
        self._connection.size_hint_x = 1.35
        self._person.size_hint_x = 0.6
        for part in (
            self._place_text,
            self._person_icon,
            self._person,
            self._refused,
            self._connection,
            self._dot,
        ):
            self.add_widget(part)
        self.add_widget(fixed(self._clock, width=46))

    def show(self, view: RegisterView, time: str) -> None:
        """Show the state of now; `time` is the shop's own, as in `14:05`."""
        self._place_text.text = f"{view.store_name} · {view.till_id}"
        self._person.text = view.person.name if view.person else ""
        self._person_icon.opacity = 1 if view.person else 0
        self._clock.text = time
        refused = view.connection.refused
        self._refused.text = f"{refused} refused" if refused else ""
        fixed(self._refused, width=100 if refused else 0)
        self._connection.text = view.connection.text
        pair = connection_pair(view.connection)
        self._connection.colour_with(pair.ink)
        self._dot.paint(pair.ink)


def connection_pair(connection: ConnectionView) -> Pair:
    """Choose the colour: refused entries matter most, then being cut off or about to stop."""
    if connection.refused:
        return BAR_ERROR
    return BAR_GOOD if connection.online and not connection.limited else BAR_WARNING
