"""A code is read however it was typed, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.enrolment import LENGTH, LETTERS, grouped, is_code, plain

CODES = st.text(LETTERS, min_size=LENGTH, max_size=LENGTH)


@given(CODES)
def test_a_code_is_the_same_with_and_without_its_separators_and_in_small_letters(code: str) -> None:
    assert is_code(code)
    for typed in ("-".join(grouped(code)), " ".join(grouped(code)), code.lower()):
        assert plain(typed) == code


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    assert plain("kilo-OILK") == "K1100 11K".replace(" ", "")


@pytest.mark.parametrize(
    "text", ["", "K7QM", "K7QM4T9X2HR", "K7QM4T9X2HRPX", "K7QM4T9X2HRU", "K7QM-4T9X2HR"]
)
def test_what_is_too_short_or_long_or_has_another_letter_is_no_code(text: str) -> None:
    assert not is_code(text)


def test_the_beginning_of_a_code_has_its_three_groups_too() -> None:
    assert grouped("K7QM4") == ("K7QM", "4", "")
