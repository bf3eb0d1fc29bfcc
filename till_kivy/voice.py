"""What the till says: a sentence on the screen, a sound, two lines for the customer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from domain.barcode import BadCode
from domain.catalog import BlockedProduct, UnknownCode
from domain.errors import DomainError
from till_kivy.hardware.protocols import Cue, Devices, DisplayFailed
from till_kivy.view import Message, MessageKind

_CUES: dict[type[DomainError], Cue] = {
    BadCode: Cue.BAD_CODE,
    UnknownCode: Cue.UNKNOWN,
    BlockedProduct: Cue.BLOCKED,
}


class Voice:
    """Keeps the last thing said until the next; `message` is None when there is nothing to say."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self.message: Message | None = None

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Make an error the message on the screen and a sound, and let it pass on."""
        try:
            yield
        except DomainError as error:
            cue = next((_CUES[kind] for kind in _CUES if isinstance(error, kind)), Cue.REFUSED)
            self.message = Message(MessageKind.ERROR, str(error), cue)
            self.play(cue)
            raise

    def say(self, text: str, cue: Cue | None = None) -> None:
        """Say what went well."""
        self.message = Message(MessageKind.GOOD, text, cue)
        if cue:
            self.play(cue)

    def note(self, text: str) -> None:
        """Say, without a sound, what the cashier has to know."""
        self.message = Message(MessageKind.WARNING, text)

    def warn(self, problem: str) -> None:
        """Put a device's problem after what went well; the cashier needs both."""
        if problem:
            done = f"{self.message.text} " if self.message else ""
            self.message = Message(MessageKind.WARNING, done + problem, Cue.REFUSED)
            self.play(Cue.REFUSED)

    def show_customer(self, top: str, bottom: str) -> None:
        """Write on the customer's display, where there is one."""
        if self._devices.display is None:
            return
        try:
            self._devices.display.show(top, bottom)
        except DisplayFailed as error:
            self.warn(str(error))

    def play(self, cue: Cue) -> None:
        """Make a sound, where there is something to make it with."""
        if self._devices.sound:
            self._devices.sound.play(cue)
