"""What an office's database tells of its beginning, and of what its pepper has gone into."""

from __future__ import annotations

import sqlalchemy as sa

from activities.db.engine import Connection

BEGUN = "office_begun"
"""The act that opens an audit: from here on the office has every key that it works with."""

_ONE_AT_A_TIME = 8420_0003
"""Key of the advisory lock: of two folders that would begin one office, the second is refused."""


def wait_for_others(connection: Connection) -> None:
    """Let nobody else begin this office until the transaction ends."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))


def has_audit(connection: Connection) -> bool:
    """Tell whether the tables are there; an empty database has none."""
    return connection.scalar(sa.text("SELECT to_regclass('audit_entries')")) is not None


def is_told(connection: Connection) -> bool:
    """Tell whether the audit has the office's beginning; older offices began without it."""
    return bool(connection.scalar(_IS_TOLD, {"begun": BEGUN}))


def has_peppered(connection: Connection) -> bool:
    """Tell whether a PIN, badge or password was ever kept, or a till was given its part."""
    return bool(connection.scalar(_HAS_PEPPERED))


_IS_TOLD = sa.text("SELECT EXISTS (SELECT FROM audit_entries WHERE action = :begun)")
_HAS_PEPPERED = sa.text("""
    SELECT EXISTS (SELECT FROM people WHERE pin_hash <> '' OR badge_mark <> '')
        OR EXISTS (SELECT FROM users WHERE password_hash <> '')
        OR EXISTS (SELECT FROM tills WHERE enrolled_at IS NOT NULL)
""")
