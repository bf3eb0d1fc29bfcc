"""Log-in, second half: six digits."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.widget import Widget

from till_kivy.screens.page import Desk, Page
from till_kivy.view import PersonView, RegisterView
from till_kivy.widgets.ground import Card, Ground, card, fixed, row
from till_kivy.widgets.keypad import ERASE, Keypad
from till_kivy.widgets.message import MessageStrip
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import ACCENT, BODY, CARD, CARD_MUTED, EDGE, PAPER, TITLE
from till_kivy.widgets.touch import TouchButton

PIN_DIGITS = 6


class PinPage(Page):
    """Asks one person for the PIN and logs in with the sixth digit."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, padding=dp(18), spacing=dp(18))
        self._person: PersonView | None = None
        self._digits = ""
        self._name = Text("", CARD.ink, TITLE, bold=True, shorten=True)
        self._role = Text("", CARD_MUTED.ink, BODY, shorten=True)
        self._dots = [Ground(radius=11) for _ in range(PIN_DIGITS)]
        self._message = MessageStrip()
        self.add_widget(self._left())
        self.add_widget(Keypad(self._press, ("Clear", "0", ERASE), size_hint_x=0.95))
        self.keys = {"escape": self._leave, "backspace": partial(self._press, ERASE)}

    def _left(self) -> Card:
        dots = row(*(fixed(dot, width=22, height=22) for dot in self._dots), spacing=dp(14))
        return card(
            fixed(self._name, height=38),
            fixed(self._role, height=28),
            Widget(),
            fixed(Text("PIN, six digits", CARD_MUTED.ink, BODY), height=32),
            fixed(dots, height=34),
            Widget(),
            self._message,
            fixed(TouchButton("Back", self._leave, hint="Esc"), height=70),
            padding=dp(20),
        )

    def arrive(self, **given: Any) -> None:
        self._person = given["person"]
        self._name.text, self._role.text = given["person"].name, given["person"].role
        self._set("")

    def show(self, view: RegisterView) -> None:
        self._message.show(view.message)

    def typed(self, character: str) -> None:
        if character.isdigit():
            self._press(character)

    def _press(self, key: str) -> None:
        if key == ERASE:
            self._set(self._digits[:-1])
        elif key == "Clear":
            self._set("")
        else:
            self._set(self._digits + key)
        if len(self._digits) == PIN_DIGITS:
            self._log_in()

    def _set(self, digits: str) -> None:
        self._digits = digits
        for place, dot in enumerate(self._dots):
            dot.paint(*((ACCENT, ACCENT) if place < len(digits) else (PAPER, EDGE)))

    def _log_in(self) -> None:
        assert self._person is not None
        person_id, digits = self._person.id, self._digits
        self._set("")
        self.desk.attempt(partial(self.desk.register.log_in, person_id, digits))

    def _leave(self) -> None:
        self.desk.go("people")
