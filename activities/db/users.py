"""Who may log in at the office: by a password, or by an external issuer's word.

A password is looked at in two steps, so that the try is counted and committed before: first
`count_try`, then, when the password was right, `forgive`. What changes a user is in the audit.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from activities.db import audit
from activities.db.checks import insist_on_store, plain_id
from activities.db.engine import Connection
from domain.audit import Act, Actor
from domain.errors import Conflict, DomainError, NotFound
from domain.journal import Signer
from domain.pins import LOCKED_FOR, MOST_TRIES
from domain.roles import Role, may_grant

LONGEST_NAME = 100
WHOLE_SHOP = frozenset({Role.ADMIN, Role.OPS})
"""Who works for every store, always: users, stores and the audit are nobody's alone."""


class NoSuchUser(NotFound):
    """A log-in name that nobody has."""

    def __init__(self, user_id: str) -> None:
        super().__init__(f"There is no user {user_id!r}.")


class UserExists(Conflict):
    """A log-in name that somebody has already."""

    field = "id"

    def __init__(self, user_id: str) -> None:
        super().__init__(f"There is a user {user_id!r} already. Choose another log-in name.")


class BadName(DomainError):
    """A name that is empty or too long."""

    def __init__(self, field: str, what: str) -> None:
        self.field = field
        super().__init__(f"{what} needs 1 to {LONGEST_NAME} characters. Nothing was changed.")


class LastAdmin(Conflict):
    """An administrator without whom nobody could let others in."""

    def __init__(self, user_id: str) -> None:
        super().__init__(
            f"{user_id} is the last admin: make another one first. Nothing was changed."
        )


class WholeShop(DomainError):
    """An admin or ops for one store alone, which neither can be."""

    field = "store_id"

    def __init__(self, role: Role) -> None:
        super().__init__(
            f"The role {role} is for every store, always: choose every store, or another role. "
            "Nothing was changed."
        )


class SubjectTaken(Conflict):
    """Somebody at the external issuer who is another user here."""

    field = "subject"

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject!r} is linked to another user already. Nothing was changed.")


class MayNotGrant(DomainError):
    """A role that somebody may neither give nor take."""

    status = 403
    field = "role"

    def __init__(self, actor: Actor, role: str) -> None:
        super().__init__(
            f"The role {actor.role} may not make or change a {role}. Nothing was changed."
        )


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, and what the audit is signed with."""

    signer: Signer
    actor: Actor

    def record(self, connection: Connection, act: Act) -> None:
        """Write the act into the audit."""
        audit.record(connection, self.signer, self.actor, act)

    def insist_on_granting(self, *roles: str) -> None:
        """Raise `MayNotGrant` unless the actor may give and take each of these roles."""
        for role in roles:
            if not may_grant(self.actor.role, role):
                raise MayNotGrant(self.actor, role)


@dataclass(frozen=True, slots=True)
class User:
    """A user as others see them; `store_id` None is every store, `person_id` the one at tills."""

    id: str
    name: str
    role: Role
    store_id: str | None = None
    person_id: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Try:
    """What a password is to be held against; while `locked` it is not to be looked at."""

    user: User
    password_hash: str
    locked_until: dt.datetime | None


def has_admin(connection: Connection) -> bool:
    """Tell whether anybody can let others in."""
    return bool(connection.scalar(_HAS_ADMIN, {"but": ""}))


def users(connection: Connection, store_id: str | None = None) -> list[User]:
    """Return the users of a store, or all of them, by their log-in names."""
    return [_user(row) for row in connection.execute(_USERS, {"store_id": store_id})]


def user(connection: Connection, user_id: str) -> User:
    """Return one user; raises `NoSuchUser`."""
    row = connection.execute(_ONE, {"id": user_id.lower()}).first()
    if row is None:
        raise NoSuchUser(user_id)
    return _user(row)


def user_of_subject(connection: Connection, subject: str) -> User | None:
    """Return whom the external issuer means, None for a stranger."""
    row = connection.execute(_OF_SUBJECT, {"subject": subject}).first()
    return None if row is None or not row.active else _user(row)


def add(connection: Connection, acting: Acting, new: User, password_hash: str = "") -> None:
    """Make a user; without a password only the external issuer can let them in.

    Raises `UserExists`, `BadName`, `BadId`, `NoSuchStore`, `WholeShop` or `MayNotGrant`.
    """
    acting.insist_on_granting(new.role)
    user_id = plain_id("id", "The log-in name", _named("id", "The log-in name", new.id)).lower()
    new = replace(new, id=user_id, name=_named("name", "Name", new.name))
    _insist_on_store(connection, new)
    row = {**_row(new), "password_hash": password_hash}
    if not connection.execute(_ADD, row).rowcount:
        raise UserExists(new.id)
    acting.record(connection, Act("user_added", new.id, new.store_id or "", after=new))


def change(connection: Connection, acting: Acting, changed: User) -> None:
    """Give a user another name, role, store, or take them out; their log-ins end when they are.

    Raises `NoSuchUser`, `BadName`, `NoSuchStore`, `WholeShop`, `LastAdmin` or `MayNotGrant`.
    """
    before = user(connection, changed.id)
    acting.insist_on_granting(before.role, changed.role)
    changed = replace(changed, name=_named("name", "Name", changed.name))
    _insist_on_store(connection, changed)
    was_admin = before.active and before.role is Role.ADMIN
    stays_admin = changed.active and changed.role is Role.ADMIN
    if was_admin and not stays_admin:
        _insist_on_another_admin(connection, before.id)
    connection.execute(_CHANGE, _row(changed))
    if changed.active is False:
        _end_log_ins(connection, changed.id)
    if before != changed:
        act = Act("user_changed", changed.id, changed.store_id or "", before, changed)
        acting.record(connection, act)


def set_password(connection: Connection, acting: Acting, user_id: str, password_hash: str) -> None:
    """Give a user another password; all of their log-ins end. Raises `NoSuchUser`."""
    found = user(connection, user_id)
    if acting.actor.id != found.id:
        acting.insist_on_granting(found.role)
    connection.execute(_SET_PASSWORD, {"id": found.id, "hash": password_hash})
    _end_log_ins(connection, found.id)
    acting.record(connection, Act("password_set", found.id, found.store_id or ""))


def subjects(connection: Connection) -> dict[str, str]:
    """Return who each user is for the external issuer; who is not linked is not in it."""
    return {row.id: row.issuer_subject for row in connection.execute(_SUBJECTS)}


def link(connection: Connection, acting: Acting, user_id: str, subject: str) -> None:
    """Say who a user is for the external issuer, empty for nobody.

    Whom the issuer let in as somebody else until now is logged out. Raises `NoSuchUser`,
    `BadName`, `SubjectTaken` or `MayNotGrant`.
    """
    found = user(connection, user_id)
    acting.insist_on_granting(found.role)
    before = subjects(connection).get(found.id, "")
    if subject == before:
        return
    if subject:
        _named("subject", "The subject", subject)
    try:
        with connection.begin_nested():
            connection.execute(_LINK, {"id": found.id, "subject": subject})
    except IntegrityError as error:
        raise SubjectTaken(subject) from error
    if before:
        _end_log_ins(connection, found.id)
    told = ({"subject": before}, {"subject": subject})
    acting.record(connection, Act("user_linked", found.id, found.store_id or "", *told))


def count_try(connection: Connection, user_id: str, at: dt.datetime) -> Try | None:
    """Count that a password is about to be looked at, None for a name that nobody has.

    Commit before looking. After `MOST_TRIES` without a right one the user is locked for
    `LOCKED_FOR`; then they have as many tries again.
    """
    asked = {"id": user_id.lower(), "at": at, "most": MOST_TRIES, "locked_for": LOCKED_FOR}
    row = connection.execute(_COUNT_TRY, asked).first()
    if row is None:
        return None
    return Try(_user(row), row.password_hash, row.was_locked_until)


def forgive(connection: Connection, user_id: str) -> None:
    """Begin to count from nothing: the password was right."""
    connection.execute(_FORGIVE, {"id": user_id})


def _insist_on_store(connection: Connection, of: User) -> None:
    if of.store_id is None:
        return
    if of.role in WHOLE_SHOP:
        raise WholeShop(of.role)
    insist_on_store(connection, of.store_id)


def _insist_on_another_admin(connection: Connection, user_id: str) -> None:
    """Raise `LastAdmin` unless there is one; two who take each other out follow on each other."""
    connection.execute(_LOCK_ADMINS)
    if not connection.scalar(_HAS_ADMIN, {"but": user_id}):
        raise LastAdmin(user_id)


def _end_log_ins(connection: Connection, user_id: str) -> None:
    connection.execute(_END_SESSIONS, {"id": user_id})
    connection.execute(_END_TOKENS, {"id": user_id})


def _named(field: str, what: str, text: str) -> str:
    if not 1 <= len(text.strip()) <= LONGEST_NAME:
        raise BadName(field, what)
    return text.strip()


def _row(of: User) -> dict[str, object]:
    return {
        "id": of.id,
        "name": of.name,
        "role": of.role.value,
        "store_id": of.store_id,
        "person_id": of.person_id,
        "active": of.active,
    }


def _user(row: sa.Row[tuple[object, ...]]) -> User:
    return User(row.id, row.name, Role(row.role), row.store_id, row.person_id, row.active)


_COLUMNS = "id, name, role, store_id, person_id, active"
_HAS_ADMIN = sa.text(
    "SELECT EXISTS (SELECT FROM users WHERE role = 'admin' AND active AND id <> :but)"
)
_LOCK_ADMINS = sa.text(
    "SELECT FROM users WHERE role = 'admin' AND active ORDER BY id FOR NO KEY UPDATE"
)
_USERS = sa.text(f"""
    SELECT {_COLUMNS} FROM users
    WHERE CAST(:store_id AS text) IS NULL OR store_id = :store_id ORDER BY id
""")  # noqa: S608 -- constant
_ONE = sa.text(f"SELECT {_COLUMNS} FROM users WHERE id = :id")  # noqa: S608 -- constant
_OF_SUBJECT = sa.text(f"""
    SELECT {_COLUMNS} FROM users WHERE issuer_subject = :subject AND issuer_subject <> ''
""")  # noqa: S608 -- constant
_SUBJECTS = sa.text("SELECT id, issuer_subject FROM users WHERE issuer_subject <> ''")
_ADD = sa.text("""
    INSERT INTO users (id, name, role, store_id, person_id, active, password_hash)
    VALUES (:id, :name, :role, :store_id, :person_id, :active, :password_hash)
    ON CONFLICT (id) DO NOTHING
""")
_CHANGE = sa.text("""
    UPDATE users SET name = :name, role = :role, store_id = :store_id, person_id = :person_id,
                     active = :active
    WHERE id = :id
""")
_SET_PASSWORD = sa.text("""
    UPDATE users SET password_hash = :hash, failures = 0, locked_until = NULL WHERE id = :id
""")
_LINK = sa.text("UPDATE users SET issuer_subject = :subject WHERE id = :id")
# Who is locked is not counted further: the lock ends when it was said to.
_COUNT_TRY = sa.text(f"""
    WITH before AS (SELECT id, locked_until, failures FROM users WHERE id = :id FOR UPDATE)
    UPDATE users u SET
        failures = CASE WHEN b.locked_until > :at THEN u.failures
                        WHEN u.failures + 1 >= :most THEN 0 ELSE u.failures + 1 END,
        locked_until = CASE WHEN b.locked_until > :at THEN u.locked_until
                            WHEN u.failures + 1 >= :most
                            THEN CAST(:at AS timestamptz) + :locked_for ELSE u.locked_until END
    FROM before b WHERE u.id = b.id
    RETURNING {", ".join(f"u.{name}" for name in _COLUMNS.split(", "))}, u.password_hash,
        CASE WHEN b.locked_until > :at THEN b.locked_until END AS was_locked_until
""")  # noqa: S608 -- constant
_FORGIVE = sa.text("UPDATE users SET failures = 0, locked_until = NULL WHERE id = :id")
_END_SESSIONS = sa.text("DELETE FROM web_sessions WHERE user_id = :id")
_END_TOKENS = sa.text(
    "UPDATE refresh_tokens SET revoked_at = now() WHERE user_id = :id AND revoked_at IS NULL"
)
