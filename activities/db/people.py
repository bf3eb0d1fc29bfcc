"""Who works at the tills of a store: added, changed, given PINs and badges, each act in the audit.

Every change raises the store's catalogue version, by which its tills hear of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from activities.db import shop
from activities.db.checks import insist_on_store, plain_id
from activities.db.engine import Connection
from activities.db.users import Acting, BadName
from domain.audit import Act
from domain.errors import Conflict, DomainError, NotFound
from domain.roles import Role

LONGEST_NAME = 100
AT_TILLS = (Role.CASHIER, Role.SUPERVISOR, Role.MANAGER)


class NoSuchPerson(NotFound):
    """Somebody whom the store does not know."""

    def __init__(self, store_id: str, person_id: str) -> None:
        super().__init__(f"Store {store_id!r} has nobody with the number {person_id!r}.")


class PersonExists(Conflict):
    """A number that somebody of the store has already."""

    field = "id"

    def __init__(self, person_id: str) -> None:
        super().__init__(f"The number {person_id!r} is taken in this store. Choose another one.")


class NoRoleAtTills(DomainError):
    """A role that has nothing to do at a till."""

    field = "role"

    def __init__(self, role: str) -> None:
        known = ", ".join(role.value for role in AT_TILLS)
        super().__init__(f"The role at tills is {role!r}, expected one of {known}.")


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a store's tills, as the office shows them."""

    store_id: str
    id: str
    name: str
    role: str
    active: bool = True
    has_pin: bool = False
    has_badge: bool = False


def members(connection: Connection, store_id: str | None) -> list[Member]:
    """Return the people of a store, or of all, those at work first."""
    rows = connection.execute(_MEMBERS, {"store_id": store_id, "id": None})
    return [Member(*row) for row in rows]


def member(connection: Connection, store_id: str, person_id: str) -> Member:
    """Return one person; raises `NoSuchPerson`."""
    row = connection.execute(_MEMBERS, {"store_id": store_id, "id": person_id}).first()
    if row is None:
        raise NoSuchPerson(store_id, person_id)
    return Member(*row)


def add(connection: Connection, acting: Acting, new: Member, pin_hash: str) -> None:
    """Let somebody work at a store's tills.

    Raises `PersonExists`, `BadName`, `BadId`, `NoSuchStore`, `NoRoleAtTills` or `MayNotGrant`.
    """
    _check(acting, new)
    plain_id("id", "The number", new.id)
    insist_on_store(connection, new.store_id)
    row = {**_row(new), "pin_hash": pin_hash}
    if not connection.execute(_ADD, row).rowcount:
        raise PersonExists(new.id)
    _changed(connection, acting, Act("person_added", new.id, new.store_id, after=_told(new)))


def change(connection: Connection, acting: Acting, changed: Member) -> None:
    """Give somebody another name or role, or take them out, or back.

    Raises `NoSuchPerson`, `BadName`, `NoRoleAtTills` or `MayNotGrant`.
    """
    before = member(connection, changed.store_id, changed.id)
    acting.insist_on_granting(before.role)
    _check(acting, changed)
    connection.execute(_CHANGE, _row(changed))
    if _told(before) != _told(changed):
        act = Act("person_changed", changed.id, changed.store_id, _told(before), _told(changed))
        _changed(connection, acting, act)


def set_pin(connection: Connection, acting: Acting, whose: Member, pin_hash: str) -> None:
    """Give somebody another PIN; a lock after wrong ones ends with the old one."""
    acting.insist_on_granting(whose.role)
    connection.execute(_SET_PIN, {**_row(whose), "pin_hash": pin_hash})
    _changed(connection, acting, Act("pin_set", whose.id, whose.store_id))


def set_badge(connection: Connection, acting: Acting, whose: Member, badge_mark: str) -> None:
    """Give somebody another badge, or none; the old one opens nothing any more."""
    acting.insist_on_granting(whose.role)
    done = "badge_set" if badge_mark else "badge_taken"
    connection.execute(_SET_BADGE, {**_row(whose), "badge_mark": badge_mark})
    _changed(connection, acting, Act(done, whose.id, whose.store_id))


def _check(acting: Acting, person: Member) -> None:
    if not 1 <= len(person.name.strip()) <= LONGEST_NAME:
        raise BadName("name", "Name")
    if not 1 <= len(person.id.strip()) <= LONGEST_NAME:
        raise BadName("id", "The number")
    if person.role not in AT_TILLS:
        raise NoRoleAtTills(person.role)
    acting.insist_on_granting(person.role)


def _changed(connection: Connection, acting: Acting, act: Act) -> None:
    shop.raise_version(connection, [act.store_id])
    acting.record(connection, act)


def _told(person: Member) -> dict[str, object]:
    return {"name": person.name, "role": str(person.role), "active": person.active}


def _row(person: Member) -> dict[str, object]:
    return {
        "store_id": person.store_id,
        "id": person.id.strip(),
        "name": person.name.strip(),
        "role": str(person.role),
        "active": person.active,
    }


_MEMBERS = sa.text("""
    SELECT store_id, id, name, role, active, pin_hash <> '' AS has_pin,
           badge_mark <> '' AS has_badge
    FROM people
    WHERE (CAST(:store_id AS text) IS NULL OR store_id = :store_id)
      AND (CAST(:id AS text) IS NULL OR id = :id)
    ORDER BY store_id, active DESC, id
""")
_ADD = sa.text("""
    INSERT INTO people (store_id, id, name, role, active, pin_hash)
    VALUES (:store_id, :id, :name, :role, :active, :pin_hash) ON CONFLICT DO NOTHING
""")
_CHANGE = sa.text("""
    UPDATE people SET name = :name, role = :role, active = :active
    WHERE store_id = :store_id AND id = :id
""")
_SET_PIN = sa.text("UPDATE people SET pin_hash = :pin_hash WHERE store_id = :store_id AND id = :id")
_SET_BADGE = sa.text(
    "UPDATE people SET badge_mark = :badge_mark WHERE store_id = :store_id AND id = :id"
)
