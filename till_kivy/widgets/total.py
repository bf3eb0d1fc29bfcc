"""The total, always in sight, and the way to be paid."""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp

from till_kivy.view import RegisterView
from till_kivy.widgets.ground import Card, column, fixed
from till_kivy.widgets.text import Figure, Text, grouped
from till_kivy.widgets.theme import CAPTION, CARD, CARD_MUTED, GAP, PAGE, PRIMARY, TITLE, TOTAL
from till_kivy.widgets.touch import Tap, TouchButton


class OpenTotal(Figure):
    """What the open ticket comes to, on pages that show something else; empty without one."""

    def __init__(self) -> None:
        super().__init__("", PAGE.ink, TITLE, halign="right")
        fixed(self, width=0)

    def show(self, view: RegisterView) -> None:
        """Show the total as long as there are lines."""
        fixed(self, width=170 if view.lines else 0)
        self.text = f"Total {grouped(view.total)}" if view.lines else ""


class TotalCard(Card):
    """Number of items and what they come to, next to the button that takes the money."""

    def __init__(self, pay: Tap, **kwargs: Any) -> None:
        super().__init__(padding=(dp(14), dp(GAP), dp(GAP), dp(GAP)), **kwargs)
        self._caption = Text("", CARD_MUTED.ink, CAPTION, shorten=True)
        self._amount = Figure("", CARD.ink, TOTAL)
        self.add_widget(column(fixed(self._caption, height=19), self._amount, spacing=0))
        button = TouchButton("Pay", pay, hint="F12", look=PRIMARY, points=TITLE)
        self.add_widget(fixed(button, width=132))

    def show(self, view: RegisterView) -> None:
        """Show what the ticket comes to."""
        items = "1 item" if view.items == 1 else f"{view.items} items"
        self._caption.text = f"Total {view.currency} · {items}"
        self._amount.text = grouped(view.total)
