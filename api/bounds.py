"""Limits for every field of what is sent: no text, list or number without an end.

The documents are those of `domain`, which knows nothing of the outside; so their limits are set
here, where they come in, and stand in the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from domain.journal import LARGEST_BODY

LONGEST_NAME = 100
LONGEST_TEXT = 1_000
MOST_ITEMS = 10_000
LARGEST_NUMBER = 2**63 - 1
"""What a column of PostgreSQL holds."""

IdInPath = Annotated[str, Path(max_length=LONGEST_NAME)]
IdInQuery = Annotated[str, Query(min_length=1, max_length=LONGEST_NAME)]

_LONGER = {"body": LARGEST_BODY}
"""An entry's body is a whole document as text."""


@dataclass(frozen=True)
class Bounds:
    """Marks a document as it comes in: `Annotated[Sale, Bounds()]`."""

    def __get_pydantic_core_schema__(
        self,
        source: Any,  # noqa: ANN401 -- pydantic's own
        handler: GetCoreSchemaHandler,
    ) -> CoreSchema:
        """Limit whatever pydantic has found in the document and has no limit yet."""
        schema = handler(source)
        _limit(schema, handler.resolve_ref_schema, set())
        return schema


Resolve = Callable[[CoreSchema], CoreSchema]


def _limit(schema: Any, resolve: Resolve, seen: set[str], name: str = "") -> None:  # noqa: ANN401 -- pydantic's schemas are dicts of many forms
    kind = schema.get("type")
    if kind == "definition-ref":
        if schema["schema_ref"] in seen:
            return
        seen.add(schema["schema_ref"])
        schema = resolve(schema)
    elif kind == "str":
        schema.setdefault("max_length", _LONGER.get(name, LONGEST_TEXT))
    elif kind == "int":
        schema.setdefault("ge", -LARGEST_NUMBER - 1)
        schema.setdefault("le", LARGEST_NUMBER)
    elif kind in {"list", "tuple", "dict"}:
        schema.setdefault("max_length", MOST_ITEMS)
    for part, inner_name in _parts(schema):
        _limit(part, resolve, seen, inner_name or name)


def _parts(schema: Any) -> list[tuple[Any, str]]:  # noqa: ANN401 -- as above
    """Return the schemas inside a schema, each with the name of the field that it is of."""
    inside = [value for key, value in schema.items() if key not in {"metadata", "serialization"}]
    flat = [one for value in inside for one in (value if isinstance(value, list) else [value])]
    return [(one, one.get("name", "")) for one in flat if isinstance(one, dict)]
