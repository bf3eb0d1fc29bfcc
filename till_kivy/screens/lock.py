"""The lock: who is here, that their ticket waits, and the way back in."""

from __future__ import annotations

from functools import partial

from kivy.metrics import dp
from kivy.uix.widget import Widget

from till_kivy.people import Pin
from till_kivy.screens.page import Desk, Page
from till_kivy.view import PersonView, RegisterView
from till_kivy.widgets.ground import Card, card, fixed, row
from till_kivy.widgets.icon import Icon
from till_kivy.widgets.keypad import ERASE
from till_kivy.widgets.message import MessageStrip, trouble
from till_kivy.widgets.pin_field import PinField
from till_kivy.widgets.text import Text, grouped
from till_kivy.widgets.theme import BODY, CARD, CARD_ACCENT, CARD_MUTED, STRONG, TITLE
from till_kivy.widgets.touch import TouchButton


class LockPage(Page):
    """Takes the PIN of whoever is here, or any badge; somebody else goes by the list of people."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, padding=dp(18), spacing=dp(18))
        self._person: PersonView | None = None
        self._field = PinField(self._typed_all)
        self._name = Text("", CARD.ink, TITLE, bold=True, shorten=True)
        self._ticket = Text("", CARD.ink, STRONG, shorten=True)
        self._message = MessageStrip()
        self._field.pad.size_hint_x = 0.95
        self.add_widget(self._left())
        self.add_widget(self._field.pad)
        self.keys = {
            "f2": partial(desk.go, "people"),
            "backspace": partial(self._field.press, ERASE),
        }

    def _left(self) -> Card:
        other = TouchButton("Somebody else", partial(self.desk.go, "people"), hint="F2")
        locked = row(
            Icon("lock", CARD_ACCENT.ink, 30),
            Text("Locked", CARD_ACCENT.ink, STRONG, bold=True),
            spacing=dp(12),
        )
        return card(
            fixed(locked, height=34),
            fixed(self._name, height=38),
            fixed(self._ticket, height=30),
            Widget(),
            fixed(Text("Your PIN, or scan your badge", CARD_MUTED.ink, BODY), height=32),
            self._field,
            Widget(),
            self._message,
            fixed(other, height=70),
            padding=dp(20),
        )

    def arrive(self, **_given: object) -> None:
        self._field.clear()

    def show(self, view: RegisterView) -> None:
        self._person = view.person
        self._name.text = view.person.name if view.person else ""
        items = "1 item" if view.items == 1 else f"{view.items} items"
        total = f"{items} · {grouped(view.total)} {view.currency}"
        self._ticket.text = f"Open ticket: {total}" if view.lines else "No open ticket"
        self._message.show(trouble(view.message))

    def typed(self, character: str) -> None:
        self._field.press(character)

    def _typed_all(self, digits: str) -> None:
        assert self._person is not None
        shown = Pin(self._person.id, digits)
        self.desk.attempt(partial(self.desk.register.log_in_by, shown))
