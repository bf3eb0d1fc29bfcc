"""Taking cash: likely amounts to touch, any amount on the keypad, the change before it is final."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.widget import Widget

from domain.cash import Counted
from domain.money import Money
from till_kivy.screens.page import Desk, Page
from till_kivy.view import RegisterView
from till_kivy.widgets.ground import card, column, fixed, replace_children, row
from till_kivy.widgets.keypad import ERASE, Keypad
from till_kivy.widgets.message import MessageStrip, trouble
from till_kivy.widgets.text import Figure, Text, grouped
from till_kivy.widgets.theme import (
    BODY,
    CARD,
    CARD_ACCENT,
    CARD_MUTED,
    DANGER,
    FIGURE,
    PRIMARY,
    STRONG,
    TARGET,
    TITLE,
    TOTAL,
)
from till_kivy.widgets.touch import TouchButton

MOST_DIGITS = 9


class TenderPage(Page):
    """Asks for the cash given; digits fill from the smallest coin, as in 5, 0, 0 for 5.00."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._due: Money | None = None
        self._given_minor = 0
        self._choices: tuple[Money, ...] = ()
        self._due_caption = Text("", CARD_MUTED.ink, BODY)
        self._due_text = Figure("", CARD.ink, TOTAL)
        self._given_text = Figure("", CARD.ink, FIGURE)
        self._rest_caption = Text("", CARD_MUTED.ink, BODY)
        self._rest_text = Figure("", CARD_ACCENT.ink, FIGURE)
        self._message = MessageStrip()
        self._notes = row()
        self.add_widget(self._left())
        self.add_widget(self._right())
        self.keys = {
            "escape": self._leave,
            "enter": self._finish,
            "backspace": partial(self.typed, ERASE),
            **{f"f{place + 1}": partial(self._choose_place, place) for place in range(4)},
        }

    def _left(self) -> Any:  # noqa: ANN401 -- Kivy has no types
        figures = card(
            fixed(self._due_caption, height=26),
            fixed(self._due_text, height=62),
            Widget(),
            fixed(Text("Given", CARD_MUTED.ink, BODY), height=26),
            fixed(self._given_text, height=44),
            Widget(),
            fixed(self._rest_caption, height=26),
            fixed(self._rest_text, height=44),
            padding=dp(16),
            spacing=0,
        )
        back = TouchButton("Back", self._leave, hint="Esc", points=STRONG)
        return column(
            figures,
            self._message,
            fixed(back, height=72),
            size_hint_x=0.42,
        )

    def _right(self) -> Any:  # noqa: ANN401 -- Kivy has no types
        keypad = Keypad(self.typed, ("00", "0", ERASE))
        finish = TouchButton("Take cash", self._finish, hint="Enter", look=PRIMARY, points=TITLE)
        return column(
            fixed(self._notes, height=TARGET + 8),
            keypad,
            fixed(finish, height=72),
            size_hint_x=0.58,
        )

    def arrive(self, **given: Any) -> None:
        self._given_minor = 0
        self._due = None

    def show(self, view: RegisterView) -> None:
        self._message.show(trouble(view.message))
        due = view.quick_cash[0] if view.quick_cash else Money.zero(view.currency)
        if due != self._due:
            self._due = due
            self._offer(view.quick_cash)
        rounded = " rounded" if view.cash_total != view.total else ""
        self._due_caption.text = f"To pay {view.currency}{rounded}"
        self._count()

    def typed(self, character: str) -> None:
        if character == ERASE:
            self._give(self._given_minor // 10)
        elif character.isdigit():
            digits = f"{self._given_minor}{character}"
            if len(digits) <= MOST_DIGITS:
                self._give(int(digits))

    def _offer(self, choices: tuple[Money, ...]) -> None:
        self._choices = choices
        buttons = [
            TouchButton(
                "Exact" if place == 0 else grouped(amount.amount),
                partial(self._give, amount.minor),
                hint=f"F{place + 1}",
                points=STRONG,
            )
            for place, amount in enumerate(choices)
        ]
        replace_children(self._notes, *buttons)

    def _choose_place(self, place: int) -> None:
        if place < len(self._choices):
            self._give(self._choices[place].minor)

    def _give(self, minor: int) -> None:
        self._given_minor = minor
        self._count()

    def _count(self) -> None:
        assert self._due is not None
        counted = Counted(self._due, Money(self._given_minor, self._due.currency))
        short = bool(counted.missing)
        self._due_text.text = grouped(counted.due.amount)
        self._given_text.text = grouped(counted.given.amount)
        self._rest_caption.text = "Still to pay" if short else "Change"
        self._rest_text.text = grouped((counted.missing if short else counted.change).amount)
        self._rest_text.colour_with(DANGER.ink if short else CARD_ACCENT.ink)

    def _finish(self) -> None:
        assert self._due is not None
        cash = Money(self._given_minor, self._due.currency)
        if self.desk.attempt(partial(self.desk.register.pay, cash)):
            self.desk.go("done")

    def _leave(self) -> None:
        self.desk.go("sell")
