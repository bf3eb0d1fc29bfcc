"""A log's line says what is on the list, and how much it left out."""

import pytest

from domain.logline import LONGEST, allowed, readable, told


def test_what_is_on_the_list_is_said() -> None:
    line = {"event": "request", "method": "GET", "status": 200, "ms": 3, "caller": None}

    assert allowed(line) == line


def test_anything_else_is_dropped_and_counted() -> None:
    line = allowed({"event": "request", "headers": {"authorization": "x"}, "body": "pin=739164"})

    assert line == {"event": "request", "dropped": 2}


@pytest.mark.parametrize("value", [["a"], {"pin": "739164"}, b"739164", object(), Exception("x")])
def test_what_is_no_plain_value_is_dropped_whatever_its_name(value: object) -> None:
    assert allowed({"event": "request", "caller": value}) == {"event": "request", "dropped": 1}


def test_a_long_text_is_cut() -> None:
    assert allowed({"event": "x" * 10_000}) == {"event": "x" * LONGEST + "…"}


def test_a_mistake_is_told_by_name_place_and_first_line() -> None:
    try:
        raise_one()
    except ValueError as error:
        line = told(error)

    assert line["error"] == "ValueError"
    assert line["why"] == "1 wrong field of Sale"
    assert str(line["where"]).startswith(
        "test_a_mistake_is_told_by_name_place_and_first_line domain/"
    )
    assert "raise_one domain/test_logline.py:" in str(line["where"])


def raise_one() -> None:
    raise ValueError("1 wrong field of Sale\n  input_value='739164'")


def test_a_line_can_be_read_by_a_person() -> None:
    line: dict[str, str | int | bool | None] = {
        "time": "2026-11-21T09:30:00.123456Z",
        "level": "error",
        "logger": "api",
        "event": "It broke.",
        "error": "ValueError",
        "status": 500,
    }

    assert readable(line) == "09:30:00 ERROR It broke. error=ValueError status=500"
    assert readable({"event": "Bare."}) == "Bare."
