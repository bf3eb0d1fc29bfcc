"""Access tokens (RFC 9068): what the office's own issuer says of a till, a user or a program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from joserfc.jwk import OKPKey

from activities.token_keys import TokenKeys
from api.auth.jose import GIVEN, WrongToken, must_be, opened, signed
from api.auth.refusals import NotProven
from domain.roles import Role
from domain.tokens import ACCESS_LASTS, ACCESS_TYPE, API_AUDIENCE, ISSUER


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in: `thumbprint` (RFC 7638) is of the key that a till's token is bound to.

    `client_id` names the program that acts for `subject`: for a till that is the till itself.
    """

    subject: str
    role: Role
    client_id: str
    store_id: str | None = None
    thumbprint: str = ""


def issue(keys: TokenKeys, access: Access) -> str:
    """Make a token that lasts ten minutes."""
    now = dt.datetime.now(dt.UTC)
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": API_AUDIENCE,
        "sub": access.subject,
        "client_id": access.client_id,
        "role": access.role.value,
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_LASTS).timestamp()),
        "jti": str(uuid4()),
    }
    if access.store_id is not None:
        claims["store_id"] = access.store_id
    if access.thumbprint:
        claims["cnf"] = {"jkt": access.thumbprint}
    return signed(ACCESS_TYPE, claims, keys.signing())


def verified(keys: TokenKeys, token: str) -> Access:
    """Return what a token of ours says; raise `NotProven` for any other."""

    def find(header: Mapping[str, Any]) -> OKPKey:
        key = keys.verifying().get(str(header.get("kid")))
        if key is None:
            raise WrongToken(f"is signed by key {header.get('kid')!r}, which is not in use")
        return key

    try:
        claims = opened(token, ACCESS_TYPE, find, **_CLAIMS)
        return _access(claims)
    except WrongToken as error:
        raise NotProven(f"The access token {error}. Get a new one at /oauth/token.") from error


_CLAIMS = {
    "iss": must_be(ISSUER),
    "aud": must_be(API_AUDIENCE),
    "sub": GIVEN,
    "client_id": GIVEN,
    "role": GIVEN,
    "exp": GIVEN,
    "iat": GIVEN,
    "jti": GIVEN,
}


def _access(claims: Mapping[str, Any]) -> Access:
    """Read what this office has signed, so nothing of it can be of another shape."""
    store_id, bound = claims.get("store_id"), claims.get("cnf", {})
    return Access(
        subject=claims["sub"],
        role=Role(claims["role"]),
        client_id=claims["client_id"],
        store_id=store_id,
        thumbprint=bound.get("jkt", ""),
    )
