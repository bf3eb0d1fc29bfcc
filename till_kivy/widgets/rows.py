"""Lists of large rows: of any number of rows only those in sight are widgets."""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp
from kivy.uix.recyclegridlayout import RecycleGridLayout
from kivy.uix.recycleview import RecycleView
from kivy.uix.recycleview.views import RecycleDataViewBehavior

from till_kivy.widgets.ground import column, row
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import (
    ACCENT,
    CAPTION,
    CARD,
    CARD_MUTED,
    CHOSEN,
    CHOSEN_MUTED,
    GAP,
    STRONG,
    TARGET,
    Pair,
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
        self.figure = Text("", CARD.ink, STRONG, bold=True, halign="right", size_hint_x=0.36)
        self.add_widget(row(column(self.title, self.detail, spacing=0), self.figure))

    def show(self, shown: dict[str, Any]) -> None:
        self.title.text, self.detail.text = shown["title"], shown["detail"]
        self.figure.text = shown["figure"]
        self._look_like(*_LOOKS[bool(shown.get("chosen"))])

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
    title: str, detail: str, figure: str, tapped: Tap, *, chosen: bool = False
) -> dict[str, Any]:
    """Make what a list shows in one row."""
    return {"title": title, "detail": detail, "figure": figure, "tapped": tapped, "chosen": chosen}


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

    def show(self, rows: list[dict[str, Any]]) -> None:
        """Show other rows."""
        assert len(rows) <= MOST_ROWS
        self.data = rows

    def to_end(self) -> None:
        """Scroll to the last row."""
        self.scroll_y = 0 if self.grid.height > self.height else 1

    def to_start(self) -> None:
        """Scroll to the first row."""
        self.scroll_y = 1
