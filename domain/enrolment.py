"""The code that makes a device a till: three groups of four, as in `K7QM-4T9X-2HRP`."""

from __future__ import annotations

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O and U."""

GROUP = 4
GROUPS = 3
LENGTH = GROUP * GROUPS

# What people mix up is read as what was meant.
_MEANT = str.maketrans("ILO", "110")


def plain(typed: str) -> str:
    """Return what was typed without its separators, in the letters of codes where it can be."""
    return typed.upper().replace("-", "").replace(" ", "").translate(_MEANT)


def is_code(text: str) -> bool:
    """Tell whether a plain text has the form of a code."""
    return len(text) == LENGTH and set(text) <= set(LETTERS)


def grouped(text: str) -> tuple[str, ...]:
    """Divide a plain code, or the beginning of one, into its groups."""
    return tuple(text[start : start + GROUP] for start in range(0, LENGTH, GROUP))
