"""The page to sell on: the ticket at the left, total and quick keys at the right, actions below."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from domain.catalog import Product
from domain.quantity import Quantity, Unit
from till_kivy.screens.page import Desk, Page
from till_kivy.view import LineView, PaperView, RegisterView
from till_kivy.widgets.ground import column, fixed, replace_children, row
from till_kivy.widgets.keypad import ERASE
from till_kivy.widgets.message import MessageStrip, PaperStrip
from till_kivy.widgets.quantity_pad import QuantityPad
from till_kivy.widgets.quick_keys import MOST_PRODUCTS, QuickKeys
from till_kivy.widgets.theme import CAPTION, DANGER, TARGET
from till_kivy.widgets.ticket import TicketList
from till_kivy.widgets.total import TotalCard
from till_kivy.widgets.touch import TouchButton

NO_LINE = "There is no line on this ticket yet: scan something or touch a quick key."


class SellPage(Page):
    """Everything between log-in and payment."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, orientation="vertical")
        self._lines: tuple[LineView, ...] = ()
        self._selected: UUID | None = None
        self._ticket = TicketList(self._select)
        self._message = MessageStrip()
        self._paper = PaperStrip(self._print_again)
        self._unsure: UUID | None = None
        self._total = TotalCard(self._pay)
        self._quick = QuickKeys(self._products_of, self._add)
        self._pad = QuantityPad(self._close_pad)
        self._side = column(self._quick)
        self._recall = _action("Recall", "F6", partial(desk.go, "held"))
        self.add_widget(self._upper())
        self.add_widget(fixed(self._actions(), height=TARGET))
        self.keys = self._functions()

    def _upper(self) -> Any:  # noqa: ANN401 -- Kivy has no types
        self._left = left = column(self._ticket, self._message, size_hint_x=0.42)
        right = column(fixed(self._total, height=90), self._side, size_hint_x=0.58)
        return row(left, right)

    def _actions(self) -> Any:  # noqa: ANN401 -- Kivy has no types
        return row(
            _action("Search", "F2", partial(self.desk.go, "search")),
            _action("Quantity", "F3", self._ask_quantity),
            _action("Void line", "F4", self._void_line),
            _action("Hold", "F5", self._hold),
            self._recall,
            TouchButton("Void ticket", self._void_ticket, hint="F8", look=DANGER, points=CAPTION),
            _action("Lock", "F9", self._lock),
            _action("Log out", "F10", self._log_out),
        )

    def _functions(self) -> dict[str, Any]:
        return {
            "f2": partial(self.desk.go, "search"),
            "f3": self._ask_quantity,
            "f4": self._void_line,
            "f5": self._hold,
            "f6": partial(self.desk.go, "held"),
            "f7": self._print_again,
            "f8": self._void_ticket,
            "f9": self._lock,
            "f10": self._log_out,
            "f12": self._pay,
            "enter": self._enter,
            "escape": self._escape,
            "up": partial(self._move, -1),
            "down": partial(self._move, 1),
            "backspace": partial(self.typed, ERASE),
        }

    # ------------------------------------------------------------ showing

    def arrive(self, **given: Any) -> None:
        self._quick.show(self.desk.till.catalog.categories())
        self._close_pad()

    def show(self, view: RegisterView) -> None:
        if len(view.lines) > len(self._lines):
            self._selected = None
        self._lines = view.lines
        self._ticket.show(view.lines, self._selected, view.currency)
        self._message.show(view.message)
        self._total.show(view)
        self._show_papers(view.papers)
        self._recall.caption.text = f"Recall · {view.held}" if view.held else "Recall"

    def typed(self, character: str) -> None:
        if self._pad.parent:
            self._pad.press(character)
        elif character != ERASE:
            self.desk.go("search", text=character)

    def _show_papers(self, papers: tuple[PaperView, ...]) -> None:
        """Offer the oldest receipt that did not surely come out."""
        self._unsure = papers[0].sale_id if papers else None
        if papers:
            self._paper.show(papers[0])
        if bool(papers) != bool(self._paper.parent):
            parts = (
                (self._ticket, self._paper, self._message)
                if papers
                else (self._ticket, self._message)
            )
            replace_children(self._left, *parts)

    # ------------------------------------------------------------ touches

    def _line(self) -> LineView | None:
        """Return the selected line, or the newest."""
        chosen = [line for line in self._lines if line.id == self._selected]
        return next(iter(chosen or self._lines[-1:]), None)

    def _select(self, line_id: UUID | None) -> None:
        self._selected = None if line_id == self._selected else line_id
        self._ticket.show(self._lines, self._selected)

    def _move(self, step: int) -> None:
        if line := self._line():
            place = self._lines.index(line) + (step if self._selected else 0)
            self._selected = self._lines[min(max(place, 0), len(self._lines) - 1)].id
            self._ticket.show(self._lines, self._selected)

    def _products_of(self, category: str) -> list[Product]:
        return self.desk.till.catalog.in_category(category, MOST_PRODUCTS)

    def _add(self, product: Product) -> None:
        self.desk.attempt(partial(self.desk.register.add, product))

    def _ask_quantity(self) -> None:
        line = self._line()
        if line is None:
            self.desk.warn(NO_LINE)
            return
        self._selected = line.id
        self._ticket.show(self._lines, line.id)
        self._pad.ask(line.name, line.unit, partial(self._set_quantity, line.id, line.unit))
        replace_children(self._side, self._pad)

    def _set_quantity(self, line_id: UUID, unit: Unit, text: str) -> None:
        register = self.desk.register
        if self.desk.attempt(lambda: register.set_quantity(line_id, Quantity.parse(text, unit))):
            self._close_pad()

    def _close_pad(self) -> None:
        if self._quick.parent is None:
            replace_children(self._side, self._quick)
        self._select(None)

    def _void_line(self) -> None:
        line = self._line()
        if line is None:
            self.desk.warn(NO_LINE)
            return
        self.desk.attempt(partial(self.desk.register.void_line, line.id))

    def _void_ticket(self) -> None:
        if not self._lines:
            self.desk.warn(NO_LINE)
            return
        many = "its only line" if len(self._lines) == 1 else f"all {len(self._lines)} lines"
        question = f"Void this ticket with {many}?"
        self.desk.ask(question, "Void ticket", self.desk.register.void_ticket)

    def _hold(self) -> None:
        self.desk.attempt(partial(self.desk.register.hold, self._label()))

    def _label(self) -> str:
        names = [line.name for line in self._lines]
        return f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else "".join(names)

    def _print_again(self) -> None:
        if self._unsure:
            self.desk.attempt(partial(self.desk.register.print_again, self._unsure))

    def _lock(self) -> None:
        self.desk.attempt(self.desk.register.lock)

    def _log_out(self) -> None:
        self.desk.attempt(self.desk.register.log_out)

    def _pay(self) -> None:
        if not self._lines:
            self.desk.warn(NO_LINE)
            return
        self.desk.go("tender")

    def _enter(self) -> None:
        if self._pad.parent:
            self._pad.finish()
        else:
            self._pay()

    def _escape(self) -> None:
        self._close_pad()


def _action(caption: str, key: str, tapped: Any) -> TouchButton:  # noqa: ANN401 -- Kivy has no types
    return TouchButton(caption, tapped, hint=key, points=CAPTION)
