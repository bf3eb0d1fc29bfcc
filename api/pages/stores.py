"""Stores: the first thing a new office needs; what they sell is loaded by a command."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Request, Response

from activities.db import queries, shop
from activities.db.checks import plain_id
from api.callers import Caller
from api.deps import Office, OpenOffice
from api.pages.browser import fields, page
from api.pages.render import done, draw
from domain.audit import Act
from domain.catalog import Shop, Store
from domain.errors import Conflict, DomainError
from domain.money import NotMoney, exponent
from domain.roles import Action

router = APIRouter(include_in_schema=False)
LONGEST_NAME = 100


class StoreExists(Conflict):
    """A short name that another store has."""

    field = "id"

    def __init__(self, store_id: str) -> None:
        super().__init__(f"There is a store {store_id!r} already. Choose another short name.")


class BadStore(DomainError):
    """A store that cannot be made as it was written."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@router.get("/stores", dependencies=[page(Action.MANAGE_STORES)])
def every_store(request: Request, office: OpenOffice) -> Response:
    """List the stores."""
    return _list(request, office)


@router.post("/stores")
def add(
    request: Request, office: OpenOffice, caller: Annotated[Caller, page(Action.MANAGE_STORES)]
) -> Response:
    """Add a store without goods, people or tills."""
    sent = {name: text.strip() for name, text in fields(request).items()}
    try:
        new = _store(sent)
        with office.database.begin() as connection:
            if new.id in {store.id for store in queries.stores(connection)}:
                raise StoreExists(new.id)
            shop.load_shop(connection, Shop(stores=(new,)))
            told = {"name": new.name, "currency": new.currency, "timezone": new.timezone}
            act = Act("store_added", new.id, new.id, after=told)
            office.acting(caller.actor).record(connection, act)
    except DomainError as error:
        return _list(request, office, error)
    return done("/stores")


def _store(sent: dict[str, str]) -> Store:
    name, zone = sent.get("name", ""), sent.get("timezone", "")
    plain_id("id", "The short name", sent.get("id", ""))
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadStore("name", f"The name needs 1 to {LONGEST_NAME} characters.")
    if zone not in available_timezones():
        raise BadStore("timezone", f"{zone!r} is no time zone; write one such as Europe/Berlin.")
    return Store(sent["id"], name, _currency(sent.get("currency", "").upper()), zone)


def _currency(code: str) -> str:
    try:
        exponent(code)
    except NotMoney as error:
        raise BadStore("currency", str(error)) from error
    return code


def _list(request: Request, office: Office, error: DomainError | None = None) -> Response:
    with office.database.begin() as connection:
        found = queries.stores(connection)
    return draw(request, "stores.html", error, stores=found)
