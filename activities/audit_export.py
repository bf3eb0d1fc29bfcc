"""The audit for outsiders: every entry with its hash and signature, one a line.

JSON Lines: a line is the canonical JSON of the entry; without `hash` and `signature` it is the very
text that was sealed. CSV: the same fields by name.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TextIO

from domain.audit import AuditEntry
from domain.canonical import canonical, utc_text

COLUMNS = tuple(field.name for field in fields(AuditEntry))


class Form(StrEnum):
    """How the audit is written."""

    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Exported:
    """How many entries were written, and the hash of the last."""

    entries: int
    last: str


def write(entries: Iterable[AuditEntry], form: Form, out: TextIO) -> Exported:
    """Write all entries in order."""
    rows = csv.writer(out)
    if form is Form.CSV:
        rows.writerow(COLUMNS)
    written = Exported(0, "")
    for entry in entries:
        if form is Form.CSV:
            rows.writerow(_row(entry))
        else:
            out.write(f"{canonical(entry)}\n")
        written = Exported(written.entries + 1, entry.hash)
    return written


def _row(entry: AuditEntry) -> list[str]:
    values = {name: str(getattr(entry, name)) for name in COLUMNS}
    return list((values | {"at": utc_text(entry.at)}).values())
