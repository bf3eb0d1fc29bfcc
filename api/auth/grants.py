"""What a token is given for (RFC 6749): a till's assertion, a user's code, a refresh token.

What proves nothing is answered 401 here as on every other route, also where RFC 6749 has 400; the
words in the body are the RFC's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from activities.db import callers, tokens
from activities.db.callers import KnownTill, SpentBefore
from activities.db.engine import Connection
from activities.db.tokens import CodeAsked, LogIn
from api.auth.access import Access, issue
from api.auth.jose import GIVEN, WrongToken, must_be, opened
from api.auth.proofs import Proof, used_once
from api.auth.refusals import not_trading
from api.deps import Office
from domain.lease import Standing
from domain.roles import Role
from domain.tokens import (
    ACCESS_LASTS,
    ASSERTION_KIND,
    ASSERTION_LASTS,
    ASSERTION_TYPE,
    TOKEN_AUDIENCE,
    base64url,
)


class NoToken(Exception):
    """A request for a token that is refused; `error` is the word of RFC 6749."""

    def __init__(self, error: str, why: str, status: HTTPStatus = HTTPStatus.UNAUTHORIZED) -> None:
        super().__init__(f"{why} No token was given.")
        self.error = error
        self.status = status


@dataclass(frozen=True, slots=True)
class Tokens:
    """The answer of RFC 6749; without a refresh token where one is not given."""

    access_token: str
    token_type: str
    expires_in: int = int(ACCESS_LASTS.total_seconds())
    refresh_token: str = ""


Form = Mapping[str, str]


def for_till(office: Office, form: Form, proof: Proof) -> Tokens:
    """Give a till a token that is bound to its key."""
    if form.get("client_assertion_type") != ASSERTION_KIND:
        raise _malformed(f"client_assertion_type is not {ASSERTION_KIND}.")
    assertion = _given(form, "client_assertion")
    try:
        with office.database.begin() as connection:
            till = _asserting(connection, assertion, proof)
            tokens.clear_away(connection)
    except WrongToken as error:
        raise NoToken("invalid_client", f"The assertion {error}.") from error
    if till.standing is not Standing.TRADING:
        raise not_trading(till.id, till.standing, till.why, office.key)
    access = Access(till.id, Role.TILL, till.id, till.store_id, proof.thumbprint)
    return Tokens(issue(office.token_keys, access), "DPoP")


def for_code(office: Office, form: Form) -> Tokens:
    """Exchange an authorization code by the program that asked for it (PKCE, RFC 7636)."""
    client_id, code = _given(form, "client_id"), _given(form, "code")
    challenge = _s256(_given(form, "code_verifier"))
    asked = CodeAsked(client_id, _given(form, "redirect_uri"), challenge)
    with office.database.begin() as connection:
        log_in = tokens.use_code(connection, code, asked)
        given = _for_user(office, connection, log_in, client_id) if log_in else None
    if given is None:
        raise NoToken(
            "invalid_grant",
            "The code is not good: it was used before, is older than a minute, or was given to "
            "another program, address or code_verifier. Log in again.",
        )
    return given


def for_refresh(office: Office, form: Form) -> Tokens:
    """Exchange a refresh token for the next; one used twice ends the whole log-in."""
    client_id, token = _given(form, "client_id"), _given(form, "refresh_token")
    with office.database.begin() as connection:
        log_in = tokens.use_refresh_token(connection, token, client_id)
        given = _for_user(office, connection, log_in, client_id) if log_in else None
    if given is None:
        raise NoToken(
            "invalid_grant",
            "The refresh token is not good: it was used before, ended, or is another program's. "
            "Log in again.",
        )
    return given


def _asserting(connection: Connection, assertion: str, proof: Proof) -> KnownTill:
    """Return the till that made assertion and proof, and spend both; raise `WrongToken`."""
    till = callers.known_till(connection, _issuer(assertion))
    if till is None or not till.public_key:
        raise WrongToken("is of a till that is not enrolled")

    def till_key(_: Mapping[str, Any]) -> OKPKey:
        return _public(till.public_key)

    claims = opened(
        assertion,
        ASSERTION_TYPE,
        till_key,
        iss=must_be(till.id),
        sub=must_be(till.id),
        aud=must_be(TOKEN_AUDIENCE),
        exp=GIVEN,
        iat=GIVEN,
        jti=GIVEN,
    )
    if proof.public_key != till.public_key:
        raise WrongToken("came with a proof by another key than the till's")
    try:
        callers.spend(connection, used_once(proof.thumbprint, claims, ASSERTION_LASTS), proof.once)
    except SpentBefore as error:
        raise WrongToken("or its proof was used before") from error
    return till


def _issuer(assertion: str) -> str:
    """Read who an assertion claims to be of, before it is known to be so."""
    try:
        claims = json.loads(jws.extract_compact(assertion.encode()).payload)
        return str(claims["iss"])
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise WrongToken("does not name its till (iss)") from error


def _for_user(office: Office, connection: Connection, log_in: LogIn, client_id: str) -> Tokens:
    user = callers.calling_user(connection, log_in.user_id)
    assert user is not None, "The exchange looked for an active user."
    access = Access(user.id, Role(user.role), client_id, user.store_id)
    refresh = tokens.make_refresh_token(connection, log_in, client_id)
    return Tokens(issue(office.token_keys, access), "Bearer", refresh_token=refresh)


def _given(form: Form, name: str) -> str:
    if not form.get(name):
        raise _malformed(f"{name} is missing.")
    return form[name]


def _malformed(why: str) -> NoToken:
    return NoToken("invalid_request", why, HTTPStatus.BAD_REQUEST)


def _s256(verifier: str) -> str:
    return base64url(hashlib.sha256(verifier.encode()).digest())


def _public(public_key: str) -> OKPKey:
    return OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": base64url(bytes.fromhex(public_key))}
    )
