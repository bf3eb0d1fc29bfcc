"""`models/schema.yml` read: which models there are, their columns, and what each one means."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_MODELS = files("analytics") / "models"
_MOST_SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its DuckDB type, one sentence, and what always holds for its values."""

    name: str
    type: str
    about: str
    required: bool = False
    not_negative: bool = False
    accepted: tuple[str, ...] = ()
    references: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """One view: its SQL, one sentence, and the columns that tell its rows apart."""

    name: str
    about: str
    unique: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def sql(self) -> str:
        """The view's query."""
        return (_MODELS / f"{self.name}.sql").read_text(encoding="utf-8").strip()


@cache
def models() -> tuple[Model, ...]:
    """Return every model, those that others build on first."""
    return parse_models((_MODELS / "schema.yml").read_text(encoding="utf-8"))


def parse_models(text: str) -> tuple[Model, ...]:
    """Read models from the text of a schema.yml."""
    return tuple(_model(name, written) for name, written in yaml.safe_load(text).items())


def _model(name: str, written: Mapping[str, Any]) -> Model:
    columns = tuple(_column(column) for column in written["columns"])
    return Model(name, written["about"], tuple(written["unique"]), columns)


def _column(written: Mapping[str, Any]) -> Column:
    checks = written.get("checks", [])
    named = {
        key: value for check in checks if isinstance(check, dict) for key, value in check.items()
    }
    return Column(
        name=written["name"],
        type=written["type"],
        about=written["about"],
        required="not_null" in checks,
        not_negative="not_negative" in checks,
        accepted=tuple(named.get("accepted", ())),
        references=named.get("references", ""),
    )


def nearest(word: str) -> tuple[str, ...]:
    """Return the documented names most like a word, models as `sales`, columns as `sales.total`."""
    names: dict[str, list[str]] = {}
    for model in models():
        names.setdefault(model.name, []).append(model.name)
        for column in model.columns:
            names.setdefault(column.name, []).append(f"{model.name}.{column.name}")
    close = difflib.get_close_matches(word.lower(), names, n=3, cutoff=0.5)
    return tuple(full for name in close for full in names[name])[:_MOST_SUGGESTIONS]
