"""Posting through workflows, and what to answer when a workflow has ended long ago."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool

from activities.db import door, posting
from api.deps import Office
from domain.audit import Actor
from domain.canonical import content_hash
from domain.ledger import Outcome, Posted
from domain.sale import Sale
from workflows import ids
from workflows.attributes import Covered
from workflows.client import (
    BrokenOff,
    WorkflowsAway,
    commit_sale,
    reconcile,
)
from workflows.steps import Backlog, BacklogPosted

MOST_RUNS = 5
"""So often may a workflow have ended without its sale in the ledger before people must look."""


async def post_live(office: Office, sales: Sequence[Sale]) -> list[Posted]:
    """Post each sale by a Checkout of its own, one after the other as the till made them.

    Of two sales with one receipt number, the ledger then always has the first.
    """
    return [await post(office, sale) for sale in sales]


async def post(office: Office, sale: Sale) -> Posted:
    """Post one sale; the answer is about this very document, whoever else used its id.

    PostgreSQL has the last word: a workflow may have been broken off, may have posted another
    sale of the same id, may remember a sale that an older backup does not, or may have met such a
    backup that lacked the sale's journal entry.
    """
    workflow_id = ids.sale(sale.id)
    for _ in range(MOST_RUNS):
        try:
            word = await commit_sale(office.temporal, sale, workflow_id=workflow_id)
        except BrokenOff as broken:
            workflow_id = broken.next_id
        else:
            if _is_refusal_of(sale, word.said):
                return word.said
            workflow_id = word.next_id
        if known := await recorded(office, sale):
            return known
    raise WorkflowsAway(f"{MOST_RUNS} workflows of sale {sale.id} ended without posting it")


def _is_refusal_of(sale: Sale, said: Posted) -> bool:
    """Tell whether this very sale was refused for good; a missing signature may come yet."""
    for_good = said.outcome in {Outcome.CONFLICT, Outcome.REFUSED}
    return for_good and said.content_hash == content_hash(sale)


async def post_backlog(office: Office, store_id: str, backlog: Backlog) -> BacklogPosted:
    """Post all of a till's sales up to a head by one Reconciliation."""
    workflow_id = ids.reconcile(backlog)
    covered = await run_in_threadpool(_covered, office, backlog)
    for _ in range(MOST_RUNS):
        try:
            word = await reconcile(
                office.temporal, store_id, backlog, covered, workflow_id=workflow_id
            )
        except BrokenOff as broken:
            workflow_id = broken.next_id
            continue
        if not await run_in_threadpool(_is_waiting, office, backlog):
            return word.said
        workflow_id = word.next_id
    raise WorkflowsAway(f"{MOST_RUNS} runs of {ids.reconcile(backlog)} left sales unposted")


def _covered(office: Office, backlog: Backlog) -> Covered:
    with office.database.begin() as connection:
        found = posting.covered(connection, backlog.till_id, backlog.epoch, backlog.up_to)
    return Covered(*found)


def _is_waiting(office: Office, backlog: Backlog) -> bool:
    with office.database.begin() as connection:
        return bool(posting.unposted(connection, backlog.till_id, backlog.epoch, backlog.up_to, 1))


async def admitted(office: Office, sale: Sale, actor: Actor) -> Posted | None:
    """Return what the ledger has of a sale that came by the API, None when it may be posted.

    Who brings it is in the audit before the sale is on its way.
    """
    return await run_in_threadpool(_admitted, office, sale, actor)


def _admitted(office: Office, sale: Sale, actor: Actor) -> Posted | None:
    with office.database.begin() as connection:
        known = door.admitted(connection, sale)
        if known is None:
            door.note(connection, office.acting(actor), sale)
        return known


async def recorded(office: Office, sale: Sale) -> Posted | None:
    """Ask the ledger itself about a sale."""
    return await run_in_threadpool(_recorded, office, sale)


def _recorded(office: Office, sale: Sale) -> Posted | None:
    with office.database.begin() as connection:
        known = posting.recorded(connection, [sale.id]).get(sale.id)
    if known is None:
        return None
    outcome = Outcome.ALREADY if known == content_hash(sale) else Outcome.CONFLICT
    return Posted(sale.id, outcome, known)
