"""An OpenID Connect issuer over real HTTP that a test makes say whatever it wants."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from served import served

ABOUT, KEYS, TOKEN = "/.well-known/openid-configuration", "/keys", "/token"
CLIENT, NONCE, SUBJECT = "tillflow", "the nonce", "248289761001"
HEADER = {"alg": "RS256", "kid": "k1"}


@cache
def key(number: int = 1) -> RSAKey:
    """A key pair; all of them say that they are the first."""
    return RSAKey.generate_key(2048, {"kid": "k1"})


class Handler(BaseHTTPRequestHandler):
    server: LyingIssuer

    def do_GET(self) -> None:
        body = self.server.says.get(urlsplit(self.path).path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests look at what came of it."""


class LyingIssuer(ThreadingHTTPServer):
    """Tells the truth until a test replaces what it says at a path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.says: dict[str, bytes] = {}
        self.say(ABOUT, self.about())
        self.say(KEYS, {"keys": [key().as_dict(private=False)]})
        self.say(TOKEN, {"id_token": self.id_token()})

    def say(self, path: str, told: object) -> None:
        self.says[path] = told if isinstance(told, bytes) else json.dumps(told).encode()

    def about(self, **other: object) -> dict[str, object]:
        told = {"issuer": self.url, "jwks_uri": self.url + KEYS, "token_endpoint": self.url + TOKEN}
        return {**told, "authorization_endpoint": f"{self.url}/authorize", **other}

    def claims(self, **other: object) -> dict[str, Any]:
        """What a sound ID token says, but for what is given; None leaves a claim out."""
        now = int(time.time())
        sound = {"iss": self.url, "aud": CLIENT, "sub": SUBJECT, "nonce": NONCE}
        told: Mapping[str, object] = {**sound, "iat": now, "exp": now + 60, **other}
        return {name: value for name, value in told.items() if value is not None}

    def id_token(self, **other: object) -> str:
        return jwt.encode(HEADER, self.claims(**other), key())


@contextmanager
def lying_issuer() -> Iterator[LyingIssuer]:
    """Serve until the end of the block."""
    server = LyingIssuer()
    with served(server):
        yield server
