"""Somebody who forges tokens: genuine ones by default, and each part of them may be another."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from offices import RunningOffice
from sqlalchemy import text

from activities.db import shop
from activities.token_keys import TokenKeys
from domain import tokens
from domain.catalog import Shop, Till
from till_kivy.keystore import Ed25519Signer

Sign = Callable[[bytes], bytes]
_numbers = itertools.count(1)


def seal(header: dict[str, Any], claims: dict[str, Any], sign: Sign) -> str:
    """Put a token together; claims and header members that are None are left out."""
    parts = [{k: v for k, v in part.items() if v is not None} for part in (header, claims)]
    sealed = ".".join(b64(json.dumps(part).encode()) for part in parts)
    return f"{sealed}.{b64(sign(sealed.encode()))}"


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unsigned(_: bytes) -> bytes:
    return b""


def hs256(secret: bytes) -> Sign:
    return lambda message: hmac.new(secret, message, hashlib.sha256).digest()


def signing_with(signer: Ed25519Signer) -> Sign:
    return lambda message: bytes.fromhex(signer.sign(message))


def jwk_of(signer: Ed25519Signer) -> dict[str, Any]:
    return {"crv": "Ed25519", "kty": "OKP", "x": b64(bytes.fromhex(signer.public_key))}


def thumbprint(signer: Ed25519Signer) -> str:
    """RFC 7638: the SHA-256 of the key's members in order."""
    text = json.dumps(jwk_of(signer), separators=(",", ":"))
    return b64(hashlib.sha256(text.encode()).digest())


STRANGER = Ed25519Signer(b"s" * 32)


@dataclass(frozen=True)
class Forger:
    """Knows a till's key and the office's; what it makes goes straight to the API at `url`."""

    office: RunningOffice
    till_id: str
    signer: Ed25519Signer
    http: httpx.Client
    url: str

    @classmethod
    def at(cls, office: RunningOffice) -> Forger:
        """Stand at a till of one's own, enrolled just now."""
        number = next(_numbers)
        till_id, signer = f"F{number}", Ed25519Signer(hashlib.sha256(b"f%d" % number).digest())
        enrol(office, till_id, signer)
        url = office.settings.api_url
        return cls(office, till_id, signer, office.asked_by(httpx.Auth()), url)

    @property
    def path(self) -> str:
        """A route of the till's own."""
        return f"/api/v1/tills/{self.till_id}/snapshot"

    def token(
        self, sign: Sign | None = None, header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """Make an access token of the till, as the office would."""
        key = TokenKeys(self.office.settings.token_keys_dir).signing()
        assert isinstance(key.private_key, Ed25519PrivateKey)
        now = int(time.time())
        genuine = {
            "iss": tokens.ISSUER,
            "aud": tokens.API_AUDIENCE,
            "sub": self.till_id,
            "client_id": self.till_id,
            "role": "till",
            "store_id": "S1",
            "cnf": {"jkt": thumbprint(self.signer)},
            "iat": now,
            "exp": now + 600,
            "jti": str(uuid.uuid4()),
        }
        named = {"alg": tokens.ALGORITHM, "typ": tokens.ACCESS_TYPE, "kid": key.kid}
        return seal(named | (header or {}), genuine | claims, sign or key.private_key.sign)

    def proof(
        self,
        token: str,
        signer: Ed25519Signer | None = None,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """Make a proof for `GET` of the till's own route."""
        by = signer or self.signer
        genuine = {
            "htm": "GET",
            "htu": f"http://office{self.path}",
            "iat": int(time.time()),
            "jti": str(uuid.uuid4()),
            "ath": b64(hashlib.sha256(token.encode()).digest()),
        }
        named = {"alg": tokens.ALGORITHM, "typ": tokens.PROOF_TYPE, "jwk": jwk_of(by)}
        return seal(named | (header or {}), genuine | claims, signing_with(by))

    def ask(self, token: str, proof: str | None, path: str = "") -> httpx.Response:
        """Ask for the till's own route, or another one."""
        headers = {"Authorization": f"DPoP {token}"} | ({"DPoP": proof} if proof else {})
        return self.http.get(f"{self.url}{path or self.path}", headers=headers)

    def assertion(self, signer: Ed25519Signer | None = None, **claims: Any) -> str:
        """Make the till's assertion."""
        now = int(time.time())
        genuine = {
            "iss": self.till_id,
            "sub": self.till_id,
            "aud": tokens.TOKEN_AUDIENCE,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
        }
        named = {"alg": tokens.ALGORITHM, "typ": tokens.ASSERTION_TYPE}
        return seal(named, genuine | claims, signing_with(signer or self.signer))

    def buy(self, assertion: str, proof_by: Ed25519Signer | None = None) -> httpx.Response:
        """Ask for a token with an assertion and a proof."""
        by = proof_by or self.signer
        proof = self.proof("", by, htm="POST", htu=f"http://office{tokens.TOKEN_PATH}", ath=None)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": tokens.ASSERTION_KIND,
            "client_assertion": assertion,
        }
        return self.exchange(form, {"DPoP": proof})

    def exchange(
        self, form: dict[str, str], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send a form to the token endpoint."""
        return self.http.post(f"{self.url}{tokens.TOKEN_PATH}", data=form, headers=headers)


def enrol(office: RunningOffice, till_id: str, signer: Ed25519Signer) -> None:
    till = Till(till_id, "S1", till_id, signer.public_key)
    with office.database.begin() as connection:
        shop.load_shop(connection, Shop(tills=(till,)))


def add_user(
    office: RunningOffice, user_id: str, role: str = "manager", store_id: str | None = None
) -> str:
    """Let somebody log in; their password does not matter here."""
    added = text("""
        INSERT INTO users (id, name, role, store_id, password_hash)
        VALUES (:id, :id, :role, :store_id, '')
    """)
    with office.database.begin() as connection:
        connection.execute(added, {"id": user_id, "role": role, "store_id": store_id})
    return user_id
