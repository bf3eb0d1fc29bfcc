"""The colours can be told apart by everybody, worked out as WCAG 2.1 does."""

import pytest

from till_kivy.widgets import theme


@pytest.mark.parametrize("pair", theme.PAIRS, ids=lambda pair: f"{pair.ink}-on-{pair.ground}")
def test_text_stands_out_from_its_ground(pair: theme.Pair) -> None:
    assert pair.contrast >= 4.5


def test_contrast_is_worked_out_as_the_standard_says() -> None:
    assert theme.Pair("#FFFFFF", "#000000").contrast == pytest.approx(21)
    assert theme.Pair("#FFFFFF", "#767676").contrast == pytest.approx(4.54, abs=0.01)


def test_a_larger_window_gets_larger_type_and_more_content() -> None:
    assert theme.scale(800, 480) == 1
    assert 1 < theme.scale(1024, 600) < 1024 / 800
    assert 1 < theme.scale(1280, 800) < 1280 / 800
