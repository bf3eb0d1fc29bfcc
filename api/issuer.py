"""An external OpenID Connect issuer that says who somebody is: authorization code with PKCE.

OpenID Connect Core 1.0 and RFC 7636 (S256). Its word counts for users whom an admin has linked to
their subject there; it makes nobody a user.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from domain.errors import DomainError

SCOPE = "openid"
ALGORITHMS = ["RS256", "ES256", "EdDSA"]
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_TIMEOUT_S = 10.0
_LEEWAY_S = 60
_SECRET_BYTES = 32


class IssuerAway(DomainError):
    """The issuer does not answer, or not as one should."""

    status = 503

    def __init__(self, why: str) -> None:
        super().__init__(f"The log-in service does not answer ({why}). Try again, or a password.")


class IssuerRefused(DomainError):
    """A log-in at the issuer that proves nothing here."""

    status = 403

    def __init__(self, why: str) -> None:
        super().__init__(f"That log-in was not accepted: {why}. Begin it again.")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a log-in at the issuer that was begun must come back with."""

    state: str
    nonce: str
    verifier: str
    next: str


class ExternalIssuer:
    """One issuer; its addresses and keys are asked for when they are needed."""

    def __init__(self, url: str, client_id: str, secret_file: Path | None) -> None:
        self.url = url
        self._client_id = client_id
        self._secret = secret_file.read_text(encoding="utf-8").strip() if secret_file else None

    @property
    def name(self) -> str:
        """What people know it by."""
        return urlsplit(self.url).hostname or self.url

    def begin(self, redirect_uri: str, wanted: str) -> tuple[str, Waiting]:
        """Return where to send the browser, and what it must come back with."""
        waiting = Waiting(_secret(), _secret(), _secret(), wanted)
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": waiting.state,
            "nonce": waiting.nonce,
            "code_challenge": _challenge(waiting.verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._about()['authorization_endpoint']}?{urlencode(asked)}", waiting

    def finish(self, waiting: Waiting, code: str, redirect_uri: str) -> str:
        """Exchange the code and return whom the issuer means: the subject of its ID token."""
        about = self._about()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client_id,
            "code_verifier": waiting.verifier,
        }
        proof = (self._client_id, self._secret) if self._secret else None
        try:
            answer = httpx.post(about["token_endpoint"], data=form, auth=proof, timeout=_TIMEOUT_S)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise IssuerAway(str(error)) from error
        if not answer.is_success:
            raise IssuerRefused(f"it said {answer.status_code} to our question who that was")
        return self._subject(about, str(_object(answer).get("id_token", "")), waiting.nonce)

    def _subject(self, about: dict[str, Any], id_token: str, nonce: str) -> str:
        keys = self._keys(about["jwks_uri"])
        try:
            found = jwt.decode(id_token, keys, algorithms=ALGORITHMS)
            self._rules(nonce).validate(found.claims)
        except (JoseError, ValueError) as error:
            raise IssuerRefused(str(error) or type(error).__name__) from error
        if found.claims.get("azp", self._client_id) != self._client_id:
            raise IssuerRefused("it was made for another program")
        return str(found.claims["sub"])

    def _rules(self, nonce: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self.url},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
        )

    def _keys(self, url: str) -> KeySet:
        try:
            return KeySet.import_key_set(cast("KeySetSerialization", _asked(url)))
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise IssuerAway(f"{url} holds no keys that we know") from error

    def _about(self) -> dict[str, Any]:
        """Return where everything is; a document about another issuer is none (Discovery 4.3)."""
        url = f"{self.url.rstrip('/')}/.well-known/openid-configuration"
        about = _asked(url)
        missing = [name for name in _ADDRESSES if not isinstance(about.get(name), str)]
        if missing:
            raise IssuerAway(f"{url} does not say its {', '.join(missing)}")
        if about.get("issuer") != self.url:
            raise IssuerAway(f"{url} is about {about.get('issuer')!r}, not about {self.url!r}")
        return about


def _asked(url: str) -> dict[str, Any]:
    try:
        answer = httpx.get(url, timeout=_TIMEOUT_S)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise IssuerAway(f"{url}: {error}") from error
    return _object(answer)


def _object(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON object in an answer, or raise `IssuerAway`: anything else is no issuer's."""
    try:
        found = answer.json()
    except ValueError as error:
        raise IssuerAway(f"{answer.url} did not answer with JSON") from error
    if not isinstance(found, dict):
        raise IssuerAway(f"{answer.url} did not answer with a JSON object")
    return found


def _secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def _challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
