"""Posting sales: sale, lines, taxes, tenders, stock movements and ledger in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from activities.db.engine import Connection
from domain.ledger import Posted
from domain.sale import Sale


def post_sales(connection: Connection, sales: Sequence[Sale]) -> list[Posted]:
    """Post each sale once; the answers stand in the order of the sales given."""
    raise NotImplementedError


def post_backlog(
    connection: Connection, till_id: str, epoch: int, up_to: int, *, most: int = 500
) -> list[Posted]:
    """Post the till's oldest stored but unposted sales; an empty answer means that none is left.

    One call is one chunk: commit after each.
    """
    raise NotImplementedError


def recorded(connection: Connection, sale_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the content hash of each of these sales that is in the ledger."""
    raise NotImplementedError
