import datetime as dt

import pytest
from builders import AT

from till_kivy.clock import HandClock, SystemClock


def test_the_systems_clock_tells_its_zone() -> None:
    before = dt.datetime.now(dt.UTC)

    now = SystemClock().now()

    assert now.utcoffset() == dt.timedelta(0)
    assert before <= now <= before + dt.timedelta(minutes=1)


def test_a_hand_clock_stands_still() -> None:
    clock = HandClock(AT)

    assert clock.now() == clock.now() == AT


def test_a_hand_clock_goes_forwards_and_back() -> None:
    clock = HandClock(AT)

    clock.advance(90)
    later = clock.now()
    clock.set(AT - dt.timedelta(days=1))

    assert later == AT + dt.timedelta(seconds=90)
    assert clock.now() == AT - dt.timedelta(days=1)


def test_a_hand_clock_tells_utc_whatever_zone_it_was_set_in() -> None:
    clock = HandClock(AT.astimezone(dt.timezone(dt.timedelta(hours=9))))

    assert clock.now() == AT
    assert clock.now().utcoffset() == dt.timedelta(0)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time with its time zone"):
        HandClock(AT.replace(tzinfo=None))
