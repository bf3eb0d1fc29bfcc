"""Colours and sizes of the till, without Kivy, so that a test can work out the contrast.

Sizes are for the 7" panel of 800×480 pixels (133 dpi) and grow with larger windows. Contrast is
WCAG 2.1's ratio of relative luminances.
"""

from __future__ import annotations

from dataclasses import dataclass

from till_kivy.view import MessageKind

Rgba = tuple[float, float, float, float]

DESIGN_WIDTH = 800
DESIGN_HEIGHT = 480
_GROWTH = 0.6
"""Of a larger window, this share goes into larger type and targets, the rest into more content."""

TARGET = 64
"""Side of the smallest thing to touch: 12 mm are 63 pixels at 133 dpi."""

GAP = 6
RADIUS = 10

CAPTION = 16
BODY = 18
STRONG = 20
TITLE = 26
FIGURE = 34
TOTAL = 50
HUGE = 104

_DARKEST = 0.03928


@dataclass(frozen=True, slots=True)
class Pair:
    """Text or a drawing of one colour on a ground of another, both as `#RRGGBB`."""

    ground: str
    ink: str

    @property
    def contrast(self) -> float:
        """The WCAG ratio, from 1 to 21."""
        dark, light = sorted((luminance(self.ground), luminance(self.ink)))
        return (light + 0.05) / (dark + 0.05)


def rgba(colour: str, alpha: float = 1.0) -> Rgba:
    """Turn `#RRGGBB` into the four numbers that Kivy draws with."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue, alpha


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of a colour, from 0 to 1."""
    red, green, blue = (
        c / 12.92 if c <= _DARKEST else ((c + 0.055) / 1.055) ** 2.4 for c in rgba(colour)[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def scale(width: int, height: int) -> float:
    """Return how much larger than on the 7" panel everything is drawn."""
    ratio = min(width / DESIGN_WIDTH, height / DESIGN_HEIGHT)
    return ratio if ratio < 1 else 1 + (ratio - 1) * _GROWTH


PAPER = "#EEF0F4"
SURFACE = "#FFFFFF"
EDGE = "#DCE0E8"
INK = "#17202E"
MUTED = "#525D70"
ACCENT = "#3A45C4"
ACCENT_DOWN = "#2B34A0"
SELECTED = "#E3E6FB"
DOWN = "#DDE1EA"

PAGE = Pair(PAPER, INK)
PAGE_MUTED = Pair(PAPER, MUTED)
CARD = Pair(SURFACE, INK)
CARD_MUTED = Pair(SURFACE, MUTED)
CARD_ACCENT = Pair(SURFACE, ACCENT)
PRESSED = Pair(DOWN, INK)
PRIMARY = Pair(ACCENT, "#FFFFFF")
PRIMARY_MUTED = Pair(ACCENT, "#E6E8FF")
PRIMARY_DOWN = Pair(ACCENT_DOWN, "#FFFFFF")
CHOSEN = Pair(SELECTED, INK)
CHOSEN_MUTED = Pair(SELECTED, MUTED)
DANGER = Pair(SURFACE, "#A3211A")
DANGER_SOLID = Pair("#B3261E", "#FFFFFF")
BAR = Pair("#1D2533", "#F4F6FA")
BAR_MUTED = Pair("#1D2533", "#B9C2D3")
BAR_GOOD = Pair("#1D2533", "#7CDCA4")
BAR_WARNING = Pair("#1D2533", "#FFCB6B")
BAR_ERROR = Pair("#1D2533", "#FFA79F")

MESSAGES = {
    MessageKind.GOOD: Pair("#DDF3E6", "#12512F"),
    MessageKind.WARNING: Pair("#FFEFC9", "#664100"),
    MessageKind.ERROR: Pair("#FCE0DD", "#8A1B14"),
}

# Categories take these in turn: ground and ink of a quick key, of one hue each.
CATEGORIES = (
    Pair("#FDEBD3", "#5C3A0A"),
    Pair("#DFF2E1", "#1D4D26"),
    Pair("#DCEBFB", "#15406B"),
    Pair("#F7E1EC", "#6A1F47"),
    Pair("#E8E4F8", "#3E2F7D"),
    Pair("#D9F1F1", "#0F4A4C"),
    Pair("#F4EDC6", "#534700"),
    Pair("#E6E9EE", "#2C3749"),
)


def category_pair(index: int) -> Pair:
    """Return the colours of the n-th category."""
    return CATEGORIES[index % len(CATEGORIES)]


PAIRS: tuple[Pair, ...] = (
    PAGE, PAGE_MUTED, CARD, CARD_MUTED, CARD_ACCENT, PRESSED, PRIMARY, PRIMARY_MUTED, PRIMARY_DOWN,
    CHOSEN, CHOSEN_MUTED, DANGER, DANGER_SOLID, BAR, BAR_MUTED, BAR_GOOD, BAR_WARNING, BAR_ERROR,
    *MESSAGES.values(), *CATEGORIES,
)  # fmt: skip
"""Every pair that is drawn anywhere."""
