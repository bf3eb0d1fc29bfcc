"""A till proves itself: what it sends, and what it does about a clock that is wrong."""

import base64
import datetime as dt
import hashlib
import json
import urllib.parse
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from domain import tokens
from till_kivy.keystore import Ed25519Signer, verify_ed25519
from till_kivy.proofs import TillProofs

TILL = Ed25519Signer(b"1" * 32)
NOW = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)
BOUGHT = {"access_token": "token-1", "token_type": "DPoP", "expires_in": 600}

Office = Callable[[httpx.Request], httpx.Response]


def till(office: Office, clock: dt.datetime = NOW) -> httpx.Client:
    proofs = TillProofs(TILL, "T1", clock.timestamp)
    transport = httpx.MockTransport(office)
    return httpx.Client(base_url="http://office", auth=proofs, transport=transport)


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token that the till signed."""
    sealed, _, signature = token.rpartition(".")
    assert verify_ed25519(TILL.public_key, sealed.encode(), unpadded(signature).hex())
    header, claims = (json.loads(unpadded(part)) for part in sealed.split("."))
    return header, claims


def unpadded(text: str) -> bytes:
    assert not text.endswith("=")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Books:
    """An office that keeps what it was asked; `refuse` says how often it says 401 first."""

    def __init__(self, refuse: int = 0, time: dt.datetime = NOW) -> None:
        self.asked: list[httpx.Request] = []
        self.refuse = refuse
        self.time = time

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if len(self.asked) <= self.refuse:
            return httpx.Response(401, headers={"date": format_datetime(self.time, usegmt=True)})
        return httpx.Response(200, json=BOUGHT)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]


def assertion_of(request: httpx.Request) -> str:
    (sent,) = urllib.parse.parse_qs(request.content.decode())["client_assertion"]
    return sent


def test_a_token_is_bought_once_and_each_request_gets_a_proof_of_its_own() -> None:
    office = Books()

    with till(office) as client:
        client.get("/api/v1/tills/T1/snapshot?x=1")
        client.post("/api/v1/tills/T1/journal")

    assert office.paths == ["/oauth/token", "/api/v1/tills/T1/snapshot", "/api/v1/tills/T1/journal"]
    header, claims = opened(office.asked[1].headers["dpop"])
    assert office.asked[1].headers["authorization"] == "DPoP token-1"
    assert (header["typ"], header["alg"], header["jwk"]["kty"]) == ("dpop+jwt", "EdDSA", "OKP")
    assert (claims["htm"], claims["htu"]) == ("GET", "http://office/api/v1/tills/T1/snapshot")
    assert unpadded(claims["ath"]) == hashlib.sha256(b"token-1").digest()
    assert opened(office.asked[2].headers["dpop"])[1]["jti"] != claims["jti"]


def test_the_assertion_says_who_to_whom_and_for_how_long() -> None:
    office = Books()

    with till(office) as client:
        client.get("/")

    header, claims = opened(assertion_of(office.asked[0]))
    assert header == {"alg": "EdDSA", "typ": "JWT"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("T1", "T1", tokens.TOKEN_AUDIENCE)
    assert (claims["iat"], claims["exp"] - claims["iat"]) == (int(NOW.timestamp()), 60)


def test_a_till_with_a_wrong_clock_goes_by_the_offices() -> None:
    years = dt.timedelta(days=3650)
    office = Books(refuse=1, time=NOW + years)

    with till(office) as client:
        answer = client.get("/")

    assert answer.is_success
    assert office.paths == ["/oauth/token", "/oauth/token", "/"]
    told = int((NOW + years).timestamp())
    assert opened(assertion_of(office.asked[1]))[1]["iat"] == told
    assert opened(office.asked[2].headers["dpop"])[1]["iat"] == told


def test_a_token_that_is_refused_is_bought_anew_once() -> None:
    office = Books()
    with till(office) as client:
        client.get("/")
        office.refuse = 3

        answer = client.get("/")

    assert answer.is_success
    assert office.paths == ["/oauth/token", "/", "/", "/oauth/token", "/"]


def test_an_office_that_says_no_for_good_is_not_asked_again() -> None:
    office = Books(refuse=99)

    with till(office) as client:
        answer = client.get("/")

    assert answer.status_code == 401
    assert office.paths == ["/oauth/token", "/oauth/token"]


@pytest.mark.parametrize("text", ["<html>Welcome to the hotel</html>", "{}", "[]"])
def test_a_stranger_in_the_offices_place_gets_no_request(text: str) -> None:
    asked = []

    def stranger(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, text=text)

    with till(stranger) as client:
        assert client.get("/").text == text

    assert asked == ["/oauth/token"]


def test_the_request_for_a_token_has_the_same_time_limit() -> None:
    office = Books()

    with till(office) as client:
        client.get("/", timeout=0.25)

    limits = [request.extensions["timeout"] for request in office.asked]
    assert limits[0] == limits[1] == dict.fromkeys(("connect", "read", "write", "pool"), 0.25)
