"""Whether a sale may be posted in its till's name: a till with a key brings its sales signed.

What is posted in another way, even by somebody who holds the office's keys, finds no journal entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from activities.db.engine import Connection
from activities.db.tasks import NewTask, open_task
from domain.errors import DomainError
from domain.sale import Sale

KIND = "sale_unsigned"

MAY_BE_POSTED = """(
    NOT EXISTS (
        SELECT FROM tills t
        WHERE t.store_id = given.store_id AND t.id = given.till_id AND t.public_key <> '')
    OR EXISTS (
        SELECT FROM journal_entries j
        WHERE j.sale_id = given.id AND j.content_hash = given.content_hash
          AND j.store_id = given.store_id AND j.till_id = given.till_id)
)"""
"""A condition on a row `given` of a sale: its till has no key, or has signed this very sale."""


class UnsignedSale(DomainError):
    """A sale of a till that signs its own journal, which does not have it."""

    status = 403

    def __init__(self, sale: Sale) -> None:
        super().__init__(
            f"Sale {sale.receipt_number} ({sale.id}) of {sale.total} is not in the journal that "
            f"till {sale.till_id} signs, as far as the office has it. Nothing was posted."
        )


def refuse(connection: Connection, hashed: Sequence[tuple[Sale, str]]) -> dict[UUID, str]:
    """Say which of these sales, each with its content hash, lack their till's signature, and why.

    Each opens a task for somebody to find out where it came from.
    """
    if not hashed:
        return {}
    rows = [(sale.id, sale.store_id, sale.till_id, own) for sale, own in hashed]
    asked = zip(("ids", "stores", "tills", "hashes"), zip(*rows, strict=True), strict=True)
    found = connection.scalars(_UNSIGNED, {name: list(values) for name, values in asked}).all()
    unsigned = [sale for sale, _ in hashed if sale.id in found]
    for sale in unsigned:
        open_task(connection, _task(sale))
    return {sale.id: str(UnsignedSale(sale)) for sale in unsigned}


def _task(sale: Sale) -> NewTask:
    return NewTask(
        store_id=sale.store_id,
        kind=KIND,
        subject=str(sale.id),
        why=(
            f"{UnsignedSale(sale)} Find out which program gave it to Temporal. If the ledger has "
            "it by now, the till has signed it: an older backup took the office's place meanwhile."
        ),
        till_id=sale.till_id,
        amount=sale.total,
    )


_UNSIGNED = sa.text(f"""
    SELECT given.id
    FROM unnest(CAST(:ids AS uuid[]), CAST(:stores AS text[]), CAST(:tills AS text[]),
                CAST(:hashes AS text[])) AS given (id, store_id, till_id, content_hash)
    WHERE NOT {MAY_BE_POSTED}
""")  # noqa: S608 -- made of the condition above
