"""After the sale: the change, as large as it gets, until the next customer."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.widget import Widget

from till_kivy.screens.page import Desk, Page
from till_kivy.view import LastSale, Message, MessageKind, RegisterView
from till_kivy.widgets.ground import card, fixed, row
from till_kivy.widgets.message import MessageStrip, trouble
from till_kivy.widgets.text import Figure, Text, grouped
from till_kivy.widgets.theme import (
    CARD,
    CARD_ACCENT,
    CARD_MUTED,
    GAP,
    HUGE,
    PRIMARY,
    STRONG,
    TITLE,
)
from till_kivy.widgets.touch import TouchButton


class DonePage(Page):
    """Shows what to hand back; any scan begins the next ticket."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, orientation="vertical", padding=dp(2 * GAP), spacing=dp(2 * GAP))
        self._sale: LastSale | None = None
        self._caption = Text("", CARD_MUTED.ink, TITLE, halign="center")
        self._change = Figure("", CARD_ACCENT.ink, HUGE, halign="center")
        self._sums = Text("", CARD.ink, STRONG, halign="center")
        self._number = Text("", CARD_MUTED.ink, halign="center")
        self._message = MessageStrip()
        self._again = TouchButton("Print again", self._print_again, hint="F7", points=STRONG)
        self.add_widget(self._figures())
        self.add_widget(self._message)
        self.add_widget(fixed(self._buttons(), height=80))
        self.keys = {
            "enter": self._next,
            "escape": self._next,
            "f7": self._print_again,
            "f12": self._next,
        }

    def _figures(self) -> Any:  # noqa: ANN401 -- Kivy has no types
        return card(
            Widget(),
            fixed(self._caption, height=36),
            fixed(self._change, height=126),
            fixed(self._sums, height=32),
            fixed(self._number, height=28),
            Widget(),
        )

    def _buttons(self) -> Any:  # noqa: ANN401 -- Kivy has no types
        following = TouchButton(
            "Next customer", self._next, hint="Enter", look=PRIMARY, points=TITLE
        )
        return row(fixed(self._again, width=190), following, spacing=dp(2 * GAP))

    def show(self, view: RegisterView) -> None:
        unsure = [Message(MessageKind.WARNING, paper.text) for paper in view.papers[:1]]
        self._message.show(trouble(view.message) or next(iter(unsure), None))
        if view.lines or view.last_sale is None:
            self._next()
            return
        self._sale = sale = view.last_sale
        self._caption.text = f"Change {view.currency}"
        self._change.text = grouped(sale.change)
        self._sums.text = f"Given {grouped(sale.given)}  ·  Total {grouped(sale.total)}"
        self._number.text = f"Receipt {sale.number}"

    def _print_again(self) -> None:
        if self._sale:
            self.desk.attempt(partial(self.desk.register.print_again, self._sale.sale_id))

    def _next(self) -> None:
        self.desk.go("sell")
