"""Small parts of the window that decide what a cashier can read."""

from pathlib import Path

import pytest
from till.window_harness import Hands, ensure_window

from till_kivy import sample


@pytest.mark.parametrize(
    ("amount", "drawn"),
    [
        ("0.00", "0.00"),
        ("1234.50", "1234.50"),
        ("12345.67", "12\u00a0345.67"),
        ("1250000", "1\u00a0250\u00a0000"),
        ("-98765.40", "-98\u00a0765.40"),
        ("2.99/kg", "2.99/kg"),
    ],
)
def test_thousands_of_long_amounts_stand_apart(amount: str, drawn: str) -> None:
    ensure_window()
    from till_kivy.widgets.text import grouped

    assert grouped(amount) == drawn


def test_a_figure_shrinks_rather_than_losing_a_digit() -> None:
    ensure_window()
    from kivy.uix.label import Label

    from till_kivy.widgets.text import Figure

    figure = Figure("1", "#000000", 50, size=(100, 60), size_hint=(None, None))
    figure.text = "123456789.00"

    drawn = Label(text=figure.text, font_size=figure.font_size, bold=True)
    drawn.texture_update()
    assert 50 < drawn.texture_size[0] <= 100


def test_the_window_keeps_its_page_when_it_is_resized(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))

    selling.app.resize(1024, 600)

    assert selling.app.desk.page_name == "sell"
    assert selling.sees("Croissant")


def test_a_fast_typist_is_not_taken_for_a_scanner(selling: Hands) -> None:
    selling.press("f2")
    for letter in "butter":
        selling.watch.now_s += 0.03
        selling.character(letter)
    selling.app.keyboard.flush()
    selling.app.settle()

    assert selling.sees("Butter 250 g")


def test_a_person_who_logs_out_leaves_no_name_on_the_screen(selling: Hands) -> None:
    selling.tap("Log out")

    assert selling.sees("Who is working?")
    bar = [text for text in selling.texts() if text == "Anna Berger"]
    assert len(bar) == 1


def test_the_pictures_of_the_documentation_are_small(tmp_path: Path) -> None:
    ensure_window()
    from till_kivy.album import NEW_SCENES, SCENES, draw

    pictures = list(draw(tmp_path / "out", tmp_path / "till", (800, 480)))

    assert [path.name for path in pictures] == [
        f"{name}-800x480.png" for name in (*NEW_SCENES, *SCENES)
    ]
    assert max(path.stat().st_size for path in pictures) < 150_000
