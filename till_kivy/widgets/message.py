"""The last thing the till had to say, in a colour and with an icon for those who see no colour."""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp, sp
from kivy.uix.boxlayout import BoxLayout

from till_kivy.view import Message, MessageKind, PaperView
from till_kivy.widgets.ground import Ground, fixed
from till_kivy.widgets.icon import MESSAGE_ICONS, Icon
from till_kivy.widgets.text import Paragraph
from till_kivy.widgets.theme import BODY, CAPTION, GAP, MESSAGES, TARGET
from till_kivy.widgets.touch import Tap, Touch

_LONG = 34
_LOWEST = 48
_PADDING = 7
_WARNING = MESSAGES[MessageKind.WARNING]
_WARNING_DOWN = "#F7DFA3"


def trouble(message: Message | None) -> Message | None:
    """Leave out good news, where the page itself says what matters."""
    return None if message is None or message.kind is MessageKind.GOOD else message


class MessageStrip(Ground, BoxLayout):
    """One sentence; a long one is set smaller and takes the height it needs."""

    def __init__(self, **kwargs: Any) -> None:
        padding = (dp(10), dp(_PADDING))
        super().__init__(padding=padding, spacing=dp(2 * GAP), size_hint_y=None, **kwargs)
        self.height = dp(_LOWEST)
        self.message: Message | None = None
        self._icon = Icon("good", MESSAGES[MessageKind.GOOD].ink, 22)
        self._text = Paragraph("", MESSAGES[MessageKind.GOOD].ink)
        self._text.bind(texture_size=self._grow)
        self.add_widget(self._icon)
        self.add_widget(self._text)
        self.show(None)

    def show(self, message: Message | None) -> None:
        """Show a message, or an empty strip."""
        self.message = message
        self.opacity = 1 if message else 0
        if message is None:
            self._text.text = ""
            self._grow()
            return
        pair = MESSAGES[message.kind]
        self.paint(pair.ground)
        self._icon.show(MESSAGE_ICONS[message.kind], pair.ink)
        self._text.colour_with(pair.ink)
        self._text.font_size = sp(CAPTION if len(message.text) > _LONG else BODY)
        self._text.text = message.text

    def _grow(self, *_: object) -> None:
        needed = max(dp(_LOWEST), self._text.texture_size[1] + 2 * dp(_PADDING))
        self.height = needed if self.message else 0


class PaperStrip(Touch):
    """A receipt that did not surely come out: a touch prints it again."""

    def __init__(self, print_again: Tap) -> None:
        padding = (dp(10), dp(_PADDING))
        super().__init__(
            print_again, _WARNING, _WARNING_DOWN, orientation="horizontal", padding=padding
        )
        self.spacing = dp(2 * GAP)
        fixed(self, height=TARGET)
        self._text = Paragraph("", _WARNING.ink, CAPTION)
        self._text.bind(texture_size=self._grow)
        self.add_widget(Icon("warning", _WARNING.ink, 22))
        self.add_widget(self._text)

    def show(self, paper: PaperView) -> None:
        """Say which receipt, what is known of it and what a touch does."""
        self._text.text = f"{paper.text} Touch to print a copy, F7."

    def _grow(self, *_: object) -> None:
        self.height = max(dp(TARGET), self._text.texture_size[1] + 2 * dp(_PADDING))
