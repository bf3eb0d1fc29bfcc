"""How a till proves itself to the office: by its own key, afresh for every request.

RFC 7523 (the assertion that buys a token), RFC 9449 (DPoP: the proof that goes with each request),
RFC 7638 (the thumbprint by which the office knows the key). Tokens are put together here because
the key may lie in a chip that signs and never hands it out.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx
from pydantic import TypeAdapter, ValidationError
from uuid_utils.compat import uuid4

from domain import tokens
from domain.journal import Signer
from domain.tokens import base64url

_RENEW_BEFORE_S = 60.0


@dataclass(frozen=True, slots=True)
class _Bought:
    access_token: str
    expires_in: float


_BOUGHT = TypeAdapter(_Bought)


class TillProofs(httpx.Auth):
    """Puts token and proof on every request of an `httpx.Client(auth=…)` of one till.

    A till whose clock is wrong is told the office's time by the `Date` of the refusal and tries
    once more. What the office answers to a till that gets no token is the answer to the request.
    """

    requires_response_body = True

    def __init__(self, signer: Signer, till_id: str, now: Callable[[], float] = time.time) -> None:
        self._signer = signer
        self._till_id = till_id
        self._now = now
        self._office_is_ahead_s = 0.0
        self._token = ""
        self._renew_at = 0.0
        self._jwk = {
            "crv": "Ed25519",
            "kty": "OKP",
            "x": base64url(bytes.fromhex(signer.public_key)),
        }

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Get a token when there is none, send the request, and once more when it was refused."""
        if not self._has_token and not (yield from self._fetch_token(request)):
            return
        answer = yield self._proven(request)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._learn_time(answer)
            if (yield from self._fetch_token(request)):
                yield self._proven(request)

    @property
    def _has_token(self) -> bool:
        return bool(self._token) and time.monotonic() < self._renew_at

    def _fetch_token(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, bool]:
        """Buy a token with an assertion; a refused one is made again by the office's clock."""
        self._token = ""
        answer = yield self._token_request(request)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._learn_time(answer)
            answer = yield self._token_request(request)
        if not answer.is_success:
            return False
        try:
            bought = _BOUGHT.validate_json(answer.content)
        except ValidationError:
            return False  # whoever answers there is no office; what it said is the answer
        self._token = bought.access_token
        self._renew_at = time.monotonic() + bought.expires_in - _RENEW_BEFORE_S
        return True

    def _token_request(self, request: httpx.Request) -> httpx.Request:
        asked = {
            "grant_type": "client_credentials",
            "client_assertion_type": tokens.ASSERTION_KIND,
            "client_assertion": self._assertion(),
        }
        url = request.url.join(tokens.TOKEN_PATH)
        return httpx.Request(
            "POST",
            url,
            data=asked,
            headers={"DPoP": self._proof("POST", url)},
            extensions=request.extensions,  # its time limit among them
        )

    def _assertion(self) -> str:
        now = self._office_time()
        claims = {
            "iss": self._till_id,
            "sub": self._till_id,
            "aud": tokens.TOKEN_AUDIENCE,
            "iat": now,
            "exp": now + int(tokens.ASSERTION_LASTS.total_seconds()),
            "jti": str(uuid4()),
        }
        return self._signed({"typ": tokens.ASSERTION_TYPE}, claims)

    def _proven(self, request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"DPoP {self._token}"
        request.headers["DPoP"] = self._proof(request.method, request.url, self._token)
        return request

    def _proof(self, method: str, url: httpx.URL, token: str = "") -> str:
        claims: dict[str, Any] = {
            "htm": method,
            "htu": str(url.copy_with(query=None, fragment=None)),
            "iat": self._office_time(),
            "jti": str(uuid4()),
        }
        if token:
            claims["ath"] = base64url(hashlib.sha256(token.encode()).digest())
        return self._signed({"typ": tokens.PROOF_TYPE, "jwk": self._jwk}, claims)

    def _signed(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        parts = ({"alg": tokens.ALGORITHM, **header}, claims)
        sealed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        return f"{sealed}.{base64url(bytes.fromhex(self._signer.sign(sealed.encode())))}"

    def _office_time(self) -> int:
        return int(self._now() + self._office_is_ahead_s)

    def _learn_time(self, answer: httpx.Response) -> None:
        with suppress(ValueError):  # an answer without a date teaches nothing
            told = parsedate_to_datetime(answer.headers.get("date", ""))
            self._office_is_ahead_s = told.timestamp() - self._now()
