"""Proofs of possession (DPoP, RFC 9449): made by a till for one request, good once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc.jwk import OKPKey

from activities.db.callers import Once
from api.auth.jose import GIVEN, WrongToken, must_be, opened
from api.auth.refusals import NotProven
from domain.tokens import CLOCK_LEEWAY, PROOF_LASTS, PROOF_TYPE, base64url

WRONG_PROOF = "invalid_dpop_proof"
_KEY_PARTS = {"kty": "OKP", "crv": "Ed25519"}
_LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that holds: the key that made it, its thumbprint, and itself as spent."""

    public_key: str
    thumbprint: str
    once: Once


@dataclass(frozen=True, slots=True)
class Proven:
    """The request that a proof has to be for; `token` is empty where there is none yet."""

    method: str
    path: str
    token: str = ""


def proof_of(text: str | None, request: Proven) -> Proof:
    """Check a proof against its request; raise `NotProven`."""
    if not text:
        raise NotProven("The header `DPoP` with the proof of this request is missing.", WRONG_PROOF)
    found: list[OKPKey] = []

    def key_in(header: Mapping[str, Any]) -> OKPKey:
        found.append(_key(header.get("jwk")))
        return found[0]

    try:
        claims = opened(text, PROOF_TYPE, key_in, **_claims(request))
        _check_path(claims, request)
        once = used_once(found[0].thumbprint(), claims, PROOF_LASTS)
    except WrongToken as error:
        raise NotProven(f"The proof {error}. Make one for each request.", WRONG_PROOF) from error
    return Proof(_hex(found[0]), found[0].thumbprint(), once)


def used_once(signer: str, claims: Mapping[str, Any], lasts: dt.timedelta) -> Once:
    """Name what is good once and for this long; raise `WrongToken` when it is too old."""
    if len(str(claims["jti"])) > _LONGEST_ID:
        raise WrongToken(f"has an id (jti) of more than {_LONGEST_ID} letters")
    try:
        ends = dt.datetime.fromtimestamp(claims["iat"], dt.UTC) + lasts + CLOCK_LEEWAY
    except (OverflowError, OSError, ValueError) as error:
        raise WrongToken(f"was made at no moment (iat {claims['iat']!r})") from error
    now = dt.datetime.now(dt.UTC)
    if ends < now:
        raise WrongToken(f"is too old, expected {lasts.total_seconds():.0f} s at most")
    return Once(f"{signer}/{claims['jti']}", ends)


def _claims(request: Proven) -> dict[str, Any]:
    asked = {"htm": must_be(request.method), "htu": GIVEN, "iat": GIVEN, "jti": GIVEN}
    if request.token:
        digest = hashlib.sha256(request.token.encode()).digest()
        asked["ath"] = must_be(base64url(digest))
    return asked


def _check_path(claims: Mapping[str, Any], request: Proven) -> None:
    """Compare by the path: a proxy may change scheme, host and port."""
    path = urlsplit(str(claims["htu"])).path
    if path != request.path:
        raise WrongToken(f"is for {path[:100]!r}, not for {request.path!r}")


def _key(jwk: Any) -> OKPKey:  # noqa: ANN401 -- what a stranger sent
    """Read the public key in a header, and nothing else that may be in there."""
    if not isinstance(jwk, dict) or "d" in jwk:
        raise WrongToken("does not name its public key alone (jwk)")
    if {name: jwk.get(name) for name in _KEY_PARTS} != _KEY_PARTS:
        raise WrongToken("is signed by a key of another kind, expected Ed25519")
    return OKPKey.import_key({**_KEY_PARTS, "x": str(jwk.get("x"))})


def _hex(key: OKPKey) -> str:
    return key.public_key.public_bytes_raw().hex()
