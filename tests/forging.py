"""Making tokens as an attacker would: any header, any claims, any key, or none."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from domain import tokens
from till_kivy.keystore import Ed25519Signer

Claims = dict[str, Any]


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def sealed(header: Claims, claims: Claims, signer: Ed25519Signer | None = None) -> str:
    """Write a token with an Ed25519 signature, or with an empty one."""
    text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    signature = b64(bytes.fromhex(signer.sign(text.encode()))) if signer else ""
    return f"{text}.{signature}"


def sealed_by_secret(header: Claims, claims: Claims, secret: bytes) -> str:
    """Write a token with HMAC-SHA256, as if a public key were a shared secret."""
    text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{text}.{b64(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def taken_apart(token: str) -> tuple[Claims, Claims]:
    """Read header and claims of a token."""
    header, claims, _ = token.split(".")
    return (
        json.loads(base64.urlsafe_b64decode(header + "==")),
        json.loads(base64.urlsafe_b64decode(claims + "==")),
    )


@dataclass
class Device:
    """A device with a key, which writes assertions and proofs as a till does, or otherwise."""

    till_id: str
    seed: bytes
    signer: Ed25519Signer = field(init=False)

    def __post_init__(self) -> None:
        self.signer = Ed25519Signer(self.seed)

    @property
    def jwk(self) -> Claims:
        key = b64(bytes.fromhex(self.signer.public_key))
        return {"crv": "Ed25519", "kty": "OKP", "x": key}

    def assertion(self, **other: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.till_id,
            "sub": self.till_id,
            "aud": tokens.TOKEN_AUDIENCE,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid4()),
        }
        header = {"alg": tokens.ALGORITHM, "typ": other.pop("typ", tokens.ASSERTION_TYPE)}
        return sealed(header, claims | other, self.signer)

    def proof(self, method: str, path: str, token: str = "", **other: Any) -> str:
        claims: Claims = {
            "htm": method,
            "htu": f"http://office{path}",
            "iat": int(time.time()),
            "jti": str(uuid4()),
        }
        if token:
            claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
        header = {"typ": tokens.PROOF_TYPE, "alg": tokens.ALGORITHM, "jwk": self.jwk}
        header |= {name: other.pop(name) for name in ("typ", "alg", "jwk") if name in other}
        return sealed(header, claims | other, self.signer)

    def form(self, **other: str) -> dict[str, str]:
        asked = {
            "grant_type": "client_credentials",
            "client_assertion_type": tokens.ASSERTION_KIND,
            "client_assertion": self.assertion(),
        }
        return asked | other
