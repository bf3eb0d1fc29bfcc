"""Who keeps which promise of `workflows/steps.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from activities.db.engine import Database
from activities.export import Exporter
from activities.ledger import Ledger


def bodies(database: Database, export_dir: Path) -> Sequence[Callable[..., Any]]:
    """Return the body of every step promised in `workflows/steps.py`."""
    ledger, exporter = Ledger(database), Exporter(database, export_dir)
    return (
        ledger.post_sale,
        ledger.post_backlog,
        exporter.days_to_export,
        exporter.export_chunk,
    )
