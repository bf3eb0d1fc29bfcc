"""A device that is no till yet: twelve letters to type, and what the office says of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from domain.enrolment import LENGTH, LETTERS, grouped, is_code, plain
from domain.errors import DomainError
from till_kivy.enrolling import Enrolment
from till_kivy.view import Message, MessageKind
from till_kivy.widgets.ground import Card, Ground, card, column, fixed, row
from till_kivy.widgets.keypad import ERASE
from till_kivy.widgets.message import MessageStrip
from till_kivy.widgets.text import Figure, Paragraph, Text
from till_kivy.widgets.theme import (
    BODY,
    CARD,
    CARD_MUTED,
    CHOSEN,
    EDGE,
    GAP,
    PAGE,
    PRIMARY,
    STRONG,
    TITLE,
)
from till_kivy.widgets.touch import IconButton, TouchButton

CLEAR = "Clear"
GO_ON = "Go on"
_COLUMNS = 6
_HOW = "Type the code that the manager's page shows for this till. It is good for ten minutes."
_ASKING = Message(MessageKind.GOOD, "The office is being asked …")
_TOO_SHORT = Message(MessageKind.WARNING, f"A code has {LENGTH} letters and digits.")


class EnrolPage(Ground, BoxLayout):
    """Asks for the code until the office takes one; then `enrolled` goes on from here."""

    def __init__(self, enrolment: Enrolment, enrolled: Callable[[], None]) -> None:
        super().__init__(ground=PAGE.ground, radius=0, padding=dp(12), spacing=dp(12))
        self._enrolment = enrolment
        self._enrolled = enrolled
        self._code = ""
        self._groups = [Figure("", CHOSEN.ink, TITLE, halign="center") for _ in grouped("")]
        self._message = MessageStrip()
        self._keys: dict[str, Callable[[], None]] = {
            "backspace": partial(self._press, ERASE),
            "escape": partial(self._press, CLEAR),
            "enter": self._go_on,
        }
        self.add_widget(self._left())
        self.add_widget(self._pad())
        if self.asking:
            self._message.show(_ASKING)

    @property
    def asking(self) -> bool:
        """Tell whether the office is being asked."""
        return self._enrolment.asking

    # ------------------------------------------------------------ what comes from outside

    def key(self, name: str) -> bool:
        """Do what a key does here; tell whether it does anything."""
        if action := self._keys.get(name):
            action()
        return action is not None

    def typed(self, text: str) -> None:
        """Take characters from the keyboard."""
        for character in text:
            self._press(character)

    def scanned(self, code: str) -> None:
        """Take a code that was printed or shown to be scanned."""
        if not self.asking:
            self._set(plain(code)[:LENGTH])
            self._go_on()

    def refresh(self) -> None:
        """Look whether the office has answered."""
        try:
            answered = self._enrolment.outcome()
        except DomainError as error:
            self._message.show(Message(MessageKind.ERROR, str(error)))
            return
        if answered:
            self._enrolled()

    # ------------------------------------------------------------ inside

    def _left(self) -> Card:
        boxes = [Card(ground=CHOSEN.ground, edge=EDGE, padding=dp(GAP)) for _ in self._groups]
        for box, group in zip(boxes, self._groups, strict=True):
            box.add_widget(group)
        how = Paragraph(_HOW, CARD_MUTED.ink, BODY)
        how.bind(texture_size=lambda own, size: setattr(own, "height", size[1]))
        how.size_hint_y = None
        return card(
            fixed(Text("New till", CARD.ink, TITLE, bold=True), height=40),
            how,
            fixed(Widget(), height=GAP),
            fixed(row(*boxes), height=64),
            fixed(Widget(), height=GAP),
            self._message,
            Widget(),
            padding=dp(16),
        )

    def _pad(self) -> BoxLayout:
        """Lay all letters of codes out in rows; the last one has the other keys too."""
        keys: list[Any] = [
            TouchButton(letter, partial(self._press, letter), look=CARD, points=TITLE)
            for letter in LETTERS
        ]
        keys.append(IconButton(ERASE, partial(self._press, ERASE)))
        keys.append(TouchButton(CLEAR, partial(self._press, CLEAR)))
        last = TouchButton(GO_ON, self._go_on, look=PRIMARY, points=STRONG, size_hint_x=2)
        keys.append(last)
        rows = [row(*keys[at : at + _COLUMNS]) for at in range(0, len(keys), _COLUMNS)]
        pad = column(*rows)
        pad.size_hint_x = 1.45
        return pad

    def _press(self, key: str) -> None:
        if self.asking:
            return
        if key == ERASE:
            self._set(self._code[:-1])
        elif key == CLEAR:
            self._set("")
        elif plain(key) in LETTERS:
            self._set((self._code + plain(key))[:LENGTH])

    def _set(self, code: str) -> None:
        self._code = code
        self._message.show(None)
        for box, group in zip(self._groups, grouped(code), strict=True):
            box.text = group

    def _go_on(self) -> None:
        if self.asking:
            return
        if not is_code(self._code):
            self._message.show(_TOO_SHORT)
            return
        self._message.show(_ASKING)
        self._enrolment.give(self._code)
