"""Tickets put aside for other customers, oldest first."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from kivy.metrics import dp

from till_kivy.screens.page import Desk, Page
from till_kivy.view import HeldView, RegisterView
from till_kivy.widgets.ground import column, fixed, replace_children, row
from till_kivy.widgets.message import MessageStrip
from till_kivy.widgets.rows import MOST_ROWS, Rows, shown_row
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import BODY, PAGE, PAGE_MUTED, TARGET, TITLE
from till_kivy.widgets.total import OpenTotal
from till_kivy.widgets.touch import TouchButton


class HeldPage(Page):
    """A row per held ticket; touching one takes it up again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, orientation="vertical")
        self._held: tuple[HeldView, ...] = ()
        self._chosen = 0
        self._rows = Rows()
        self._none = Text("No ticket is on hold.", PAGE_MUTED.ink, BODY, halign="center")
        self._list = column(self._rows)
        self._message = MessageStrip()
        self._total = OpenTotal()
        back = fixed(TouchButton("Back", partial(desk.go, "sell"), hint="Esc"), width=92)
        title = Text("Tickets on hold", PAGE.ink, TITLE, bold=True)
        self.add_widget(fixed(row(back, title, self._total, spacing=dp(16)), height=TARGET))
        self.add_widget(self._list)
        self.add_widget(self._message)
        self.keys = {
            "escape": partial(desk.go, "sell"),
            "enter": self._take_chosen,
            "up": partial(self._move, -1),
            "down": partial(self._move, 1),
        }

    def arrive(self, **given: Any) -> None:
        self._held, self._chosen = tuple(self.desk.register.held()), 0
        replace_children(self._list, self._rows if self._held else self._none)
        self._draw()

    def show(self, view: RegisterView) -> None:
        self._message.show(view.message)
        self._total.show(view)

    def _draw(self) -> None:
        self._rows.show(
            [self._row(place, held) for place, held in enumerate(self._held[:MOST_ROWS])]
        )

    def _row(self, place: int, held: HeldView) -> dict[str, Any]:
        items = "1 item" if held.items == 1 else f"{held.items} items"
        take = partial(self._take, held.basket_id)
        detail = f"{items} · since {held.since}" if held.since else items
        return shown_row(held.label, detail, held.total, take, chosen=place == self._chosen)

    def _move(self, step: int) -> None:
        self._chosen = min(max(self._chosen + step, 0), max(0, len(self._held) - 1))
        self._draw()

    def _take_chosen(self) -> None:
        if self._held:
            self._take(self._held[self._chosen].basket_id)

    def _take(self, basket_id: UUID) -> None:
        if self.desk.attempt(partial(self.desk.register.recall, basket_id)):
            self.desk.go("sell")
