"""Every field that can be sent to the API has an end, and says so in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from offices import settings_for
from pydantic import TypeAdapter, ValidationError

from api.app import create_app
from api.bounds import LARGEST_NUMBER, LONGEST_TEXT, MOST_ITEMS, Bounds
from domain.journal import LARGEST_BODY, Entry

Schema = dict[str, Any]
BOUNDED_FORMATS = {"date", "date-time", "uuid", "time", "binary"}


@dataclass(frozen=True)
class Part:
    name: str
    count: int = 1


@dataclass(frozen=True)
class Whole:
    parts: tuple[Part, ...]
    notes: dict[str, str]
    other: Part | None = None
    body: str = ""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    folder = tmp_path_factory.mktemp("office")
    return create_app(settings_for(folder, "postgresql://nobody@/none", 1)).openapi()


def sent(document: Schema) -> Iterator[tuple[str, Schema]]:
    """The schema of everything that a request may hold, with where it stands."""
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            where = f"{method.upper()} {path}"
            for parameter in route.get("parameters", []):
                yield f"{where} {parameter['name']}", parameter["schema"]
            for kind, content in route.get("requestBody", {}).get("content", {}).items():
                yield f"{where} {kind}", content.get("schema", {})


def unbounded(document: Schema, where: str, schema: Schema, seen: set[str]) -> Iterator[str]:
    if reference := schema.get("$ref"):
        if reference in seen:
            return
        seen.add(reference)
        name = reference.rpartition("/")[2]
        yield from unbounded(
            document, f"{where} {name}", document["components"]["schemas"][name], seen
        )
        return
    for inner in [*schema.get("anyOf", []), *schema.get("allOf", []), *schema.get("oneOf", [])]:
        yield from unbounded(document, where, inner, seen)
    for name, inner in schema.get("properties", {}).items():
        yield from unbounded(document, f"{where}.{name}", inner, seen)
    yield from endless(document, where, schema, seen)


def endless(document: Schema, where: str, schema: Schema, seen: set[str]) -> Iterator[str]:
    kind = schema.get("type")
    if kind == "string":
        known = {"enum", "const", "maxLength"} & schema.keys()
        if not known and schema.get("format") not in BOUNDED_FORMATS:
            yield f"{where}: a text without an end"
    if kind in {"integer", "number"} and not {"minimum", "maximum"} <= schema.keys():
        yield f"{where}: a number without an end"
    if kind == "array":
        if "maxItems" not in schema:
            yield f"{where}: a list without an end"
        yield from unbounded(document, f"{where}[]", schema.get("items", {}), seen)
    if kind == "object" and "properties" not in schema and "maxProperties" not in schema:
        yield f"{where}: an object without an end"


def test_nothing_that_can_be_sent_is_without_an_end(document: Schema) -> None:
    found = [
        complaint
        for where, schema in sent(document)
        for complaint in unbounded(document, where, schema, set())
    ]

    assert found == []


def test_the_check_sees_every_kind_of_endlessness() -> None:
    schema = TypeAdapter(Whole).json_schema(ref_template="#/components/schemas/{model}")
    document = {"components": {"schemas": schema.pop("$defs")}}

    found = list(unbounded(document, "whole", schema, set()))

    assert sorted(complaint.partition(": ")[2] for complaint in found) == [
        "a list without an end",
        "a number without an end",
        "a text without an end",
        "a text without an end",
        "an object without an end",
    ]


WHOLE = TypeAdapter(Annotated[Whole, Bounds()])
PART = {"name": "tea", "count": 1}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"parts": [{**PART, "name": "x" * (LONGEST_TEXT + 1)}], "notes": {}}, "name"),
        ({"parts": [{**PART, "count": LARGEST_NUMBER + 1}], "notes": {}}, "count"),
        ({"parts": [{**PART, "count": -LARGEST_NUMBER - 2}], "notes": {}}, "count"),
        ({"parts": [PART] * (MOST_ITEMS + 1), "notes": {}}, "parts"),
        ({"parts": [], "notes": {"a": "x" * (LONGEST_TEXT + 1)}}, "a"),
        ({"parts": [], "notes": {str(n): "" for n in range(MOST_ITEMS + 1)}}, "notes"),
        ({"parts": [], "notes": {}, "other": {**PART, "name": "x" * 2_000}}, "name"),
        ({"parts": [], "notes": {}, "body": "x" * (LARGEST_BODY + 1)}, "body"),
    ],
)
def test_what_is_beyond_its_end_is_refused_by_the_name_of_its_field(
    document: Schema, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        WHOLE.validate_python(document)

    assert refused.value.errors()[0]["loc"][-1] == field


def test_what_is_within_its_ends_is_taken_as_it_is() -> None:
    given = {
        "parts": [{"name": "x" * LONGEST_TEXT, "count": LARGEST_NUMBER}] * 3,
        "notes": {"a": "b"},
        "body": "x" * (LONGEST_TEXT + 1),
    }

    assert WHOLE.validate_python(given) == TypeAdapter(Whole).validate_python(given)


def test_the_documents_of_the_domain_are_not_touched() -> None:
    long = "x" * (LONGEST_TEXT + 1)
    entry = {"till_id": long, "epoch": 1, "sequence": 1, "kind": "", "at": "2026-11-21T09:30:00Z"}
    rest = {"previous": "", "body": "", "hash": "", "signature": ""}

    assert TypeAdapter(Entry).validate_python({**entry, **rest}).till_id == long
    with pytest.raises(ValidationError):
        TypeAdapter(Annotated[Entry, Bounds()]).validate_python({**entry, **rest})
