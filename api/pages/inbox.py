"""The inbox: what waits for a person's decision, the oldest first."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from activities.db import tasks
from api.callers import Caller
from api.deps import OpenOffice
from api.pages.browser import fields, page
from api.pages.render import done, draw
from domain.errors import DomainError
from domain.roles import Action

router = APIRouter(include_in_schema=False)


@router.get("/inbox")
def inbox(
    request: Request, office: OpenOffice, caller: Annotated[Caller, page(Action.READ_TASKS)]
) -> Response:
    """Show what is open in the user's store, or in all."""
    return _drawn(request, office, caller)


@router.post("/inbox/{store_id}/{task_id}")
def resolve(
    store_id: str,
    task_id: UUID,
    request: Request,
    office: OpenOffice,
    caller: Annotated[Caller, page(Action.RESOLVE_TASKS)],
) -> Response:
    """Write down what was decided."""
    caller.insist_on_store(store_id)
    resolution = fields(request).get("resolution", "")
    try:
        with office.database.begin() as connection:
            tasks.resolve(connection, office.acting(caller.actor), (store_id, task_id), resolution)
    except DomainError as error:
        return _drawn(request, office, caller, error)
    return done("/inbox")


def _drawn(
    request: Request, office: OpenOffice, caller: Caller, error: DomainError | None = None
) -> Response:
    with office.database.begin() as connection:
        found = tasks.open_tasks(connection, caller.store_id)
    return draw(request, "inbox.html", error, tasks=found)
