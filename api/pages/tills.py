"""Tills: how each of them stands, and what lets a device become one or stop being one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from activities.db import queries, shop, standing
from activities.db.checks import insist_on_store, plain_id
from api.callers import Caller
from api.deps import Office, OpenOffice
from api.pages.browser import fields, page
from api.pages.render import done, draw
from domain.audit import Act
from domain.catalog import Till
from domain.errors import DomainError
from domain.lease import Standing
from domain.roles import Action

router = APIRouter(include_in_schema=False)

Reader = Annotated[Caller, page(Action.READ_TILLS)]
Manager = Annotated[Caller, page(Action.MANAGE_TILLS)]


class NoReason(DomainError):
    """A till that is stopped or let go on without saying why."""

    field = "why"

    def __init__(self) -> None:
        super().__init__("Say in a sentence why. Nothing was changed.")


@router.get("/tills")
def all_tills(request: Request, office: OpenOffice, caller: Reader) -> Response:
    """List the tills of the user's store, or of all."""
    return _list(request, office, caller)


@router.post("/tills")
def add(request: Request, office: OpenOffice, caller: Manager) -> Response:
    """Add a till that no device is yet."""
    sent = {name: text.strip() for name, text in fields(request).items()}
    new = Till(sent.get("id", ""), sent.get("store_id", ""), sent.get("series", ""))
    caller.insist_on_store(new.store_id)
    try:
        plain_id("id", "The name", new.id)
        plain_id("series", "The beginning of receipt numbers", new.series)
        with office.database.begin() as connection:
            insist_on_store(connection, new.store_id)
            shop.add_till(connection, new)
            act = Act("till_added", new.id, new.store_id, after={"series": new.series})
            office.acting(caller.actor).record(connection, act)
    except DomainError as error:
        return _list(request, office, caller, error)
    return done(f"/tills/{new.id}")


@router.get("/tills/{till_id}")
def one(till_id: str, request: Request, office: OpenOffice, caller: Reader) -> Response:
    """Show one till."""
    return _one(request, office, caller, till_id)


@router.post("/tills/{till_id}/code")
def make_code(till_id: str, request: Request, office: OpenOffice, caller: Manager) -> Response:
    """Make an enrolment code and show it this once."""
    try:
        with office.database.begin() as connection:
            caller.insist_on_store(queries.store_of_till(connection, till_id))
            code = standing.make_code(connection, office.desk(), caller.actor, till_id)
    except DomainError as error:
        return _one(request, office, caller, till_id, error)
    return draw(request, "code.html", code=code, minutes=standing.CODE_LASTS.seconds // 60)


@router.post("/tills/{till_id}/standing")
def stand(till_id: str, request: Request, office: OpenOffice, caller: Manager) -> Response:
    """Revoke a till, or let it trade again; it hears of it on its next request."""
    sent = fields(request)
    why = sent.get("why", "").strip()
    wanted = Standing.TRADING if sent.get("standing") == Standing.TRADING else Standing.REVOKED
    try:
        if not why:
            raise NoReason
        with office.database.begin() as connection:
            caller.insist_on_store(queries.store_of_till(connection, till_id))
            standing.change(connection, office.desk(), caller.actor, till_id, (wanted, why))
    except DomainError as error:
        return _one(request, office, caller, till_id, error)
    return done(f"/tills/{till_id}")


def _list(
    request: Request, office: Office, caller: Caller, error: DomainError | None = None
) -> Response:
    with office.database.begin() as connection:
        tills = queries.tills(connection, caller.store_id)
        stores = [one for one in queries.stores(connection) if caller.store_id in {None, one.id}]
    return draw(request, "tills.html", error, tills=tills, stores=stores)


def _one(
    request: Request,
    office: Office,
    caller: Caller,
    till_id: str,
    error: DomainError | None = None,
) -> Response:
    with office.database.begin() as connection:
        caller.insist_on_store(queries.store_of_till(connection, till_id))
        found = next(one for one in queries.tills(connection) if one.till.id == till_id)
    return draw(request, "till.html", error, state=found)
