"""A scanner that types: told from a person by its speed, and ended by Enter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till_kivy.hardware.wedge import LONGEST_CODE, Typist, Wedge

FAST_S = 0.004
SLOW_S = 0.180


def typed(wedge: Wedge, keys: str, every_s: float, start_s: float = 10.0) -> list[str]:
    """Press keys at a pace and return the codes that came out."""
    codes = [wedge.press(key, start_s + n * every_s) for n, key in enumerate(keys)]
    return [code for code in codes if code is not None]


@pytest.mark.parametrize("enter", ["\r", "\n"])
def test_a_fast_run_that_ends_with_enter_is_a_code(enter: str) -> None:
    wedge = Wedge()

    codes = typed(wedge, "5901234123457" + enter, FAST_S)

    assert codes == ["5901234123457"]


def test_a_person_typing_the_same_is_no_scan() -> None:
    wedge = Wedge()

    codes = typed(wedge, "5901234123457\r", SLOW_S)

    assert codes == []
    assert wedge.typist is Typist.PERSON


def test_a_scan_that_follows_typing_at_once_is_read_whole() -> None:
    wedge = Wedge()
    typed(wedge, "milk", SLOW_S, start_s=0.0)

    codes = typed(wedge, "40170725\r", FAST_S, start_s=1.0)

    assert codes == ["40170725"]


def test_a_pause_before_enter_makes_it_a_persons() -> None:
    wedge = Wedge()
    typed(wedge, "40170725", FAST_S, start_s=0.0)

    code = wedge.press("\r", 1.0)

    assert code is None


def test_two_scans_in_a_row_are_two_codes() -> None:
    wedge = Wedge()

    codes = typed(wedge, "40170725\r5901234123457\r", FAST_S)

    assert codes == ["40170725", "5901234123457"]


def test_a_bouncing_finger_is_no_code() -> None:
    wedge = Wedge()

    codes = typed(wedge, "aa\r", FAST_S)

    assert codes == []


def test_while_a_scanner_types_the_window_can_tell() -> None:
    wedge = Wedge()

    seen = [
        (typed(wedge, key, FAST_S, start_s=n * FAST_S), wedge.typist)[1]
        for n, key in enumerate("401")
    ]

    assert seen == [Typist.PERSON, Typist.SCANNER, Typist.SCANNER]


def test_element_strings_keep_their_separators() -> None:
    code = "]C10109000000000015" + "10LOT7\x1d21S99"

    assert typed(Wedge(), code + "\r", FAST_S) == [code]


def test_a_key_that_is_stuck_fills_no_memory() -> None:
    wedge = Wedge()

    codes = typed(wedge, "7" * 10 * LONGEST_CODE, 0.001)

    assert codes == []
    assert len(typed(wedge, "\r", 0.001, start_s=12.001)) <= 1


def test_a_clock_that_jumps_back_breaks_nothing() -> None:
    wedge = Wedge()
    typed(wedge, "4017", FAST_S, start_s=100.0)

    codes = typed(wedge, "40170725\r", FAST_S, start_s=5.0)

    assert codes == ["40170725"]


@given(
    code=st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=4, max_size=60),
    pace_s=st.floats(0.000_1, 0.04),
)
def test_every_code_comes_through_at_every_speed_of_a_scanner(code: str, pace_s: float) -> None:
    assert typed(Wedge(), code + "\r", pace_s) == [code]
