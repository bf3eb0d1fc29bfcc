"""Products to touch, by category in colours: two touches to any of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout

from domain.catalog import Product
from till_kivy.widgets.rows import Listed, Rows
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import CAPTION, CARD, GAP, Pair, category_pair

MOST_CATEGORIES = 40
MOST_PRODUCTS = 60
_NARROWEST_KEY = 118


class CategoryKey(Listed):
    """A category's name on its own colour, framed when open."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._name = Text("", CARD.ink, CAPTION, bold=True, halign="center")
        self.add_widget(self._name)

    def show(self, shown: dict[str, Any]) -> None:
        self.pair = shown["pair"]
        self._edge_at_rest = self.pair.ink if shown["chosen"] else ""
        self.paint(self.pair.ground, self._edge_at_rest)
        self._name.text = shown["title"]
        self._name.colour_with(self.pair.ink)


class ProductKey(Listed):
    """A product's name in at most two lines, and its price."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(spacing=0, padding=(dp(8), dp(3)), **kwargs)
        self._name = Text(
            "", CARD.ink, CAPTION, bold=True, max_lines=2, line_height=0.9, valign="top"
        )
        self._price = Text("", CARD.ink, CAPTION, halign="right", size_hint_y=None, height=dp(19))
        self.add_widget(self._name)
        self.add_widget(self._price)

    def show(self, shown: dict[str, Any]) -> None:
        self.pair = shown["pair"]
        self.paint(self.pair.ground)
        self._edge_at_rest = ""
        self._name.text, self._price.text = shown["title"], shown["figure"]
        self._name.colour_with(self.pair.ink)
        self._price.colour_with(self.pair.ink)


class QuickKeys(BoxLayout):
    """The categories in two columns, the products of the open one beside them."""

    def __init__(
        self, products_of: Callable[[str], list[Product]], add: Callable[[Product], None]
    ) -> None:
        super().__init__(spacing=dp(2 * GAP))
        self._products_of, self._add = products_of, add
        self._categories: tuple[str, ...] = ()
        self._open = ""
        self._category_keys = Rows(CategoryKey, columns=2, gap=4, size_hint_x=0.42)
        self._product_keys = Rows(ProductKey, columns=2, gap=4, size_hint_x=0.58)
        self._product_keys.bind(width=self._arrange)
        self.add_widget(self._category_keys)
        self.add_widget(self._product_keys)

    def show(self, categories: tuple[str, ...]) -> None:
        """Show the shop's categories and open the first."""
        self._categories = categories[:MOST_CATEGORIES]
        self.open(self._open if self._open in categories else next(iter(categories), ""))

    def open(self, category: str) -> None:
        """Show the products of one category."""
        self._open = category
        self._category_keys.show([self._category(name) for name in self._categories])
        if not category:
            return
        pair = self._pair(category)
        products = self._products_of(category)[:MOST_PRODUCTS]
        self._product_keys.show([self._product(product, pair) for product in products])
        self._product_keys.reveal(0)

    def _arrange(self, *_: object) -> None:
        self._product_keys.grid.cols = max(2, int(self._product_keys.width // dp(_NARROWEST_KEY)))

    def _pair(self, category: str) -> Pair:
        return category_pair(self._categories.index(category))

    def _category(self, name: str) -> dict[str, Any]:
        return {
            "title": name,
            "pair": self._pair(name),
            "chosen": name == self._open,
            "tapped": partial(self.open, name),
        }

    def _product(self, product: Product, pair: Pair) -> dict[str, Any]:
        return {
            "title": product.name,
            "figure": price_text(product),
            "pair": pair,
            "tapped": partial(self._add, product),
        }


def price_text(product: Product) -> str:
    """Write a price without its currency, by the kilogram where it is sold so."""
    amount = str(product.price).split(" ")[0]
    return f"{amount}/{product.unit}" if product.unit == "kg" else amount
