"""Lists of large rows: of any number of rows only those in sight are widgets."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.metrics import dp
from kivy.uix.recyclegridlayout import RecycleGridLayout
from kivy.uix.recycleview import RecycleView
from kivy.uix.recycleview.views import RecycleDataViewBehavior

from till_kivy.widgets.ground import column, row
from till_kivy.widgets.text import Figure, Text, grouped
from till_kivy.widgets.theme import (
    ACCENT,
    CAPTION,
    CARD,
    CARD_MUTED,
    CHOSEN,
    CHOSEN_MUTED,
    EDGE,
    GAP,
    STRONG,
    TARGET,
    Pair,
    rgba,
)
from till_kivy.widgets.touch import Tap, Touch

MOST_ROWS = 200
_SLOW_TOUCH_MS = 250
"""A finger that rests this long is no flick; before it, moving scrolls and lifting taps."""


def _nothing() -> None:
    """Stand in until a row has been given something to do."""


class Listed(RecycleDataViewBehavior, Touch):
    """A touchable part of a list; the list gives it what to show and what to do."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(_nothing, **kwargs)

    def refresh_view_attrs(self, _view: object, _index: int, shown: dict[str, Any]) -> None:
        """Take over what the list gives this part."""
        self.tapped = shown["tapped"]
        self.show(shown)

    def show(self, shown: dict[str, Any]) -> None:
        """Draw what the list gave."""

    def on_press(self) -> None:
        """Act at once: the list passes a press on only when it is no scrolling."""
        super().on_press()
        self.tapped()

    def on_release(self) -> None:
        """Everything happened on the press."""


class Row(Listed):
    """A title over a smaller line, and a figure at the right; drawn stronger when chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(orientation="horizontal", padding=(dp(12), dp(4)), **kwargs)
        self.title = Text("", CARD.ink, bold=True, shorten=True, valign="bottom")
        self.detail = Text("", CARD_MUTED.ink, CAPTION, shorten=True, valign="top")
        self.figure = Figure("", CARD.ink, STRONG, halign="right", size_hint_x=0.36)
        self.add_widget(row(column(self.title, self.detail, spacing=0), self.figure))
        with self.canvas.after:
            self._line_colour = Color(0, 0, 0, 0)
            self._line = Rectangle()
        self.bind(pos=self._place_line, size=self._place_line)

    def show(self, shown: dict[str, Any]) -> None:
        self.title.text, self.detail.text = shown["title"], shown["detail"]
        self.figure.text = grouped(shown["figure"])
        self._line_colour.rgba = rgba(EDGE) if shown["ruled"] else (0, 0, 0, 0)
        self._look_like(*_LOOKS[bool(shown["chosen"])])

    def _place_line(self, *_: object) -> None:
        self._line.pos, self._line.size = (self.x + dp(12), self.y - 1), (self.width - dp(24), 1)

    def _look_like(self, pair: Pair, muted: Pair, edge: str) -> None:
        self.pair, self._edge_at_rest = pair, edge
        self.paint(pair.ground, edge)
        self.title.colour_with(pair.ink)
        self.figure.colour_with(pair.ink)
        self.detail.colour_with(muted.ink)


_LOOKS = {
    False: (CARD, CARD_MUTED, CARD.ground),
    True: (CHOSEN, CHOSEN_MUTED, ACCENT),
}


def shown_row(
    title: str, detail: str, figure: str, tapped: Tap, *, chosen: bool = False, ruled: bool = False
) -> dict[str, Any]:
    """Make what a list shows in one row; `ruled` draws a fine line below it."""
    return {
        "title": title,
        "detail": detail,
        "figure": figure,
        "tapped": tapped,
        "chosen": chosen,
        "ruled": ruled,
    }


class Rows(RecycleView):
    """A list that scrolls; it is given at most `MOST_ROWS` rows at a time."""

    def __init__(
        self, kind: type = Row, *, columns: int = 1, gap: int = GAP, **kwargs: Any
    ) -> None:
        super().__init__(
            scroll_type=["bars", "content"],
            bar_width=dp(5),
            scroll_timeout=_SLOW_TOUCH_MS,
            do_scroll_x=False,
            **kwargs,
        )
        self.grid = RecycleGridLayout(
            cols=columns,
            default_size=(None, dp(TARGET)),
            default_size_hint=(1, None),
            size_hint_y=None,
            spacing=dp(gap),
        )
        self.grid.bind(minimum_height=self.grid.setter("height"))
        self.add_widget(self.grid)
        self.viewclass = kind
        self._place = 0
        self._reveal_soon = Clock.create_trigger(self._reveal, 0)

    def show(self, rows: list[dict[str, Any]]) -> None:
        """Show other rows."""
        assert len(rows) <= MOST_ROWS
        self.data = rows

    def reveal(self, place: int) -> None:
        """Scroll so that the n-th row is in sight, once it has been laid out."""
        self._place = place
        self._reveal_soon()

    def _reveal(self, *_: object) -> None:
        """Scroll no further than needed."""
        hidden = self.grid.height - self.height
        if hidden <= 0:
            self.scroll_y = 1
            return
        pitch = self.grid.default_size[1] + self.grid.spacing[1]
        top = self._place // self.grid.cols * pitch
        scrolled = (1 - self.scroll_y) * hidden
        wanted = min(max(scrolled, top + pitch - self.height), top)
        self.scroll_y = 1 - min(max(wanted / hidden, 0), 1)
