"""Users of the office: who may log in here, in which role, for which store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Request, Response

from activities import secrets
from activities.db import queries, users
from activities.db.users import User
from api.callers import Caller
from api.deps import Office, OpenOffice
from api.pages.browser import fields, page
from api.pages.render import done, draw
from domain.errors import DomainError
from domain.roles import Action, Role

router = APIRouter(include_in_schema=False)

Admin = Annotated[Caller, page(Action.MANAGE_USERS)]
_ROLES = [role.value for role in Role if role is not Role.TILL]


class NoSuchRole(DomainError):
    """A word that is no role of a person."""

    field = "role"

    def __init__(self, role: str) -> None:
        super().__init__(f"The role is {role!r}, expected one of {', '.join(_ROLES)}.")


@router.get("/users", dependencies=[page(Action.MANAGE_USERS)])
def everybody(request: Request, office: OpenOffice) -> Response:
    """List who may log in here."""
    return _list(request, office)


@router.post("/users")
def add(request: Request, office: OpenOffice, caller: Admin) -> Response:
    """Let somebody log in: by a password, by the external issuer's word, or by both."""
    sent = fields(request)
    try:
        password, subject = sent.get("password", ""), sent.get("subject", "").strip()
        hashed = "" if subject and not password else _hashed(office, password)
        new = User(
            sent.get("id", ""), sent.get("name", ""), _role(sent), sent.get("store_id") or None
        )
        with office.database.begin() as connection:
            acting = office.acting(caller.actor)
            users.add(connection, acting, new, hashed)
            if subject:
                users.link(connection, acting, new.id, subject)
    except DomainError as error:
        return _list(request, office, error)
    return done("/users")


@router.post("/users/{user_id}")
def change(user_id: str, request: Request, office: OpenOffice, caller: Admin) -> Response:
    """Change role and store, let somebody in no more, give them another password or subject."""
    sent = fields(request)
    try:
        with office.database.begin() as connection:
            acting, before = office.acting(caller.actor), users.user(connection, user_id)
            store_id, active = sent.get("store_id") or None, sent.get("active") == "yes"
            changed = replace(before, role=_role(sent), store_id=store_id, active=active)
            users.change(connection, acting, changed)
            if password := sent.get("password"):
                users.set_password(connection, acting, user_id, _hashed(office, password))
            if "subject" in sent:
                users.link(connection, acting, user_id, sent["subject"].strip())
    except DomainError as error:
        return _list(request, office, error)
    return done("/users")


def _hashed(office: Office, password: str) -> str:
    return secrets.hash_password(office.pepper.office, password)


def _role(sent: Mapping[str, str]) -> Role:
    word = sent.get("role", "")
    if word not in _ROLES:
        raise NoSuchRole(word)
    return Role(word)


def _list(request: Request, office: Office, error: DomainError | None = None) -> Response:
    with office.database.begin() as connection:
        found, stores = users.users(connection), queries.stores(connection)
        subjects = users.subjects(connection)
    shown = {"users": found, "subjects": subjects, "stores": stores, "roles": _ROLES}
    return draw(request, "users.html", error, issuer=office.issuer_name, **shown)
