"""Every screen at every size: large enough to touch, readable, in its place and not cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest
from till.window_harness import Hands, Seen, new_window, texts_on, window

from till_kivy.album import NEW_SCENES, NOBODY, SCENES
from till_kivy.widgets.theme import Pair

TWELVE_MM = 63
ARMS_LENGTH = 16
TOTAL = 48
SIZES = ((800, 480), (1024, 600), (1280, 800))

Problems = dict[str, list[str]]
Check = Callable[[Hands], Iterator[str]]


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Problems]:
    """All that is wrong at one size, by the kind of fault; the scenes are the documentation's."""
    problems: Problems = {"scenes": []}
    with new_window(tmp_path_factory.mktemp("looks") / "new", NOBODY, size=request.param) as hands:
        look(hands, NEW_SCENES, CHECKS_OF_ALL, problems)
    with window(tmp_path_factory.mktemp("looks") / "till", size=request.param) as hands:
        look(hands, SCENES, CHECKS, problems)
        yield problems


def look(
    hands: Hands,
    scenes: Mapping[str, Callable[[Any], None]],
    checks: Mapping[str, Check],
    problems: Problems,
) -> None:
    for name, scene in scenes.items():
        scene(hands.app)
        hands.app.settle()
        problems["scenes"].append(name)
        for fault, check in checks.items():
            problems.setdefault(fault, []).extend(f"{name}: {p}" for p in check(hands))


def test_every_screen_was_looked_at(found: Problems) -> None:
    assert len(found["scenes"]) == len(SCENES) + len(NEW_SCENES) > 10


@pytest.mark.parametrize("fault", ["small", "outside", "overlapping", "tiny", "pale", "cut"])
def test_nothing_is_hard_to_touch_or_read(found: Problems, fault: str) -> None:
    assert found[fault] == []


def test_the_total_is_readable_from_a_step_away(found: Problems) -> None:
    assert found["low total"] == []


def too_small(hands: Hands) -> Iterator[str]:
    """Find what a gloved finger would miss: 12 mm are 63 pixels on the 7" panel."""
    for seen in whole_touchables(hands):
        if min(seen.width, seen.height) < TWELVE_MM:
            yield f"{named(seen)} is {seen.width:.0f}×{seen.height:.0f}"


def outside(hands: Hands) -> Iterator[str]:
    width, height = hands.app.desk.size
    for seen in whole_touchables(hands):
        if seen.left < 0 or seen.bottom < 0 or seen.right > width or seen.top > height:
            yield f"{named(seen)} leaves the window"


def overlapping(hands: Hands) -> Iterator[str]:
    for one, other in combinations(whole_touchables(hands), 2):
        if one.overlaps(other):
            yield f"{named(one)} lies over {named(other)}"


def tiny(hands: Hands) -> Iterator[str]:
    for seen in hands.all_texts():
        if seen.widget.text and seen.widget.font_size < ARMS_LENGTH:
            yield f"{seen.widget.text!r} has {seen.widget.font_size} pixels"


def pale(hands: Hands) -> Iterator[str]:
    for seen in hands.all_texts():
        pair = Pair(ground_below(seen.widget), seen.widget.ink)
        if seen.widget.text and pair.contrast < 4.5:
            yield f"{seen.widget.text!r} on {pair.ground}: {pair.contrast:.1f}"


def cut(hands: Hands) -> Iterator[str]:
    """Find text that does not fit; names of products and people may end with an ellipsis."""
    from kivy.uix.label import Label

    for seen in hands.all_texts():
        text = seen.widget
        if not text.text or text.shorten or text.max_lines:
            continue
        look = {"font_size": text.font_size, "bold": text.bold}
        wrapped = Label(text=text.text, text_size=(text.width, None), **look)
        longest = Label(text=max(text.text.split(" "), key=len), **look)
        wrapped.texture_update()
        longest.texture_update()
        if wrapped.texture_size[1] > text.height + 1 or longest.texture_size[0] > text.width + 1:
            yield f"{text.text!r} needs {wrapped.texture_size}, has {text.size}"


def low_total(hands: Hands) -> Iterator[str]:
    """Find a page of selling without its large total; a question may lie over it."""
    if hands.app.desk.page_name in ("sell", "tender") and not hands.sees("Go back"):
        total = hands.till.view().total
        sizes = [s.widget.font_size for s in hands.all_texts() if s.widget.text == total]
        if max(sizes, default=0) < TOTAL:
            yield f"the total {total} is drawn in {sizes}"


CHECKS_OF_ALL: dict[str, Check] = {
    "small": too_small,
    "outside": outside,
    "overlapping": overlapping,
    "tiny": tiny,
    "pale": pale,
    "cut": cut,
}
CHECKS = {**CHECKS_OF_ALL, "low total": low_total}


def whole_touchables(hands: Hands) -> list[Seen]:
    """Return what can be touched; of a list the rows that are wholly in sight."""
    return [seen for seen in hands.touchable() if seen.whole]


def ground_below(widget: Any) -> str:  # noqa: ANN401 -- Kivy has no types
    """Return the colour behind a widget."""
    while not getattr(widget, "ground", ""):
        widget = widget.parent
    return str(widget.ground)


def named(seen: Seen) -> str:
    return " ".join(texts_on(seen.widget)) or type(seen.widget).__name__
