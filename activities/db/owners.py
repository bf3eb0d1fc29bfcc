"""The owner: an admin who can always be made or let in again by whoever holds the office's keys."""

from __future__ import annotations

from activities.db import users
from activities.db.engine import Connection
from activities.db.users import Acting, NoSuchUser, User


def let_in(connection: Connection, acting: Acting, owner: User, password_hash: str) -> None:
    """Make the owner, or give them their role and another password when they are there."""
    try:
        users.user(connection, owner.id)
    except NoSuchUser:
        users.add(connection, acting, owner, password_hash)
        return
    users.change(connection, acting, owner)
    users.set_password(connection, acting, owner.id, password_hash)
