"""What a line of a log may say: fields of a list, nothing of what people send or own.

A field that is not on the list is left out, and the line says how many were.
"""

from __future__ import annotations

from collections.abc import Mapping
from traceback import walk_tb

FIELDS = frozenset(
    {
        # every line
        "time", "level", "logger", "event", "dropped",
        # a request
        "method", "route", "status", "ms", "caller", "request_id",
        # what something is about, by numbers and names of the shop's own
        "till_id", "store_id", "sequence", "count", "address", "workflow_id", "workflow_type",
        "activity_type", "attempt",
        # a mistake
        "error", "why", "where",
    }
)  # fmt: skip
LONGEST = 500
MOST_PLACES = 8

Plain = str | int | bool | None


def allowed(fields: Mapping[str, object]) -> dict[str, Plain]:
    """Keep what is on the list and plain, and count what is not as `dropped`."""
    line: dict[str, Plain] = {}
    for name, value in fields.items():
        if name in FIELDS and (value is None or isinstance(value, (str, int))):
            line[name] = shortened(value) if isinstance(value, str) else value
    dropped = len(fields) - len(line)
    return {**line, "dropped": dropped} if dropped else line


def shortened(text: str) -> str:
    """Cut a long text, which may be somebody's document rather than a sentence."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def told(error: BaseException) -> dict[str, Plain]:
    """Say what went wrong and where; of its words the first line, for values stand below it."""
    places = [
        f"{frame.f_code.co_name} {_tail(frame.f_code.co_filename)}:{number}"
        for frame, number in walk_tb(error.__traceback__)
    ]
    return {
        "error": type(error).__name__,
        "why": shortened(str(error).partition("\n")[0]),
        "where": " > ".join(places[-MOST_PLACES:]),
    }


def readable(line: Mapping[str, Plain]) -> str:
    """Write a line for a person at a terminal."""
    known = ("time", "level", "logger", "event")
    time = str(line.get("time", ""))[11:19]
    rest = " ".join(f"{name}={value}" for name, value in line.items() if name not in known)
    words = (time, str(line.get("level", "")).upper(), str(line.get("event", "")), rest)
    return " ".join(word for word in words if word)


def _tail(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-2:])
