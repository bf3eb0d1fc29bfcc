"""What every page has in common, and what it may ask of the desk that shows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout

from till_kivy.people import Badge
from till_kivy.register import Register
from till_kivy.till import Till
from till_kivy.view import RegisterView
from till_kivy.widgets.theme import GAP, PAGE

Action = Callable[[], object]


class Desk(Protocol):
    """The frame around the pages."""

    @property
    def till(self) -> Till:
        """The till on which everything happens."""
        ...

    @property
    def register(self) -> Register:
        """The register of that till."""
        ...

    @property
    def page(self) -> Page:
        """The page in sight."""
        ...

    def go(self, page: str, **given: Any) -> None:
        """Show another page, handing it what it needs to know."""
        ...

    def attempt(self, action: Action) -> bool:
        """Do something that may be refused; the refusal becomes the message on the screen."""
        ...

    def ask(self, question: str, answer: str, action: Action) -> None:
        """Do something only after the cashier has said yes."""
        ...

    def warn(self, sentence: str) -> None:
        """Say why a touch did nothing."""
        ...


class Page(BoxLayout):
    """One screenful below the state bar; `keys` are the functions of the keyboard."""

    def __init__(self, desk: Desk, **kwargs: Any) -> None:
        kwargs.setdefault("padding", dp(GAP))
        kwargs.setdefault("spacing", dp(GAP))
        super().__init__(**kwargs)
        self.ground = PAGE.ground
        self.desk = desk
        self.keys: dict[str, Callable[[], None]] = {}

    def arrive(self, **given: Any) -> None:
        """Get ready to be seen."""

    def show(self, view: RegisterView) -> None:
        """Show the register as it is now."""

    def typed(self, character: str) -> None:
        """Take one character from the keyboard."""

    def badge(self, code: str) -> None:
        """Take a scanned badge: its owner goes on from here."""
        self.desk.attempt(partial(self.desk.register.log_in_by, Badge(code)))
