"""Everybody who works here as a large tile: to log in, and to clock in or out."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from till_kivy.people import Badge
from till_kivy.screens.page import Desk, Page
from till_kivy.view import PersonView, RegisterView
from till_kivy.widgets.ground import Ground, column, fixed, row
from till_kivy.widgets.message import MessageStrip
from till_kivy.widgets.text import Text
from till_kivy.widgets.theme import (
    BODY,
    CAPTION,
    CARD,
    CARD_ACCENT,
    CARD_MUTED,
    GAP,
    PAGE,
    PAGE_MUTED,
    STRONG,
    TARGET,
    TITLE,
    Pair,
    category_pair,
)
from till_kivy.widgets.touch import Touch, TouchButton

_TILE = 108
_DISC = 56
_NARROWEST_TILE = 240


class PeoplePage(Page):
    """Who is working? A tile leads to the PIN, a badge straight to selling."""

    title = "Who is working?"
    hint = "Touch your name, or scan your badge."
    leads_to = ("Time clock", "F9", "clock")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, orientation="vertical", padding=(dp(24), dp(14)))
        self._people: tuple[PersonView, ...] = ()
        caption, key, page = self.leads_to
        self._title = Text(self.title, PAGE.ink, TITLE, bold=True)
        self._hint = Text(self.hint, PAGE_MUTED.ink, BODY)
        self._message = MessageStrip()
        self._tiles = GridLayout(spacing=dp(2 * GAP), size_hint_y=None)
        self._tiles.bind(minimum_height=self._tiles.setter("height"))
        scroll = ScrollView(do_scroll_x=False, bar_width=dp(5))
        scroll.add_widget(self._tiles)
        words = column(self._title, self._hint, spacing=0)
        other = fixed(TouchButton(caption, partial(desk.go, page), hint=key), width=160)
        self.keys = {key.lower(): partial(desk.go, page), "escape": partial(desk.go, "lock")}
        self.add_widget(fixed(row(words, other), height=TARGET))
        self.add_widget(fixed(Widget(), height=GAP))
        self.add_widget(scroll)
        self.add_widget(self._message)
        self.bind(width=self._arrange)

    def show(self, view: RegisterView) -> None:
        self._message.show(view.message)
        if view.people != self._people:
            self._people = view.people
            self._fill()

    def typed(self, character: str) -> None:
        if character.isdigit() and 0 < int(character) <= len(self._people):
            self._choose(self._people[int(character) - 1])

    def _fill(self) -> None:
        self._tiles.clear_widgets()
        for number, person in enumerate(self._people):
            self._tiles.add_widget(_tile(number, person, partial(self._choose, person)))
        self._arrange()

    def _arrange(self, *_: object) -> None:
        self._tiles.cols = max(1, int(self.width // dp(_NARROWEST_TILE)))

    def _choose(self, person: PersonView) -> None:
        acts = (("Log in", self.desk.register.log_in_by),)
        self.desk.go("pin", person=person, acts=acts, back="people")


class ClockPage(PeoplePage):
    """Who comes, who goes? Nobody but the person themselves can say so."""

    title = "Time clock"
    hint = "Touch your name, or scan your badge, to come or to go."
    leads_to = ("Log in", "F9", "people")

    def badge(self, code: str) -> None:
        self.desk.attempt(partial(self.desk.register.clock, Badge(code)))

    def _choose(self, person: PersonView) -> None:
        register = self.desk.register
        acts = [("Clock out", register.clock_out)]
        if not person.at_work_since:  # they may have come at another till
            acts.insert(0, ("Clock in", register.clock))
        self.desk.go("pin", person=person, acts=acts, back="clock")


class Disc(Ground, AnchorLayout):
    """A person's initials on a colour of their own."""

    def __init__(self, initials: str, pair: Pair) -> None:
        super().__init__(ground=pair.ground, radius=_DISC // 2)
        fixed(self, width=_DISC, height=_DISC).pos_hint = {"center_y": 0.5}
        self.add_widget(Text(initials, pair.ink, STRONG, bold=True, halign="center"))


def _tile(number: int, person: PersonView, tapped: Any) -> Touch:  # noqa: ANN401 -- Kivy has no types
    tile = Touch(tapped, CARD, orientation="horizontal", padding=dp(14), spacing=dp(14))
    fixed(tile, height=_TILE)
    pair = category_pair(number)
    disc = Disc(_initials(person.name), pair)
    name = Text(person.name, CARD.ink, STRONG, bold=True, valign="bottom", shorten=True)
    role = Text(f"{person.role} · {number + 1}", CARD_MUTED.ink, BODY, shorten=True)
    since = f"at work since {person.at_work_since}" if person.at_work_since else "not clocked in"
    here = Text(since, CARD_ACCENT.ink if person.at_work_since else CARD_MUTED.ink, CAPTION)
    tile.add_widget(disc)
    tile.add_widget(column(name, role, here, spacing=0))
    return tile


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper()
