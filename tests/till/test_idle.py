"""How long the till was left alone."""

from __future__ import annotations

from till_kivy.idle import LOCKS_AFTER_S, Idle


def test_it_is_over_after_five_minutes_without_a_touch() -> None:
    assert LOCKS_AFTER_S == 300
    assert over_at(LOCKS_AFTER_S, touched=())
    assert not over_at(LOCKS_AFTER_S - 1, touched=())


def test_every_touch_begins_the_count_again() -> None:
    assert not over_at(598, touched=(299,))
    assert over_at(599, touched=(299,))


def over_at(now_s: float, touched: tuple[float, ...]) -> bool:
    """Tell whether it is over at a moment after touches at others."""
    clock = [0.0]
    idle = Idle(lambda: clock[0])
    for clock[0] in touched:
        idle.touched()
    clock[0] = now_s
    return idle.over


def test_a_shop_may_be_more_patient_or_less() -> None:
    now = [0.0]
    idle = Idle(lambda: now[0], after_s=6)

    now[0] = 6.0

    assert idle.over
