"""People at the tills: who they are, what they may do, their PINs and badges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Request, Response

from activities import secrets
from activities.db import people, queries
from activities.db.engine import Connection
from activities.db.people import AT_TILLS, Member
from api.callers import Caller
from api.deps import Office, OpenOffice
from api.pages.barcode import badge_picture
from api.pages.browser import fields, page
from api.pages.render import done, draw
from domain import pins
from domain.errors import DomainError
from domain.roles import Action, may_grant

router = APIRouter(include_in_schema=False)
_ACTIVE = "yes"

Manager = Annotated[Caller, page(Action.MANAGE_PEOPLE)]


@router.get("/people")
def everybody(
    request: Request, office: OpenOffice, caller: Annotated[Caller, page(Action.READ_PEOPLE)]
) -> Response:
    """List the people of the user's store, or of all."""
    with office.database.begin() as connection:
        found = people.members(connection, caller.store_id)
    return draw(request, "people.html", people=found)


@router.get("/people/new")
def ask(request: Request, office: OpenOffice, caller: Manager) -> Response:
    """Show the form for somebody new."""
    return _new(request, office, caller)


@router.post("/people/new")
def add(request: Request, office: OpenOffice, caller: Manager) -> Response:
    """Let somebody work at the tills of a store."""
    sent = fields(request)
    store_id, role = sent.get("store_id", ""), sent.get("role", "")
    new = Member(store_id, sent.get("id", ""), sent.get("name", ""), role)
    caller.insist_on_store(new.store_id)
    try:
        hashed = secrets.hash_pin(office.pepper.of_store(new.store_id), sent.get("pin", ""))
        with office.database.begin() as connection:
            people.add(connection, office.acting(caller.actor), new, hashed)
    except DomainError as error:
        return _new(request, office, caller, error)
    return done(f"/people/{new.store_id}/{new.id.strip()}")


@router.get("/people/{store_id}/{person_id}")
def one(
    store_id: str, person_id: str, request: Request, office: OpenOffice, caller: Manager
) -> Response:
    """Show one person."""
    return _one(request, office, caller, (store_id, person_id))


@router.post("/people/{store_id}/{person_id}")
def change(
    store_id: str, person_id: str, request: Request, office: OpenOffice, caller: Manager
) -> Response:
    """Change name and role, or whether the tills know the person at all."""
    sent = fields(request)
    active = sent.get("active") == _ACTIVE
    changed = Member(store_id, person_id, sent.get("name", ""), sent.get("role", ""), active)

    def changing(connection: Connection) -> None:
        people.change(connection, office.acting(caller.actor), changed)

    return _after(request, office, caller, (store_id, person_id), changing)


@router.post("/people/{store_id}/{person_id}/pin")
def set_pin(
    store_id: str, person_id: str, request: Request, office: OpenOffice, caller: Manager
) -> Response:
    """Give the person another PIN."""
    pin = fields(request).get("pin", "")

    def setting(connection: Connection) -> None:
        hashed = secrets.hash_pin(office.pepper.of_store(store_id), pin)
        whose = people.member(connection, store_id, person_id)
        people.set_pin(connection, office.acting(caller.actor), whose, hashed)

    return _after(request, office, caller, (store_id, person_id), setting)


@router.post("/people/{store_id}/{person_id}/badge")
def give_badge(
    store_id: str, person_id: str, request: Request, office: OpenOffice, caller: Manager
) -> Response:
    """Give the person another badge and show it this once, to be printed."""
    caller.insist_on_store(store_id)
    badge = secrets.new_badge()
    with office.database.begin() as connection:
        whose = people.member(connection, store_id, person_id)
        mark = pins.badge_mark(office.pepper.of_store(store_id), badge)
        people.set_badge(connection, office.acting(caller.actor), whose, mark)
    return draw(request, "badge.html", person=whose, badge=badge, picture=badge_picture(badge))


@router.post("/people/{store_id}/{person_id}/no-badge")
def take_badge(
    store_id: str, person_id: str, request: Request, office: OpenOffice, caller: Manager
) -> Response:
    """Let the person's badge open nothing any more."""

    def taking(connection: Connection) -> None:
        whose = people.member(connection, store_id, person_id)
        people.set_badge(connection, office.acting(caller.actor), whose, "")

    return _after(request, office, caller, (store_id, person_id), taking)


def _after(
    request: Request,
    office: Office,
    caller: Caller,
    place: tuple[str, str],
    act: Callable[[Connection], None],
) -> Response:
    """Do something about a person and show how they are now, or why it was not done."""
    caller.insist_on_store(place[0])
    try:
        with office.database.begin() as connection:
            act(connection)
    except DomainError as error:
        return _one(request, office, caller, place, error)
    return done(f"/people/{place[0]}/{place[1]}")


def _one(
    request: Request,
    office: Office,
    caller: Caller,
    place: tuple[str, str],
    error: DomainError | None = None,
) -> Response:
    caller.insist_on_store(place[0])
    with office.database.begin() as connection:
        person = people.member(connection, *place)
    return draw(request, "person.html", error, person=person, roles=_roles(caller))


def _new(
    request: Request, office: Office, caller: Caller, error: DomainError | None = None
) -> Response:
    with office.database.begin() as connection:
        stores = [one for one in queries.stores(connection) if caller.store_id in {None, one.id}]
    return draw(request, "person_new.html", error, stores=stores, roles=_roles(caller))


def _roles(caller: Caller) -> list[str]:
    return [role.value for role in AT_TILLS if may_grant(caller.role, role)]
