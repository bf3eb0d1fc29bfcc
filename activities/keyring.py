"""The ring of payload keys: the newest writes, all of them read, and no program is restarted.

A key lies in the folder before anything is written with it, and a program that meets a key it
does not know looks into the folder again. So nobody reads what was written with a key too late;
`writes_from` gives a folder that is copied between machines the time that this takes.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from activities.keys import PayloadKey
from workflows.codec import PayloadKeys

_SETTLED_NS = 1_000_000_000
"""A folder changed more recently may change again without its time being another one."""


class PayloadRing:
    """The first key's file and those of its successors beside it; a `workflows.codec.KeyRing`."""

    def __init__(self, first: Path) -> None:
        self._first = first
        self._keys: list[PayloadKey] = []
        self._seen_ns = -1
        self._read()

    def now(self, needed: str = "") -> PayloadKeys:
        """Return the keys of this moment, after another look when `needed` is not known yet."""
        known = {key.id for key in self._keys}
        if (needed and needed not in known) or self._changed_ns() != self._seen_ns:
            self._read()
        at = time.time()
        # Sorted by when they begin to write; the first key of an office has always written.
        writing = [key for key in self._keys if key.writes_from <= at] or self._keys[:1]
        return PayloadKeys(writing[-1].id, {key.id: key.secret for key in self._keys})

    def _read(self) -> None:
        first = PayloadKey.at(self._first)
        before = self._changed_ns()
        others = [
            PayloadKey.at(path) for path in sorted(self._first.parent.glob(_others(self._first)))
        ]
        # Of keys that began at the same time, the first file's is the one that writes.
        self._keys = sorted([*others, first], key=lambda key: key.writes_from)
        settled = time.time_ns() - before > _SETTLED_NS
        self._seen_ns = before if settled else -1

    def _changed_ns(self) -> int:
        return self._first.parent.stat().st_mtime_ns


def rotate(first: Path, after_s: float) -> PayloadKey:
    """Add a key that begins to write in `after_s` seconds; every other one still reads."""
    stem, _, kind = first.name.partition(".")
    begins = time.time() + after_s
    name = f"{stem}-{int(begins)}-{secrets.token_hex(2)}.{kind}"
    return PayloadKey.at(first.with_name(name), begins)


def _others(first: Path) -> str:
    stem, _, kind = first.name.partition(".")
    return f"{stem}-*.{kind}"
