"""The bar on top says truly whether the office has everything."""

from dataclasses import replace

import pytest
from till.window_harness import Hands, ensure_window

from till_kivy.view import ConnectionView
from till_kivy.widgets import theme


@pytest.mark.parametrize(
    ("connection", "colour"),
    [
        (ConnectionView(online=True, unsent=0, refused=0, text=""), theme.BAR_GOOD),
        (ConnectionView(online=False, unsent=4, refused=0, text=""), theme.BAR_WARNING),
        (
            ConnectionView(online=True, unsent=0, refused=0, text="", limited=True),
            theme.BAR_WARNING,
        ),
        (ConnectionView(online=True, unsent=0, refused=2, text=""), theme.BAR_ERROR),
        (ConnectionView(online=False, unsent=4, refused=2, text=""), theme.BAR_ERROR),
    ],
)
def test_its_colour_shows_the_worst_that_is_known(
    connection: ConnectionView, colour: theme.Pair
) -> None:
    ensure_window()
    from till_kivy.widgets.statebar import connection_pair

    assert connection_pair(connection) == colour


def test_refused_entries_are_counted_even_where_the_sentence_is_cut(
    selling: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from till_kivy.widgets.statebar import StateBar

    text = "Offline, 123 unsent since 2026-11-21 10:30, 2 refused by the office"
    view = replace(
        selling.till.view(),
        connection=ConnectionView(online=False, unsent=123, refused=2, text=text),
    )
    # The window's own clock draws too, so it has to see the same.
    monkeypatch.setattr(selling.till, "view", lambda: view)
    monkeypatch.setattr(selling.till, "time_of_day", lambda: "10:45")
    bar = next(s.widget for s in selling.everything() if isinstance(s.widget, StateBar))
    bar.show(view, "10:45")
    selling.app.settle()

    assert "2 refused" in selling.texts()
    assert "10:45" in selling.texts()


def test_it_stands_on_every_page(selling: Hands) -> None:
    for page in ("sell", "search", "held", "tender"):
        selling.app.desk.go(page)
        selling.app.settle()

        assert selling.sees("Corner Market · corner-1")
        assert selling.sees("Anna Berger")
        assert selling.sees("unsent")
