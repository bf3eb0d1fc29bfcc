"""Sales for clients that are no tills: send one, read one."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from activities.db import quarantine, queries
from api import posting
from api.bounds import LONGEST_NAME, Bounds, IdInQuery
from api.callers import Caller, may
from api.deps import Office, OpenOffice
from api.problems import RESPONSES, Problem
from domain.errors import Conflict, DomainError
from domain.ledger import Outcome, Posted
from domain.roles import Action
from domain.sale import Sale, SaleConflict, check

router = APIRouter(prefix="/transactions", tags=["transactions"], responses=RESPONSES)


Reader = Annotated[Caller, may(Action.READ_SALES)]


class SaleRefused(DomainError):
    """A sale that the ledger's own rules do not let in."""

    def __init__(self, sale: Sale, why: str) -> None:
        super().__init__(f"Sale {sale.receipt_number} ({sale.id}) is refused: {why}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A sale that is in the ledger; `content_hash` is the SHA-256 of its canonical JSON."""

    id: UUID
    receipt_number: str
    content_hash: str
    state: str = "posted"


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Record a sale",
    responses={
        HTTPStatus.OK: {"model": Recorded, "description": "It was recorded before."},
        HTTPStatus.FORBIDDEN: {
            "model": Problem,
            "description": "The till signs its own journal; only the journal brings its sales.",
        },
        HTTPStatus.CONFLICT: {
            "model": Problem,
            "description": "Another sale has this id; what was sent is kept in quarantine.",
        },
    },
)
async def record(
    sale: Annotated[Sale, Bounds()],
    office: OpenOffice,
    response: Response,
    caller: Annotated[Caller, may(Action.RECORD_SALE)],
) -> Recorded:
    """Post the sale and answer once it is in the ledger; repeating it changes nothing.

    The audit says who sent it. The cashier must work in the store, or have when it was sold.
    """
    caller.insist_on_store(sale.store_id)
    check(sale)
    known = await posting.admitted(office, sale, caller.actor)
    posted = known or await posting.post(office, sale)
    await _insist(office, sale, posted)
    response.headers["Location"] = f"/api/v1/transactions/{sale.id}"
    if known:
        response.status_code = HTTPStatus.OK
    return Recorded(sale.id, sale.receipt_number, posted.content_hash)


@router.get("/{sale_id}", summary="Read a sale")
def read(sale_id: UUID, office: OpenOffice, caller: Reader) -> Sale:
    """The very document that was posted."""
    with office.database.begin() as connection:
        found = queries.sale(connection, sale_id)
    caller.insist_on_store(found.store_id)
    return found


@router.get("", summary="Find sales by receipt number")
def find(
    receipt_number: Annotated[
        str, Query(min_length=1, max_length=LONGEST_NAME, examples=["A1-000042"])
    ],
    office: OpenOffice,
    caller: Reader,
    store_id: IdInQuery | None = None,
) -> tuple[Sale, ...]:
    """At most one sale per store has the number."""
    if store_id is not None:
        caller.insist_on_store(store_id)
    with office.database.begin() as connection:
        return queries.sales_by_receipt(connection, receipt_number, store_id or caller.store_id)


async def _insist(office: Office, sale: Sale, posted: Posted) -> None:
    if posted.outcome is Outcome.CONFLICT:
        await run_in_threadpool(_keep_aside, office, sale)
        raise Conflict(posted.why) if posted.why else SaleConflict(sale.id)
    if posted.outcome is Outcome.REFUSED:
        raise SaleRefused(sale, posted.why)


def _keep_aside(office: Office, sale: Sale) -> None:
    with office.database.begin() as connection:
        quarantine.keep_sale(connection, sale)
