"""A supervisor or manager consents to what the cashier may not do alone."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.gridlayout import GridLayout
from kivy.uix.scrollview import ScrollView

from domain.approval import ApprovalAsked, ApprovalNeeded
from till_kivy.people import Badge, Pin, Shown
from till_kivy.screens.page import Action, Desk, Page
from till_kivy.view import PersonView, RegisterView
from till_kivy.widgets.ground import Card, card, fixed, row
from till_kivy.widgets.icon import Icon
from till_kivy.widgets.keypad import ERASE
from till_kivy.widgets.message import MessageStrip, trouble
from till_kivy.widgets.pin_field import PinField
from till_kivy.widgets.text import Figure, Text, grouped
from till_kivy.widgets.theme import (
    BODY,
    CARD,
    CARD_ACCENT,
    CARD_MUTED,
    FIGURE,
    GAP,
    PRIMARY,
    STRONG,
    TARGET,
)
from till_kivy.widgets.touch import TouchButton

CHOOSE_FIRST = "Touch the name of who approves, or scan a badge."
NOBODY = "Nobody in this store may approve this. Go back; the ticket is as it was."


class ApprovalPage(Page):
    """Says what and how much; does it with the PIN of who was chosen, or with a badge."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, padding=dp(12), spacing=dp(12))
        self._asked: ApprovalAsked | None = None
        self._known = ""
        self._act: Action = desk.register.refuse
        self._approvers: tuple[PersonView, ...] = ()
        self._chosen: PersonView | None = None
        self._field = PinField(self._typed_all)
        self._what = Text("", CARD.ink, STRONG, bold=True, shorten=True)
        self._amount = Figure("", CARD_ACCENT.ink, FIGURE)
        self._who = Text("", CARD_MUTED.ink, BODY, shorten=True)
        self._names = GridLayout(cols=2, spacing=dp(GAP), size_hint_y=None)
        self._names.bind(minimum_height=self._names.setter("height"))
        self._message = MessageStrip()
        self._field.pad.size_hint_x = 0.95
        self.add_widget(self._left())
        self.add_widget(self._field.pad)
        self.keys = {"escape": self._leave, "backspace": partial(self._field.press, ERASE)}

    def _left(self) -> Card:
        head = row(Icon("person", CARD_ACCENT.ink, 26), self._what, spacing=dp(12))
        names = ScrollView(do_scroll_x=False, bar_width=dp(5))
        names.add_widget(self._names)
        back = TouchButton("Back", self._leave, hint="Esc")
        return card(
            fixed(head, height=30),
            fixed(self._amount, height=42),
            fixed(self._who, height=26),
            names,
            fixed(Text("PIN of who approves, or their badge", CARD_MUTED.ink, BODY), height=26),
            self._field,
            self._message,
            fixed(back, height=TARGET),
            padding=dp(14),
        )

    def arrive(self, **given: Any) -> None:
        """Ask for consent to what was `asked`; `act` is then done."""
        self._asked, self._act = given["asked"], given["act"]
        self._known = str(ApprovalNeeded(given["asked"]))  # the page says so itself
        self._approvers = self.desk.register.approvers(given["asked"])
        self._what.text = f"Approve: {given['asked'].action.value.replace('_', ' ')}"
        amount = given["asked"].amount
        self._amount.text = f"{grouped(amount.amount)} {amount.currency}"
        self._choose(self._approvers[0] if len(self._approvers) == 1 else None)
        if not self._approvers:
            self.desk.warn(NOBODY)

    def show(self, view: RegisterView) -> None:
        self._who.text = f"asked by {view.person.name}" if view.person else ""
        said = trouble(view.message)
        self._message.show(None if said and said.text == self._known else said)

    def typed(self, character: str) -> None:
        self._field.press(character)

    def badge(self, code: str) -> None:
        self._approve(Badge(code))

    def _choose(self, person: PersonView | None) -> None:
        self._chosen = person
        self._field.clear()
        self._names.clear_widgets()
        for own in self._approvers:
            look = PRIMARY if own == person else CARD
            name = TouchButton(own.name, partial(self._choose, own), look=look, hint=own.role)
            self._names.add_widget(fixed(name, height=TARGET))

    def _typed_all(self, digits: str) -> None:
        if self._chosen is None:
            self.desk.warn(CHOOSE_FIRST)
        else:
            self._approve(Pin(self._chosen.id, digits))

    def _approve(self, shown: Shown) -> None:
        assert self._asked is not None
        done = partial(self.desk.register.approve, self._asked, shown, self._act)
        if self.desk.attempt(done):
            self._leave()

    def _leave(self) -> None:
        self.desk.go("sell")
