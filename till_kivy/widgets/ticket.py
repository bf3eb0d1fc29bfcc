"""The lines of the ticket, newest at the bottom; touching one selects it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from kivy.metrics import dp
from kivy.uix.widget import Widget

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
        self._currency = ""
        self._rows = Rows(gap=1)
        self._empty = _invitation()

    def show(self, lines: tuple[LineView, ...], selected: UUID | None, currency: str = "") -> None:
        """Show lines; of very long tickets only the last ones."""
        self._currency = currency or self._currency
        if self._shown == (lines, selected):
            return
        self._shown = (lines, selected)
        content = self._rows if lines else self._empty
        if content.parent is not self:
            replace_children(self, content)
        self._rows.show(list(self._visible(lines[-MOST_ROWS:], selected)))
        self._rows.reveal(_place(lines[-MOST_ROWS:], selected))

    def _visible(
        self, lines: tuple[LineView, ...], selected: UUID | None
    ) -> Iterator[dict[str, Any]]:
        for line in lines:
            yield shown_row(
                line.name,
                _detail(line, self._currency),
                line.total,
                partial(self._select, line.id),
                chosen=line.id == selected,
                ruled=True,
            )


def _place(lines: tuple[LineView, ...], selected: UUID | None) -> int:
    """Return which line should be in sight: the selected one, or the newest."""
    places = [place for place, line in enumerate(lines) if line.id == selected]
    return places[0] if places else len(lines) - 1


def _detail(line: LineView, currency: str) -> str:
    price = line.unit_price.replace(f" {currency}", "")
    text = f"{line.quantity} × {price}"
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
