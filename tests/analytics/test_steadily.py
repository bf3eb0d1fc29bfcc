"""Asking while an export exchanges files: again after that, at once no to wrong SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from analytics import warehouse

EXCHANGED = "Invalid Input Error: TProtocolException: Invalid data"


class Asked:
    """Answers after some errors, and counts."""

    def __init__(self, *errors: str) -> None:
        self.errors = list(errors)
        self.times = 0

    def __call__(self, connection: duckdb.DuckDBPyConnection) -> int:
        self.times += 1
        if self.errors:
            raise duckdb.Error(self.errors.pop(0))
        [(answer,)] = connection.execute("SELECT count(*) FROM sales").fetchall()
        return int(answer)


@pytest.mark.parametrize(
    "said",
    [
        EXCHANGED,
        "don't know what type: \x0f",
        'IO Error: Cannot open file "2026-03-01.parquet": No such file or directory',
    ],
)
def test_a_file_exchanged_while_it_was_opened_is_asked_for_again(tmp_path: Path, said: str) -> None:
    asked = Asked(said, said)

    assert warehouse.steadily(tmp_path, asked) == 0
    assert asked.times == 3


def test_a_file_that_stays_unreadable_is_not_asked_for_for_ever(tmp_path: Path) -> None:
    asked = Asked(*[EXCHANGED] * 10)

    with pytest.raises(duckdb.Error, match="TProtocolException"):
        warehouse.steadily(tmp_path, asked)

    assert asked.times == 5


def test_a_wrong_question_is_asked_once(tmp_path: Path) -> None:
    asked = Asked("Binder Error: no such column")

    with pytest.raises(duckdb.Error, match="Binder"):
        warehouse.steadily(tmp_path, asked)

    assert asked.times == 1
