"""A small OpenID Connect issuer over real HTTP: it asks for PKCE and signs ID tokens with RS256."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from served import served

CLIENT, SECRET = "tillflow", "the client's secret"


@dataclass
class LittleIssuer:
    """Lets in `subject` without asking; `changed` are claims that it gets wrong on purpose."""

    url: str = ""
    subject: str = "sub-1"
    changed: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    signed_by: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any] | str]:
        if path == "/.well-known/openid-configuration":
            ways = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            return 200, {"issuer": self.url} | {way: f"{self.url}/{way}" for way in ways}
        if path == "/jwks_uri":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/authorization_endpoint":
            code = secrets.token_urlsafe()
            self.codes[code] = query
            return (
                303,
                f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}",
            )
        return 404, {}

    def exchange(self, form: dict[str, str], proof: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form["code"], None)
        good = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or proof != f"Basic {good}":
            return HTTPStatus.UNAUTHORIZED, {"error": "invalid_client"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return HTTPStatus.BAD_REQUEST, {"error": "invalid_grant"}
        return HTTPStatus.OK, {"id_token": self.id_token(asked["nonce"]), "token_type": "Bearer"}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": self.subject, "nonce": nonce}
        claims |= {"iat": now, "exp": now + 300} | self.changed
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.signed_by or self.key)


@contextmanager
def issuer() -> Iterator[LittleIssuer]:
    """Serve an issuer for the time of a test."""
    little = LittleIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._answer(*little.get(parts.path, query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*little.exchange(form, self.headers.get("authorization", "")))

        def _answer(self, status: int, said: dict[str, Any] | str) -> None:
            self.send_response(status)
            if isinstance(said, str):
                self.send_header("location", said)
            self.end_headers()
            if not isinstance(said, str):
                self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    little.url = f"http://127.0.0.1:{server.server_port}"
    with served(server):
        yield little
