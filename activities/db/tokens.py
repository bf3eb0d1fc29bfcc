"""What the built-in issuer remembers: authorization codes and refresh tokens, good once each.

Only digests are stored. What is used wrongly or a second time is worth nothing from then on, and
with it everything that came of the same log-in; nothing is raised here, so that this stays so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from activities.db.engine import Connection

CODE_LASTS = dt.timedelta(minutes=1)
REFRESH_LASTS = dt.timedelta(days=14)
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """What a user consents to: `challenge` is that of PKCE (RFC 7636, S256)."""

    client_id: str
    redirect_uri: str
    challenge: str


@dataclass(frozen=True, slots=True)
class LogIn:
    """Who logged in; all tokens that come of it are one family."""

    user_id: str
    family: UUID


def make_code(connection: Connection, user_id: str, asked: CodeAsked) -> str:
    """Hand out a code for one exchange within a minute."""
    code = secrets.token_urlsafe(_SECRET_BYTES)
    given = {"hash": digest(code), "user_id": user_id, "family": uuid4(), "lasts": CODE_LASTS}
    connection.execute(_ADD_CODE, {**given, **asdict(asked)})
    return code


def use_code(connection: Connection, code: str, asked: CodeAsked) -> LogIn | None:
    """Exchange a code by the one who asked for it, None if that is not possible (any more)."""
    given = {"hash": digest(code), **asdict(asked)}
    row = connection.execute(_USE_CODE, given).first()
    if row is None:
        connection.execute(_BURN_CODE, given)
        connection.execute(_END_FAMILY_OF_CODE, given)
    return _log_in(row)


def make_refresh_token(connection: Connection, log_in: LogIn, client_id: str) -> str:
    """Hand out the next refresh token of a log-in."""
    token = secrets.token_urlsafe(_SECRET_BYTES)
    given = {"hash": digest(token), "client_id": client_id, "lasts": REFRESH_LASTS}
    connection.execute(_ADD_REFRESH, {**given, **asdict(log_in)})
    return token


def use_refresh_token(connection: Connection, token: str, client_id: str) -> LogIn | None:
    """Exchange a refresh token, None if that is not possible (any more)."""
    given = {"hash": digest(token), "client_id": client_id}
    row = connection.execute(_USE_REFRESH, given).first()
    if row is None:
        connection.execute(_END_FAMILY_OF_REFRESH, given)
    return _log_in(row)


def end_log_ins(connection: Connection, user_id: str) -> None:
    """End every refresh token of a user, as when the password changes."""
    connection.execute(_END_USERS, {"user_id": user_id})


def clear_away(connection: Connection) -> None:
    """Forget what is refused by its age alone; another who does so meanwhile is not waited for."""
    for statement in _CLEAR_AWAY:
        connection.execute(statement)


def digest(secret: str) -> str:
    """Return what is stored in place of a code or token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _log_in(row: sa.Row[Any] | None) -> LogIn | None:
    return None if row is None else LogIn(row.user_id, row.family)


_ADD_CODE = sa.text("""
    INSERT INTO authorization_codes
        (code_hash, user_id, client_id, redirect_uri, challenge, family, expires_at)
    VALUES (:hash, :user_id, :client_id, :redirect_uri, :challenge, :family, now() + :lasts)
""")
_USE_CODE = sa.text("""
    UPDATE authorization_codes c SET used_at = now() FROM users u
    WHERE c.code_hash = :hash AND c.client_id = :client_id AND c.redirect_uri = :redirect_uri
      AND c.challenge = :challenge AND c.used_at IS NULL AND c.expires_at > now()
      AND u.id = c.user_id AND u.active
    RETURNING c.user_id, c.family
""")
_BURN_CODE = sa.text("""
    UPDATE authorization_codes SET used_at = now() WHERE code_hash = :hash AND used_at IS NULL
""")
_END_FAMILY_OF_CODE = sa.text("""
    UPDATE refresh_tokens SET revoked_at = now()
    WHERE family = (SELECT family FROM authorization_codes WHERE code_hash = :hash)
      AND revoked_at IS NULL
""")
_ADD_REFRESH = sa.text("""
    INSERT INTO refresh_tokens (token_hash, family, user_id, client_id, expires_at)
    VALUES (:hash, :family, :user_id, :client_id, now() + :lasts)
""")
_USE_REFRESH = sa.text("""
    UPDATE refresh_tokens r SET used_at = now() FROM users u
    WHERE r.token_hash = :hash AND r.client_id = :client_id
      AND r.used_at IS NULL AND r.revoked_at IS NULL AND r.expires_at > now()
      AND u.id = r.user_id AND u.active
    RETURNING r.user_id, r.family
""")
_END_FAMILY_OF_REFRESH = sa.text("""
    UPDATE refresh_tokens SET revoked_at = now()
    WHERE family = (SELECT family FROM refresh_tokens WHERE token_hash = :hash)
      AND revoked_at IS NULL
""")
_END_USERS = sa.text("""
    UPDATE refresh_tokens SET revoked_at = now() WHERE user_id = :user_id AND revoked_at IS NULL
""")
# A code is kept for as long as the tokens that came of it: its second use must still end them.
_CLEAR_AWAY = (
    sa.text("""
        DELETE FROM spent_tokens WHERE jti IN (
            SELECT jti FROM spent_tokens WHERE expires_at < now() FOR UPDATE SKIP LOCKED)
    """),
    sa.text("""
        DELETE FROM refresh_tokens WHERE token_hash IN (
            SELECT token_hash FROM refresh_tokens WHERE expires_at < now() FOR UPDATE SKIP LOCKED)
    """),
    sa.text("""
        DELETE FROM authorization_codes c WHERE code_hash IN (
            SELECT code_hash FROM authorization_codes old
            WHERE old.expires_at < now()
              AND NOT EXISTS (SELECT FROM refresh_tokens r WHERE r.family = old.family)
            FOR UPDATE SKIP LOCKED)
    """),
)
