"""A ledger that fails with a telling text, and what Temporal's database holds of it afterwards."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.canonical import content_hash
from domain.ledger import Outcome, Posted
from domain.sale import Sale

COMPLAINT = "Canary-in-a-failure"


class Complaining:
    """Fails four times, then posts."""

    def __init__(self) -> None:
        self.tries = 0

    @activity.defn
    def post_sale(self, sale: Sale) -> Posted:
        self.tries += 1
        if self.tries <= 4:
            raise ApplicationError(COMPLAINT)
        return Posted(sale.id, Outcome.RECORDED, content_hash(sale))


def stored_bytes(folder: Path) -> bytes:
    """All of the server's database: its file and the log that is not yet in it."""
    with sqlite3.connect(folder / "temporal.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return b"".join(path.read_bytes() for path in folder.glob("temporal.sqlite*"))
