"""One way of writing a document, so that equal documents have equal bytes and equal hashes.

Integers, strings, booleans, null, arrays and objects with sorted keys, no white space, UTF-8
(a subset of RFC 8785). Fields that hold their default are left out, so that a document keeps
its hash when a later version of its type gains a field.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any
from uuid import UUID

YEARS = range(1970, 2200)
"""What a clock of a shop may show; far from where UTC and local time leave the calendar."""

_PLAIN = (str, int, type(None))


class NotCanonical(TypeError):
    """A value that has no canonical form, such as a float."""

    def __init__(self, value: object) -> None:
        super().__init__(f"{value!r} of type {type(value).__name__} has no canonical form.")


def canonical(document: object) -> str:
    """Write a dataclass, or anything made of plain values, as canonical JSON text."""
    return json.dumps(
        _plain(document), ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    )


def content_hash(document: object) -> str:
    """Return the SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def _plain(value: object) -> Any:  # noqa: ANN401 -- JSON has no better type
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (UUID, dt.date)):
        return _text(value)
    if hasattr(value, "__dataclass_fields__"):
        return _object(value)
    raise NotCanonical(value)


def _text(value: UUID | dt.date) -> str:
    if isinstance(value, UUID):
        return str(value)
    return utc_text(value) if isinstance(value, dt.datetime) else value.isoformat()


def utc_text(moment: dt.datetime) -> str:
    """Write a moment in UTC with six decimals, as in `2026-11-21T09:30:00.000000Z`."""
    if moment.utcoffset() is None:
        raise NotCanonical(moment)
    plain = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return f"{plain.isoformat(timespec='microseconds')}Z"


def _object(document: object) -> dict[str, Any]:
    plain = {}
    for field in _fields(type(document)):  # type: ignore[arg-type]  # a class can be hashed
        value = getattr(document, field.name)
        if field.default is MISSING or value != field.default:
            plain[field.name] = _plain(value)
    return plain


@cache
def _fields(kind: type) -> tuple[Field[Any], ...]:
    return fields(kind)
