"""Finding a product by name: typed on a keyboard or on the screen, results as they match."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.metrics import dp

from domain.catalog import Product
from till_kivy.screens.page import Desk, Page
from till_kivy.view import RegisterView
from till_kivy.widgets.ground import Card, fixed, row
from till_kivy.widgets.icon import Icon
from till_kivy.widgets.keypad import ERASE, Letters
from till_kivy.widgets.message import MessageStrip
from till_kivy.widgets.quick_keys import price_text
from till_kivy.widgets.rows import Rows, shown_row
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import CARD, CARD_MUTED, GAP, STRONG, TARGET
from till_kivy.widgets.total import OpenTotal
from till_kivy.widgets.touch import TouchButton

MOST_RESULTS = 50
LONGEST = 40
_INVITATION = "Type the beginning of a name, or a code"


class SearchPage(Page):
    """A field, up to fifty results in two columns, and letters to touch."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, orientation="vertical")
        self._text = ""
        self._chosen = 0
        self._found: list[Product] = []
        self._field = Text("", CARD_MUTED.ink, STRONG, shorten=True, shorten_from="left")
        self._rows = Rows(columns=2)
        self._message = MessageStrip()
        self._total = OpenTotal()
        self._letters = Letters(self.typed, self._hide)
        self._keyboard = TouchButton("Keys", self._show_letters, hint="F2")
        self.add_widget(fixed(self._top(), height=TARGET))
        self.add_widget(self._rows)
        self.add_widget(self._letters)
        self.keys = {
            "escape": partial(desk.go, "sell"),
            "backspace": partial(self.typed, ERASE),
            "enter": self._take_chosen,
            "up": partial(self._move, -2),
            "down": partial(self._move, 2),
            "left": partial(self._move, -1),
            "right": partial(self._move, 1),
            "f2": self._show_letters,
        }

    def _top(self) -> Any:  # noqa: ANN401 -- Kivy has no types
        field = Card(padding=(dp(14), 0), spacing=dp(2 * GAP))
        field.add_widget(Icon("search", CARD_MUTED.ink, 24))
        field.add_widget(self._field)
        back = TouchButton("Back", partial(self.desk.go, "sell"), hint="Esc")
        return row(fixed(back, width=92), field, self._total, fixed(self._keyboard, width=92))

    def arrive(self, **given: Any) -> None:
        self._show_letters()
        self._set(str(given.get("text", "")))

    def show(self, view: RegisterView) -> None:
        """Show the open ticket's total; what was found stays until other letters come."""
        self._total.show(view)

    def typed(self, character: str) -> None:
        if character == ERASE:
            self._set(self._text[:-1])
        elif len(self._text) < LONGEST:
            self._set((self._text + character).lstrip())

    def _set(self, text: str) -> None:
        self._text, self._chosen = text, 0
        self._field.text = text.lower() if text else _INVITATION
        self._field.colour_with(CARD.ink if text else CARD_MUTED.ink)
        self._found = self.desk.register.search(text)[:MOST_RESULTS] if text.strip() else []
        self._draw()
        self._rows.reveal(0)

    def _draw(self) -> None:
        self._rows.show([self._row(place, product) for place, product in enumerate(self._found)])

    def _row(self, place: int, product: Product) -> dict[str, Any]:
        return shown_row(
            product.name,
            "blocked" if product.blocked else product.category or product.sku,
            price_text(product),
            partial(self._take, product),
            chosen=place == self._chosen,
        )

    def _move(self, step: int) -> None:
        self._chosen = min(max(self._chosen + step, 0), max(0, len(self._found) - 1))
        self._draw()

    def _take_chosen(self) -> None:
        if self._found:
            self._take(self._found[self._chosen])

    def _take(self, product: Product) -> None:
        self.desk.go("sell")
        self.desk.attempt(partial(self.desk.register.add, product))

    def _hide(self) -> None:
        self.remove_widget(self._letters)

    def _show_letters(self) -> None:
        if self._letters.parent is None:
            self.add_widget(self._letters)
