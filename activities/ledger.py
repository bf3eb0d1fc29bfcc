"""The bodies of the steps that write the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from temporalio import activity

from activities.db import posting
from activities.db.engine import Database
from domain.ledger import Outcome, Posted
from domain.sale import Sale
from workflows.steps import Backlog, BacklogPosted

CHUNK = 500
MOST_CHUNKS = 20
"""A call ends after 10,000 sales, so that the workflow can tell how far it is."""


class Ledger:
    """Posts sales into the office's PostgreSQL; one call or one chunk is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    def post_sale(self, sale: Sale) -> Posted:
        """Record a sale with stock and postings in one transaction, or say why not."""
        with self._database.begin() as connection:
            return posting.post_sales(connection, [sale])[0]

    @activity.defn
    def post_backlog(self, backlog: Backlog) -> BacklogPosted:
        """Record a till's stored but unposted sales in chunks, oldest first."""
        outcomes: Counter[Outcome] = Counter()
        more = True
        for _ in range(MOST_CHUNKS):
            chunk = self._post_chunk(backlog)
            outcomes.update(posted.outcome for posted in chunk)
            activity.heartbeat(_counted(outcomes))
            more = len(chunk) == CHUNK
            if not more:
                break
        return _counted(outcomes, more=more)

    def _post_chunk(self, backlog: Backlog) -> Sequence[Posted]:
        with self._database.begin() as connection:
            return posting.post_backlog(
                connection, backlog.till_id, backlog.epoch, backlog.up_to, most=CHUNK
            )


def _counted(outcomes: Counter[Outcome], *, more: bool = False) -> BacklogPosted:
    return BacklogPosted(
        recorded=outcomes[Outcome.RECORDED],
        already=outcomes[Outcome.ALREADY],
        conflicts=outcomes[Outcome.CONFLICT],
        refused=outcomes[Outcome.REFUSED],
        more=more,
    )
