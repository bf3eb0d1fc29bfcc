"""What a till sends up (its journal) and what it gets down (its snapshot)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import Field, TypeAdapter
from starlette.concurrency import run_in_threadpool

from activities.db import forks, intake, leases, quarantine, queries
from activities.db.intake import Intake
from activities.db.queries import TillState
from api import posting
from api.bounds import LONGEST_NAME, Bounds, IdInPath
from api.callers import Caller, may
from api.deps import Office, OpenOffice
from api.problems import RESPONSES
from domain.catalog import Snapshot
from domain.journal import Acknowledgement, Entry, countersigned_text
from domain.ledger import Posted
from domain.roles import Action
from domain.sale import Sale
from workflows.client import WorkflowsAway
from workflows.steps import Backlog

LIVE_LIMIT = 20
"""So many sales get a workflow each; more are a backlog and share one."""

MOST_ENTRIES = 500
_SNAPSHOT = TypeAdapter(Snapshot)

router = APIRouter(prefix="/tills", tags=["tills"], responses=RESPONSES)


@dataclass(frozen=True, slots=True)
class Batch:
    """Journal entries in order; none at all asks how far the office is."""

    entries: Annotated[tuple[Entry, ...], Field(max_length=MOST_ENTRIES)]


SentBatch = Annotated[Batch, Bounds()]


@router.get("", summary="List the tills")
def tills(
    office: OpenOffice, caller: Annotated[Caller, may(Action.READ_TILLS)]
) -> tuple[TillState, ...]:
    """Every till of the caller's stores with the head of its journal and what it sold."""
    with office.database.begin() as connection:
        return queries.tills(connection, caller.store_id)


@router.post(
    "/{till_id}/journal",
    summary="Take journal entries in",
    dependencies=[may(Action.SEND_JOURNAL)],
)
async def take_in(till_id: IdInPath, batch: SentBatch, office: OpenOffice) -> Acknowledgement:
    """Verify, store and post; the answer covers what is in the ledger, countersigned.

    Entries that cannot be taken are listed in `refused` with the reason; the others are taken.
    """
    taken = await run_in_threadpool(_take_in, office, till_id, batch)
    if taken.waiting and not await _post_all(office, taken):
        # Asking again changes nothing, and tells which of the sales the ledger refused.
        taken = await run_in_threadpool(_take_in, office, till_id, batch)
        if taken.waiting:
            raise WorkflowsAway(f"sales of till {till_id} are not posted yet")
    signature = office.key.sign(countersigned_text(taken.head))
    return Acknowledgement(taken.head, signature, taken.refused, office.key.public_key)


@router.get(
    "/{till_id}/snapshot",
    summary="Hand out the till's catalogue",
    dependencies=[may(Action.READ_SNAPSHOT)],
    response_model=Snapshot,
    responses={HTTPStatus.NOT_MODIFIED: {"description": "The till has this version already."}},
)
def snapshot(
    till_id: IdInPath,
    office: OpenOffice,
    if_none_match: Annotated[str | None, Header(max_length=LONGEST_NAME)] = None,
) -> Response:
    """All that the till needs to sell alone, at today's prices; `ETag` is its version."""
    with office.database.begin() as connection:
        version = f'"{queries.snapshot_version(connection, till_id)}"'
        if if_none_match == version:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": version})
        found = queries.snapshot(connection, till_id)
    return Response(
        _SNAPSHOT.dump_json(found),
        media_type="application/json",
        headers={"ETag": f'"{found.version}"'},
    )


def _take_in(office: Office, till_id: str, batch: Batch) -> Intake:
    with office.database.begin() as connection:
        taken = intake.take_in(connection, till_id, batch.entries, most_sales=LIVE_LIMIT)
        leases.look_for_sales_without_lease(connection, taken, office.key.public_key)
        if taken.fork is not None:
            forks.freeze(connection, office.desk(), taken)
        return taken


async def _post_all(office: Office, taken: Intake) -> bool:
    """Post what waits; tell whether the ledger now has all of it."""
    if taken.waiting <= LIVE_LIMIT:
        posted = await posting.post_live(office, taken.sales)
        return await run_in_threadpool(_all_in_ledger, office, taken.sales, posted)
    head = taken.head
    backlog = Backlog(head.till_id, head.epoch, head.sequence)
    done = await posting.post_backlog(office, taken.store_id, backlog)
    return not (done.conflicts or done.refused)


def _all_in_ledger(office: Office, sales: Sequence[Sale], posted: Sequence[Posted]) -> bool:
    """Put what the ledger did not take into quarantine: a Checkout of long ago has not done so."""
    if all(one.in_ledger for one in posted):
        return True
    with office.database.begin() as connection:
        for pair in zip(sales, posted, strict=True):
            quarantine.keep_unposted(connection, *pair)
    return False
