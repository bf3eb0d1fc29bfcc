"""The end of the audit, noted beside the office's key at each act, so that a cut-off end is seen.

A chain alone cannot tell that its last entries are gone. Whoever has the database does not have
this file; whoever has the key folder could sign an audit of their own anyway.
"""

from __future__ import annotations

import os
from pathlib import Path

from domain.audit import AuditEntry

Heads = frozenset[tuple[int, str]]
"""Sequence and hash of entries that were committed."""


def note(path: Path, entry: AuditEntry) -> None:
    """Add a line, on the disk when this returns; processes may add at the same time."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = f"{entry.sequence} {entry.hash}\n".encode("ascii")
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line)
        os.fsync(file)
    finally:
        os.close(file)


def noted(path: Path) -> Heads:
    """Return every head that was noted; a line that a power cut tore apart says nothing."""
    if not path.exists():
        return frozenset()
    lines = path.read_text(encoding="ascii", errors="replace").split("\n")[:-1]
    words = (line.split(" ") for line in lines)
    return frozenset((int(pair[0]), pair[1]) for pair in words if _is_head(pair))


def _is_head(words: list[str]) -> bool:
    return len(words) == len(("sequence", "hash")) and words[0].isdecimal() and len(words[1]) == 64  # noqa: PLR2004 -- SHA-256 in hex
