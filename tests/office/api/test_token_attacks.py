"""What somebody might send in place of a good token, and is answered 401 or 403 (promise 33)."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from browsing import make_user
from forging import Claims, Device, sealed, sealed_by_secret, taken_apart
from offices import RunningOffice

from activities.db import shop, standing
from activities.db.standing import Desk
from activities.db.users import User
from activities.keys import OfficeKey, PinPepper
from activities.token_keys import TokenKeys
from api.auth.access import Access, issue
from domain import tokens
from domain.audit import Actor
from domain.catalog import Shop, Till
from domain.lease import Standing
from domain.roles import Role
from till_kivy.keystore import Ed25519Signer

SNAPSHOT = "/api/v1/tills/Q1/snapshot"
STRANGER = Ed25519Signer(b"x" * 32)


@pytest.fixture(scope="module")
def till(office: RunningOffice) -> Device:
    """A till that is enrolled and trades."""
    device, other = Device("Q1", b"1" * 32), Device("Q2", b"2" * 32)
    with office.database.begin() as connection:
        for one in (device, other):
            shop.load_shop(connection, Shop(tills=(Till(one.till_id, "S1", one.till_id),)))
            shop.enrol(connection, one.till_id, one.signer.public_key)
    return device


@pytest.fixture
def other_till(till: Device) -> Device:
    return Device("Q2", b"2" * 32)


@pytest.fixture
def web(office: RunningOffice) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=office.settings.api_url, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def keys(office: RunningOffice) -> TokenKeys:
    return TokenKeys(office.settings.token_keys_dir)


def bought(web: httpx.Client, device: Device, **other: str) -> httpx.Response:
    proof = other.pop("proof", "") or device.proof("POST", tokens.TOKEN_PATH)
    return web.post(tokens.TOKEN_PATH, data=device.form(**other), headers={"DPoP": proof})


@pytest.fixture
def token(web: httpx.Client, till: Device) -> str:
    answer = bought(web, till)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def ask(
    web: httpx.Client, token: str, proof: str, path: str = SNAPSHOT, scheme: str = "DPoP"
) -> httpx.Response:
    return web.get(path, headers={"Authorization": f"{scheme} {token}", "DPoP": proof})


def test_a_till_with_its_token_and_a_fresh_proof_is_let_in(
    web: httpx.Client, till: Device, token: str
) -> None:
    assert ask(web, token, till.proof("GET", SNAPSHOT, token)).status_code == 200


# ------------------------------------------------------------ access tokens

Forge = Callable[[Claims, Claims, TokenKeys], str]


def _with(**claims: Any) -> Forge:
    """Sign other claims with the office's own key: what a mistake of ours would let through."""
    return lambda header, good, keys: _signed(header, good | claims, keys)


def _signed(header: Claims, claims: Claims, keys: TokenKeys) -> str:
    private = keys.signing().private_key.private_bytes_raw()  # type: ignore[union-attr]
    return sealed(header, claims, Ed25519Signer(private))


FORGED: dict[str, Forge] = {
    "no signature, alg none": lambda h, c, _: sealed(h | {"alg": "none"}, c),
    "no signature, alg kept": lambda h, c, _: sealed(h, c),
    "somebody else's signature": lambda h, c, _: sealed(h, c, STRANGER),
    "public key as a secret": lambda h, c, keys: sealed_by_secret(
        h | {"alg": "HS256"}, c, keys.signing().public_key.public_bytes_raw()
    ),
    "public key as a secret, alg kept": lambda h, c, keys: sealed_by_secret(
        h, c, keys.signing().public_key.public_bytes_raw()
    ),
    "unknown key": lambda h, c, keys: _signed(h | {"kid": "none-such"}, c, keys),
    "no key named": lambda h, c, keys: _signed({"alg": h["alg"], "typ": h["typ"]}, c, keys),
    "a key of its own in the header": lambda h, c, _: sealed(
        h | {"jwk": Device("Q1", b"x" * 32).jwk, "kid": "x"}, c, STRANGER
    ),
    "plain JWT": lambda h, c, keys: _signed(h | {"typ": "JWT"}, c, keys),
    "a proof's type": lambda h, c, keys: _signed(h | {"typ": tokens.PROOF_TYPE}, c, keys),
    "another audience": _with(aud="another-api"),
    "several audiences": _with(aud=[tokens.API_AUDIENCE, "another-api"]),
    "another issuer": _with(iss="https://issuer.example"),
    "expired": _with(exp=int(time.time()) - 120, iat=int(time.time()) - 720),
    "made in the future": _with(iat=int(time.time()) + 3600, exp=int(time.time()) + 4000),
    "for ever": lambda h, c, keys: _signed(
        h, {name: value for name, value in c.items() if name != "exp"}, keys
    ),
    "a till that is not there": _with(sub="Q404"),
    "no JWT at all": lambda *_: "not.a.token",
    "empty": lambda *_: "..",
    "endless": lambda *_: "a" * 100_000,
}


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_is_not_ours_or_not_for_this_opens_nothing(
    web: httpx.Client, till: Device, token: str, keys: TokenKeys, name: str
) -> None:
    forged = FORGED[name](*taken_apart(token), keys)

    answer = ask(web, forged, till.proof("GET", SNAPSHOT, forged))

    assert answer.status_code in {401, 431}, answer.text
    if answer.status_code == 401:
        assert "DPoP" in answer.headers["www-authenticate"]
        assert answer.json()["detail"].endswith("Nothing was done.")


def test_the_wrong_key_under_a_known_name_opens_nothing(
    web: httpx.Client, till: Device, token: str
) -> None:
    header, claims = taken_apart(token)

    forged = sealed(header, claims | {"sub": "Q1"}, STRANGER)

    assert ask(web, forged, till.proof("GET", SNAPSHOT, forged)).status_code == 401


# ------------------------------------------------------------ proofs


def test_a_proof_is_good_once(web: httpx.Client, till: Device, token: str) -> None:
    proof = till.proof("GET", SNAPSHOT, token)

    first, replayed = ask(web, token, proof), ask(web, token, proof)

    assert (first.status_code, replayed.status_code) == (200, 401)
    assert "used before" in replayed.json()["detail"]


def test_a_token_without_a_proof_is_worth_nothing(web: httpx.Client, token: str) -> None:
    assert web.get(SNAPSHOT, headers={"Authorization": f"DPoP {token}"}).status_code == 401


def test_a_stolen_token_does_not_go_as_a_bearer(
    web: httpx.Client, till: Device, token: str
) -> None:
    proof = till.proof("GET", SNAPSHOT, token)

    assert ask(web, token, proof, scheme="Bearer").status_code == 401


def test_a_stolen_token_with_the_thiefs_own_proof_is_worth_nothing(
    web: httpx.Client, token: str
) -> None:
    thief = Device("Q1", b"t" * 32)

    assert ask(web, token, thief.proof("GET", SNAPSHOT, token)).status_code == 401


WRONG_PROOFS: dict[str, dict[str, Any]] = {
    "for another method": {"htm": "POST"},
    "for another path": {"htu": "http://office/api/v1/tills/Q1/journal"},
    "for another token": {"ath": "x" * 43},
    "old": {"iat": int(time.time()) - 3600},
    "of the future": {"iat": int(time.time()) + 3600},
    "of no time": {"iat": "soon"},
    "without an id": {"jti": None},
    "an assertion": {"typ": tokens.ASSERTION_TYPE},
    "of no algorithm": {"alg": "none"},
    "of another algorithm": {"alg": "HS256"},
    "with a key of another kind": {"jwk": {"kty": "oct", "k": "AAAA"}},
    "without its key": {"jwk": None},
}


@pytest.mark.parametrize("name", WRONG_PROOFS)
def test_a_proof_for_something_else_proves_nothing(
    web: httpx.Client, till: Device, token: str, name: str
) -> None:
    proof = till.proof("GET", SNAPSHOT, token, **WRONG_PROOFS[name])

    answer = ask(web, token, proof)

    assert answer.status_code == 401, answer.text
    assert "invalid_dpop_proof" in answer.headers["www-authenticate"]


# ------------------------------------------------------------ assertions


def test_an_assertion_is_good_once(web: httpx.Client, till: Device) -> None:
    assertion = till.assertion()

    first = bought(web, till, client_assertion=assertion)
    replayed = bought(web, till, client_assertion=assertion)

    assert (first.status_code, replayed.status_code) == (200, 401)
    assert replayed.json()["error"] == "invalid_client"


WRONG_ASSERTIONS: dict[str, Callable[[Device], str]] = {
    "by another device's key": lambda till: Device(till.till_id, b"x" * 32).assertion(),
    "for another audience": lambda till: till.assertion(aud=tokens.API_AUDIENCE),
    "expired": lambda till: till.assertion(exp=int(time.time()) - 120),
    "of an hour ago": lambda till: till.assertion(iat=int(time.time()) - 3600),
    "in another name": lambda till: till.assertion(iss="Q2", sub="Q2"),
    "of a till that is not there": lambda till: till.assertion(iss="Q404", sub="Q404"),
    "for another subject": lambda till: till.assertion(sub="Q2"),
    "a proof": lambda till: till.assertion(typ=tokens.PROOF_TYPE),
    "nothing": lambda _: "x.y.z",
}


@pytest.mark.parametrize("name", WRONG_ASSERTIONS)
def test_an_assertion_that_proves_nothing_buys_nothing(
    web: httpx.Client, till: Device, name: str
) -> None:
    answer = bought(web, till, client_assertion=WRONG_ASSERTIONS[name](till))

    assert answer.status_code == 401, answer.text
    assert answer.json()["error"] == "invalid_client"
    assert "access_token" not in answer.json()


def test_an_assertion_with_somebody_elses_proof_buys_nothing(
    web: httpx.Client, till: Device, other_till: Device
) -> None:
    proof = other_till.proof("POST", tokens.TOKEN_PATH)

    assert bought(web, till, proof=proof).status_code == 401


# ------------------------------------------------------------ who may do what, where


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/v1/tills/Q2/snapshot", "GET"),
        ("/api/v1/tills/Q2/journal", "POST"),
        ("/api/v1/tills/Q2/lease", "POST"),
    ],
)
def test_a_till_does_not_speak_for_another_one(
    web: httpx.Client, till: Device, token: str, path: str, method: str
) -> None:
    headers = {"Authorization": f"DPoP {token}", "DPoP": till.proof(method, path, token)}

    answer = web.request(method, path, json={"entries": []}, headers=headers)

    assert answer.status_code == 403
    assert "may not speak for till Q2" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/v1/stores", "/api/v1/tills", "/api/v1/tally"])
def test_a_till_reads_nothing_that_is_not_for_tills(
    web: httpx.Client, till: Device, token: str, path: str
) -> None:
    assert ask(web, token, till.proof("GET", path, token), path).status_code == 403


@pytest.fixture
def desk(office: RunningOffice) -> Desk:
    key = OfficeKey.at(office.settings.office_key_file)
    pepper = PinPepper.at(office.settings.pin_pepper_file)
    return Desk(key, pepper.office, dt.datetime.now(dt.UTC))


@pytest.mark.parametrize("wanted", [Standing.REVOKED, Standing.FROZEN])
def test_a_token_from_before_does_not_outlive_the_revocation(
    office: RunningOffice, web: httpx.Client, till: Device, token: str, desk: Desk, wanted: Standing
) -> None:
    actor = Actor("mia", "manager")
    with office.database.begin() as connection:
        standing.change(connection, desk, actor, "Q1", (wanted, "It was stolen."))

    asked = ask(web, token, till.proof("GET", SNAPSHOT, token))
    buying = bought(web, till)

    with office.database.begin() as connection:
        standing.change(connection, desk, actor, "Q1", (Standing.TRADING, "It was found."))
    assert (asked.status_code, buying.status_code) == (403, 403)
    assert asked.json()["lease"]["lease"]["standing"] == wanted.value


def test_a_user_who_may_not_log_in_any_more_is_refused_with_a_token_that_has_not_ended(
    office: RunningOffice, web: httpx.Client, keys: TokenKeys
) -> None:
    make_user(office, User("gone", "Gone", Role.ADMIN, active=False))
    good = issue(keys, Access("gone", Role.ADMIN, "tillflow-cli"))

    answer = web.get("/api/v1/stores", headers={"Authorization": f"Bearer {good}"})

    assert answer.status_code == 401


def test_a_token_gives_the_role_of_today_and_not_that_of_when_it_was_made(
    office: RunningOffice, web: httpx.Client, keys: TokenKeys
) -> None:
    make_user(office, User("demoted", "Demoted", Role.ANALYST))
    good = issue(keys, Access("demoted", Role.ADMIN, "tillflow-cli"))

    answer = web.get("/api/v1/tills", headers={"Authorization": f"Bearer {good}"})

    assert answer.status_code == 403


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "DPoP", "Bearer ..", "Digest x"])
def test_anything_else_is_nobody(web: httpx.Client, till: Device, header: str) -> None:
    answer = web.get(SNAPSHOT, headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
