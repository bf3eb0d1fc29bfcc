"""Ways to come in by a forged, stolen, old or borrowed token, each by its name.

Each differs from a genuine request in one thing.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
from forging import STRANGER, Forger, b64, enrol, hs256, jwk_of, unsigned

from activities.token_keys import TokenKeys
from domain import tokens

Attack = Callable[[Forger], httpx.Response]
ATTACKS: dict[str, Attack] = {}


def now() -> int:
    """Seconds since 1970, asked when the attack is made: the tests before it may take long."""
    return int(time.time())


def attack(tried: Attack) -> Attack:
    ATTACKS[tried.__name__.replace("_", " ")] = tried
    return tried


def with_token(forger: Forger, token: str) -> httpx.Response:
    """Ask with a token that is not the office's, and a proof that is good."""
    return forger.ask(token, forger.proof(token))


def with_proof(forger: Forger, **changes: Any) -> httpx.Response:
    """Ask with a token that is good, and a proof that is not."""
    token = forger.token()
    return forger.ask(token, forger.proof(token, **changes))


def stranger(message: bytes) -> bytes:
    return bytes.fromhex(STRANGER.sign(message))


# ---------------------------------------------------------------- the access token


@attack
def algorithm_none(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(unsigned, {"alg": "none"}))


@attack
def hs256_with_the_public_key_as_secret(forger: Forger) -> httpx.Response:
    key = TokenKeys(forger.office.settings.token_keys_dir).signing()
    secret = key.public_key.public_bytes_raw()
    return with_token(forger, forger.token(hs256(secret), {"alg": "HS256"}))


@attack
def hs256_with_the_public_key_as_pem(forger: Forger) -> httpx.Response:
    secret = TokenKeys(forger.office.settings.token_keys_dir).signing().as_pem(private=False)
    return with_token(forger, forger.token(hs256(secret), {"alg": "HS256"}))


@attack
def signed_by_another_key(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(stranger))


@attack
def signed_by_the_tills_own_key(forger: Forger) -> httpx.Response:
    own = forger.signer
    return with_token(forger, forger.token(lambda message: bytes.fromhex(own.sign(message))))


@attack
def the_signers_key_sent_along(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(stranger, {"jwk": jwk_of(STRANGER)}))


@attack
def without_a_signature(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token().rpartition(".")[0] + ".")


@attack
def changed_after_it_was_signed(forger: Forger) -> httpx.Response:
    header, claims, signature = forger.token().split(".")
    plain = json.loads(base64.urlsafe_b64decode(claims + "=="))
    spoilt = b64(json.dumps(plain | {"store_id": "S2"}).encode())
    return with_token(forger, f"{header}.{spoilt}.{signature}")


@attack
def for_another_audience(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(aud=tokens.TOKEN_AUDIENCE))


@attack
def for_several_audiences(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(aud=[tokens.API_AUDIENCE, "elsewhere"]))


@attack
def by_another_issuer(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(iss="https://issuer.example"))


@attack
def by_a_key_nobody_knows(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(header={"kid": "000000000001-00000000"}))


@attack
def by_a_key_that_is_not_named(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(header={"kid": None}))


@attack
def of_another_type(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(header={"typ": "JWT"}))


@attack
def with_a_demand_that_is_not_understood(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(header={"crit": ["exp"], "exp": now()}))


@attack
def expired(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(iat=now() - 1200, exp=now() - 600))


@attack
def without_an_end(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(exp=None))


@attack
def not_valid_yet(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(nbf=now() + 600))


@attack
def made_in_the_future(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(iat=now() + 600, exp=now() + 1200))


@attack
def no_token_at_all_but_letters(forger: Forger) -> httpx.Response:
    return with_token(forger, "e30.e30.e30")


@attack
def a_stolen_token_without_its_key(forger: Forger) -> httpx.Response:
    bearer = {"Authorization": f"Bearer {forger.token()}"}
    return forger.http.get(f"{forger.office.settings.api_url}{forger.path}", headers=bearer)


@attack
def a_token_that_is_bound_to_no_key(forger: Forger) -> httpx.Response:
    return with_token(forger, forger.token(cnf=None))


@attack
def another_devices_key(forger: Forger) -> httpx.Response:
    token = forger.token()
    return forger.ask(token, forger.proof(token, STRANGER))


# ---------------------------------------------------------------- the proof


@attack
def a_proof_used_twice(forger: Forger) -> httpx.Response:
    token = forger.token()
    proof = forger.proof(token)
    assert forger.ask(token, proof).status_code == 200
    return forger.ask(token, proof)


@attack
def no_proof(forger: Forger) -> httpx.Response:
    return forger.ask(forger.token(), None)


@attack
def a_proof_for_another_method(forger: Forger) -> httpx.Response:
    return with_proof(forger, htm="POST")


@attack
def a_proof_for_several_methods(forger: Forger) -> httpx.Response:
    return with_proof(forger, htm=["GET", "POST"])


@attack
def a_proof_for_another_path(forger: Forger) -> httpx.Response:
    return with_proof(forger, htu="http://office/api/v1/tills/T1/snapshot")


@attack
def a_proof_for_another_token(forger: Forger) -> httpx.Response:
    token = forger.token()
    return forger.ask(token, forger.proof(forger.token()))


@attack
def a_proof_for_no_token(forger: Forger) -> httpx.Response:
    return with_proof(forger, ath=None)


@attack
def an_old_proof(forger: Forger) -> httpx.Response:
    return with_proof(forger, iat=int(time.time()) - 120)


@attack
def a_proof_of_tomorrow(forger: Forger) -> httpx.Response:
    return with_proof(forger, iat=int(time.time()) + 86_400)


@attack
def a_proof_of_no_moment(forger: Forger) -> httpx.Response:
    return with_proof(forger, iat=10**30)


@attack
def a_proof_without_an_id(forger: Forger) -> httpx.Response:
    return with_proof(forger, jti=None)


@attack
def a_proof_of_endless_id(forger: Forger) -> httpx.Response:
    return with_proof(forger, jti="x" * 101)


@attack
def a_proof_that_names_the_tills_key_and_is_signed_by_another(forger: Forger) -> httpx.Response:
    return with_proof(forger, signer=STRANGER, header={"jwk": jwk_of(forger.signer)})


@attack
def a_proof_that_gives_the_private_key_away(forger: Forger) -> httpx.Response:
    return with_proof(forger, header={"jwk": jwk_of(forger.signer) | {"d": b64(b"d" * 32)}})


@attack
def a_proof_by_a_key_of_another_kind(forger: Forger) -> httpx.Response:
    return with_proof(forger, header={"jwk": {"kty": "oct", "k": "c2VjcmV0"}})


@attack
def a_proof_of_another_type(forger: Forger) -> httpx.Response:
    return with_proof(forger, header={"typ": "JWT"})


@attack
def a_proof_nested_without_end(forger: Forger) -> httpx.Response:
    token = forger.token()
    return forger.ask(token, f"{b64(b'[' * 1_500)}.e30.e30")


# ---------------------------------------------------------------- the token endpoint


@attack
def an_assertion_used_twice(forger: Forger) -> httpx.Response:
    assertion = forger.assertion()
    assert forger.buy(assertion).status_code == 200
    return forger.buy(assertion)


@attack
def an_assertion_by_another_key(forger: Forger) -> httpx.Response:
    return forger.buy(forger.assertion(STRANGER))


@attack
def an_assertion_with_another_devices_proof(forger: Forger) -> httpx.Response:
    return forger.buy(forger.assertion(), proof_by=STRANGER)


@attack
def an_assertion_of_a_till_nobody_knows(forger: Forger) -> httpx.Response:
    return forger.buy(forger.assertion(iss="nobody", sub="nobody"))


@attack
def an_assertion_of_a_till_that_is_not_enrolled(forger: Forger) -> httpx.Response:
    return forger.buy(forger.assertion(iss="T1", sub="T1"))


@attack
def an_assertion_about_another_till(forger: Forger) -> httpx.Response:
    return forger.buy(forger.assertion(sub="T1"))


@attack
def an_assertion_for_another_audience(forger: Forger) -> httpx.Response:
    return forger.buy(forger.assertion(aud=tokens.API_AUDIENCE))


@attack
def an_assertion_that_is_over(forger: Forger) -> httpx.Response:
    return forger.buy(forger.assertion(iat=now() - 600, exp=now() - 540))


@attack
def an_assertion_that_is_old_but_says_it_lasts(forger: Forger) -> httpx.Response:
    return forger.buy(forger.assertion(iat=now() - 600, exp=now() + 10**6))


@attack
def an_assertion_that_is_none(forger: Forger) -> httpx.Response:
    return forger.buy("nothing")


# ---------------------------------------------------------------- whose things


@attack
def another_tills_route(forger: Forger) -> httpx.Response:
    token, path = forger.token(), "/api/v1/tills/T1/snapshot"
    return forger.ask(token, forger.proof(token, htu=f"http://office{path}"), path)


@attack
def what_a_till_may_not(forger: Forger) -> httpx.Response:
    token, path = forger.token(), "/api/v1/stores"
    return forger.ask(token, forger.proof(token, htu=f"http://office{path}"), path)


@attack
def another_stores_products(forger: Forger) -> httpx.Response:
    token, path = forger.token(), "/api/v1/products"
    proof = forger.proof(token, htu=f"http://office{path}")
    return forger.ask(token, proof, f"{path}?store_id=S2")


@attack
def a_role_that_the_till_gave_itself(forger: Forger) -> httpx.Response:
    header, claims, signature = forger.token().split(".")
    plain = json.loads(base64.urlsafe_b64decode(claims + "=="))
    raised = b64(json.dumps(plain | {"role": "admin", "cnf": {}}).encode())
    bearer = {"Authorization": f"Bearer {header}.{raised}.{signature}"}
    return forger.http.get("/stores", headers=bearer)


@attack
def a_key_that_the_till_had_before(forger: Forger) -> httpx.Response:
    token = forger.token()
    enrol(forger.office, forger.till_id, STRANGER)
    return with_token(forger, token)
