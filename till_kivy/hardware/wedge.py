"""A scanner that types like a keyboard, told from a person by how fast its keys follow."""

from __future__ import annotations

from enum import StrEnum

FASTEST_PERSON_S = 0.05
SHORTEST_CODE = 4
LONGEST_CODE = 200
ENTER = ("\r", "\n")


class Typist(StrEnum):
    """Who pressed the keys that were collected."""

    SCANNER = "scanner"
    PERSON = "person"


class Wedge:
    """Collects key strokes; a fast run of at least four that ends with Enter is a code.

    Hand every key to `press`. While `typist` says scanner, the keys belong to a code and should
    not reach a text field. Times are seconds of any steady clock.
    """

    def __init__(self, fastest_person_s: float = FASTEST_PERSON_S) -> None:
        self._limit_s = fastest_person_s
        self._keys = ""
        self._last_s: float | None = None

    @property
    def typist(self) -> Typist:
        """Who is typing, as far as can be told: a person until two keys came faster than one."""
        return Typist.SCANNER if len(self._keys) > 1 else Typist.PERSON

    def press(self, key: str, at_s: float) -> str | None:
        """Take one key; return the whole code when this key is the Enter that ends it."""
        fast = self._last_s is not None and 0 <= at_s - self._last_s <= self._limit_s
        self._last_s = at_s
        if key in ENTER:
            return self._end(fast=fast)
        self._keys = self._keys + key if fast else key
        if len(self._keys) > LONGEST_CODE:
            self._keys = ""
        return None

    def _end(self, *, fast: bool) -> str | None:
        code, self._keys, self._last_s = self._keys, "", None
        return code if fast and len(code) >= SHORTEST_CODE else None
