"""Proving who one is: six digits of one person, or anybody's badge."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.widget import Widget

from till_kivy.people import Badge, Pin, Shown
from till_kivy.screens.page import Desk, Page
from till_kivy.view import PersonView, RegisterView
from till_kivy.widgets.ground import Card, card, fixed, replace_children
from till_kivy.widgets.keypad import ERASE
from till_kivy.widgets.message import MessageStrip, trouble
from till_kivy.widgets.pin_field import PinField
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import BODY, CARD, CARD_MUTED, TITLE
from till_kivy.widgets.touch import TouchButton

Prove = Callable[[Shown], object]


class PinPage(Page):
    """Does what it was asked to do, such as to log in, with the sixth digit or a badge."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, padding=dp(18), spacing=dp(18))
        self._person: PersonView | None = None
        self._acts: list[tuple[str, Prove]] = []
        self._back = "people"
        self._field = PinField(self._typed_all)
        self._name = Text("", CARD.ink, TITLE, bold=True, shorten=True)
        self._role = Text("", CARD_MUTED.ink, BODY, shorten=True)
        self._what = Text("", CARD_MUTED.ink, BODY)
        self._message = MessageStrip()
        self._other = fixed(TouchButton("", self._turn, hint="F2"), height=70)
        self._buttons = card(padding=0, edge="")
        self._field.pad.size_hint_x = 0.95
        self.add_widget(self._left())
        self.add_widget(self._field.pad)
        self.keys = {
            "escape": self._leave,
            "backspace": partial(self._field.press, ERASE),
            "f2": self._turn,
        }

    def _left(self) -> Card:
        return card(
            fixed(self._name, height=38),
            fixed(self._role, height=28),
            Widget(),
            fixed(self._what, height=32),
            self._field,
            Widget(),
            self._message,
            self._buttons,
            padding=dp(20),
        )

    def arrive(self, **given: Any) -> None:
        """Ask `person` for the PIN; `acts` are captions with what they do, the first is offered."""
        self._person, self._back = given["person"], given.get("back", "people")
        self._acts = list(given["acts"])
        self._name.text, self._role.text = given["person"].name, given["person"].role
        self._offer()

    def show(self, view: RegisterView) -> None:
        self._message.show(trouble(view.message))

    def typed(self, character: str) -> None:
        self._field.press(character)

    def badge(self, code: str) -> None:
        self._prove(Badge(code))

    def _offer(self) -> None:
        """Say what the PIN is for, and offer the other thing if there is one."""
        self._field.clear()
        self._what.text = f"{self._acts[0][0]}: PIN, six digits"
        back = fixed(TouchButton("Back", self._leave, hint="Esc"), height=70)
        others = self._acts[1:]
        if others:
            self._other.caption.text = others[0][0]
        parts = (self._other, back) if others else (back,)
        replace_children(self._buttons, *parts)
        fixed(self._buttons, height=70 * len(parts) + 6 * (len(parts) - 1))

    def _turn(self) -> None:
        if self._acts[1:]:
            self._acts.reverse()
            self._offer()

    def _typed_all(self, digits: str) -> None:
        assert self._person is not None
        self._prove(Pin(self._person.id, digits))

    def _prove(self, shown: Shown) -> None:
        act = self._acts[0][1]
        if self.desk.attempt(partial(act, shown)) and self.desk.page is self:
            self._leave()

    def _leave(self) -> None:
        self.desk.go(self._back)
