"""The lines of the ticket, newest at the bottom; touching one selects it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from kivy.metrics import dp
from kivy.uix.widget import Widget

from domain.quantity import Unit
from till_kivy.view import LineView
from till_kivy.widgets.ground import Card, column, fixed, replace_children
from till_kivy.widgets.icon import Icon
from till_kivy.widgets.rows import MOST_ROWS, Rows, shown_row
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import BODY, CARD, CARD_MUTED, EDGE, GAP


class TicketList(Card):
    """Shows the lines, or an invitation when there are none."""

    def __init__(self, select: Callable[[UUID], None], **kwargs: Any) -> None:
        super().__init__(padding=dp(4), **kwargs)
        self._select = select
        self._shown: tuple[tuple[LineView, ...], UUID | None] | None = None
        self._rows = Rows(gap=2)
        self._empty = _invitation()

    def show(self, lines: tuple[LineView, ...], selected: UUID | None) -> None:
        """Show lines; of very long tickets only the last ones."""
        if self._shown == (lines, selected):
            return
        grew = self._shown is None or len(lines) > len(self._shown[0])
        self._shown = (lines, selected)
        content = self._rows if lines else self._empty
        if content.parent is not self:
            replace_children(self, content)
        self._rows.show(list(self._visible(lines[-MOST_ROWS:], selected)))
        if grew:
            self._rows.to_end()

    def _visible(
        self, lines: tuple[LineView, ...], selected: UUID | None
    ) -> Iterator[dict[str, Any]]:
        for line in lines:
            yield shown_row(
                line.name,
                _detail(line),
                line.total,
                partial(self._select, line.id),
                chosen=line.id == selected,
            )


def _detail(line: LineView) -> str:
    per = "/kg" if line.unit is Unit.KILOGRAM else ""
    text = f"{line.quantity} × {line.unit_price}{per}"
    return f"{text} − {line.discount}" if line.discount else text


def _invitation() -> Widget:
    basket = Icon("basket", EDGE, 56)
    basket.pos_hint = {"center_x": 0.5}
    return column(
        Widget(),
        basket,
        fixed(
            Text("Ready for the next customer", CARD.ink, BODY, bold=True, halign="center"),
            height=28,
        ),
        fixed(
            Text("Scan, search, or touch a quick key", CARD_MUTED.ink, halign="center"), height=26
        ),
        Widget(),
        spacing=dp(GAP),
    )
