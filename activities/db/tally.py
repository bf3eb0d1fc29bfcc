"""How many sales the ledger holds per till, and what they came to."""

from __future__ import annotations

from activities.db.engine import Connection
from domain.reconcile import Tally


def ledger_tally(connection: Connection) -> tuple[Tally, ...]:
    """Count and add up the posted sales per till and currency, in order."""
    raise NotImplementedError
