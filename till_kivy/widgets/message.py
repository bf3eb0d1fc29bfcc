"""The last thing the till had to say, in a colour and with an icon for those who see no colour."""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp

from till_kivy.view import Message, MessageKind
from till_kivy.widgets.ground import Ground
from till_kivy.widgets.icon import MESSAGE_ICONS, Icon
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import BODY, CAPTION, GAP, MESSAGES, PAGE_MUTED
from kivy.uix.boxlayout import BoxLayout

_LONG = 60


class MessageStrip(Ground, BoxLayout):
    """One sentence; long ones are set smaller so that nothing of them is lost."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(padding=(dp(10), dp(4)), spacing=dp(2 * GAP), **kwargs)
        self.message: Message | None = None
        self._icon = Icon("good", MESSAGES[MessageKind.GOOD].ink, 22)
        self._text = Text("", PAGE_MUTED.ink)
        self.add_widget(self._icon)
        self.add_widget(self._text)
        self.show(None)

    def show(self, message: Message | None) -> None:
        """Show a message, or an empty strip."""
        self.message = message
        self.opacity = 1 if message else 0
        if message is None:
            self._text.text = ""
            return
        pair = MESSAGES[message.kind]
        self.paint(pair.ground)
        self._icon.show(MESSAGE_ICONS[message.kind], pair.ink)
        self._text.colour_with(pair.ink)
        self._text.font_size = dp(CAPTION if len(message.text) > _LONG else BODY)
        self._text.text = message.text
