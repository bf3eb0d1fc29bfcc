"""The stores of the shop, and what the ledger holds of their tills."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from activities.db import queries
from activities.db.tally import ledger_tally
from api.callers import Caller, may
from api.deps import OpenOffice
from api.problems import RESPONSES
from domain.catalog import Store
from domain.reconcile import Tally
from domain.roles import Action

router = APIRouter(tags=["stores"], responses=RESPONSES)


@router.get("/stores", summary="List the stores")
def stores(
    office: OpenOffice, caller: Annotated[Caller, may(Action.READ_STORES)]
) -> tuple[Store, ...]:
    """Every store that the caller works for, in the order of its id."""
    with office.database.begin() as connection:
        return queries.stores(connection, caller.store_id)


@router.get("/tally", summary="Count the ledger")
def tally(
    office: OpenOffice, caller: Annotated[Caller, may(Action.READ_SALES)]
) -> tuple[Tally, ...]:
    """How many sales the ledger holds per till and currency, and what they came to."""
    with office.database.begin() as connection:
        return ledger_tally(connection, caller.store_id)
