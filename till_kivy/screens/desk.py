"""The frame around the pages: state bar, current page, questions, keyboard and scanner."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from domain.approval import ApprovalNeeded
from domain.errors import DomainError
from domain.pins import is_badge
from till_kivy.idle import Idle
from till_kivy.register import Register
from till_kivy.screens.approval import ApprovalPage
from till_kivy.screens.ask import Ask
from till_kivy.screens.done import DonePage
from till_kivy.screens.held import HeldPage
from till_kivy.screens.lock import LockPage
from till_kivy.screens.page import Action, Page
from till_kivy.screens.people import ClockPage, PeoplePage
from till_kivy.screens.pin import PinPage
from till_kivy.screens.search import SearchPage
from till_kivy.screens.sell import SellPage
from till_kivy.screens.tender import TenderPage
from till_kivy.till import Till
from till_kivy.view import Message, MessageKind, RegisterView
from till_kivy.widgets.ground import replace_children
from till_kivy.widgets.statebar import StateBar
from till_kivy.widgets.theme import PAGE, rgba

_PAGES = {
    "people": PeoplePage,
    "pin": PinPage,
    "clock": ClockPage,
    "lock": LockPage,
    "approval": ApprovalPage,
    "sell": SellPage,
    "search": SearchPage,
    "held": HeldPage,
    "tender": TenderPage,
    "done": DonePage,
}
_BEFORE_LOG_IN = ("people", "pin", "clock")
_WHILE_LOCKED = ("lock", *_BEFORE_LOG_IN)


class Desk(FloatLayout):
    """Shows one page at a time; everything a page wants done goes through here."""

    def __init__(self, till: Till, idle: Idle, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.till = till
        self._idle = idle
        self.page_name = ""
        self._pages: dict[str, Page] = {}
        self._notice: Message | None = None
        self._ask: Ask | None = None
        with self.canvas.before:
            Color(*rgba(PAGE.ground))
            self._background = Rectangle()
        self.bind(pos=self._place, size=self._place)
        self._bar = StateBar()
        self._body = BoxLayout()
        frame = BoxLayout(orientation="vertical")
        frame.add_widget(self._bar)
        frame.add_widget(self._body)
        self.add_widget(frame)
        self.go("people")

    @property
    def register(self) -> Register:
        """The register of the till."""
        return self.till.register

    @property
    def page(self) -> Page:
        """The page in sight."""
        return self._pages[self.page_name]

    # ------------------------------------------------------------ what pages ask for

    def go(self, page: str, **given: Any) -> None:
        """Show another page."""
        self._build(page)
        self.page_name = page
        self._notice = None
        replace_children(self._body, self.page)
        self.page.arrive(**given)
        self.refresh()

    def attempt(self, action: Action) -> bool:
        """Do something that may be refused; the refusal becomes the message on the screen."""
        try:
            action()
        except ApprovalNeeded as needed:
            self.go("approval", asked=needed.asked, act=action)
            return False
        except DomainError as error:
            self._notice = Message(MessageKind.ERROR, str(error))
        else:
            self._notice = None
            self.till.nudge()
        self.refresh()
        return self._notice is None

    def warn(self, sentence: str) -> None:
        """Say why a touch did nothing."""
        self._notice = Message(MessageKind.WARNING, sentence)
        self.refresh()

    def ask(self, question: str, answer: str, action: Action) -> None:
        """Do something only after the cashier has said yes."""
        self._ask = Ask(question, answer, partial(self._answered, action), self._withdraw)
        self.add_widget(self._ask)

    # ------------------------------------------------------------ what comes from outside

    def refresh(self) -> None:
        """Draw the register as it is now, on the page that fits; lock it when nobody is there."""
        if self._idle.over:
            with suppress(DomainError):  # it is locked all the same, and the till says why
                self.register.lock()
        view = self.till.view()
        if page := _page_instead(view, self.page_name):
            self._withdraw()
            self.go(page)
            return
        if self._notice:
            view = replace(view, message=self._notice)
        self._bar.show(view, self.till.time_of_day())
        self.page.show(view)

    def build_ahead(self) -> bool:
        """Build one page that was not needed yet, so that its first use is not slow.

        Return whether there was one left.
        """
        missing = next((page for page in _PAGES if page not in self._pages), None)
        if missing:
            self._build(missing)
        return missing is not None

    def scanned(self, code: str) -> None:
        """Sell what was scanned, whatever page is open; a badge is a person."""
        self._idle.touched()
        if self._ask:
            return
        if is_badge(code):
            self.page.badge(code)
            return
        if self.till.view().locked:
            self.register.refuse()
            return
        if self.page_name not in ("sell", *_BEFORE_LOG_IN):
            self.go("sell")
        self.attempt(partial(self.register.scan, code))

    def key(self, name: str) -> bool:
        """Do what a key does here; tell whether it does anything."""
        self._idle.touched()
        keys = self._ask.keys if self._ask else self.page.keys
        if action := keys.get(name):
            action()
        return action is not None

    def typed(self, text: str) -> None:
        """Take characters from the keyboard."""
        self._idle.touched()
        if not self._ask:
            for character in text:
                self.page.typed(character)

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 -- Kivy has no types
        """Notice that somebody is there."""
        self._idle.touched()
        return bool(super().on_touch_down(touch))

    # ------------------------------------------------------------ inside

    def _build(self, page: str) -> None:
        if page not in self._pages:
            self._pages[page] = _PAGES[page](self)

    def _answered(self, action: Action) -> None:
        self._withdraw()
        self.attempt(action)

    def _withdraw(self) -> None:
        if self._ask:
            self.remove_widget(self._ask)
            self._ask = None

    def _place(self, *_: object) -> None:
        self._background.pos, self._background.size = self.pos, self.size


def _page_instead(view: RegisterView, page: str) -> str:
    """Return the page to show when the one in sight does not fit who is there, else nothing."""
    if view.person is None:
        return "" if page in _BEFORE_LOG_IN else "people"
    if view.locked:
        return "" if page in _WHILE_LOCKED else "lock"
    return "sell" if page in _WHILE_LOCKED else ""
