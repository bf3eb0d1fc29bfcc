"""What an external issuer says is held to OpenID Connect before anybody is let in."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from lying_issuer import (
    ABOUT,
    CLIENT,
    HEADER,
    KEYS,
    NONCE,
    SUBJECT,
    TOKEN,
    LyingIssuer,
    key,
    lying_issuer,
)

from api.issuer import ExternalIssuer, IssuerAway, IssuerRefused, Waiting

WAITING = Waiting(state="s", nonce=NONCE, verifier="v" * 43, next="/")
FAR = 9_999_999_999


@pytest.fixture
def issuer() -> Iterator[LyingIssuer]:
    with lying_issuer() as opened:
        yield opened


def who_is_it(issuer: LyingIssuer, url: str = "") -> str:
    asking = ExternalIssuer(url or issuer.url, CLIENT, None)
    return asking.finish(WAITING, "a code", "http://office/back")


def test_the_subject_of_a_sound_answer_is_who_logs_in(issuer: LyingIssuer) -> None:
    assert who_is_it(issuer) == SUBJECT


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "of another log-in"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": FAR},
        {"iat": FAR},
        {"sub": ""},
        {"sub": None},
    ],
    ids=str,
)
def test_a_claim_that_does_not_fit_lets_nobody_in(
    issuer: LyingIssuer, wrong: dict[str, object]
) -> None:
    issuer.say(TOKEN, {"id_token": issuer.id_token(**wrong)})

    with pytest.raises(IssuerRefused, match="Begin it again"):
        who_is_it(issuer)


def test_a_token_of_several_programs_is_good_when_it_was_made_for_ours(issuer: LyingIssuer) -> None:
    several = issuer.id_token(aud=[CLIENT, "another"], azp=CLIENT)
    issuer.say(TOKEN, {"id_token": several})

    assert who_is_it(issuer) == SUBJECT


def _unsigned(issuer: LyingIssuer) -> str:
    parts = ({"alg": "none"}, issuer.claims())
    texts = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    return ".".join(text.rstrip("=") for text in texts) + "."


def _signed_with_what_is_public(issuer: LyingIssuer) -> str:
    public = OctKey.import_key(json.dumps(key().as_dict(private=False)))
    header = {"alg": "HS256", "kid": "k1"}
    return jwt.encode(header, issuer.claims(), public, algorithms=["HS256"])


def _signed_by_another(issuer: LyingIssuer) -> str:
    return jwt.encode(HEADER, issuer.claims(), key(2))


@pytest.mark.parametrize(
    "forge", [_unsigned, _signed_with_what_is_public, _signed_by_another, lambda _: "a.b.c"]
)
def test_a_signature_that_is_not_the_issuers_lets_nobody_in(
    issuer: LyingIssuer, forge: Callable[[LyingIssuer], str]
) -> None:
    issuer.say(TOKEN, {"id_token": forge(issuer)})

    with pytest.raises(IssuerRefused):
        who_is_it(issuer)


@pytest.mark.parametrize("path", [ABOUT, KEYS, TOKEN])
@pytest.mark.parametrize("said", [b"<html>", b"", b"[]", b'"x"', b"null", b"{}"])
def test_an_answer_that_is_no_issuers_is_told_in_a_sentence(
    issuer: LyingIssuer, path: str, said: bytes
) -> None:
    issuer.say(path, said)

    with pytest.raises((IssuerAway, IssuerRefused)):
        who_is_it(issuer)


@pytest.mark.parametrize("keys", ["x", [], ["x"], [{"kty": "XX"}], [{"kty": "RSA"}]], ids=str)
def test_keys_that_are_none_are_told_in_a_sentence(issuer: LyingIssuer, keys: object) -> None:
    issuer.say(KEYS, {"keys": keys})

    with pytest.raises(IssuerAway, match="no keys that we know"):
        who_is_it(issuer)


def test_a_document_about_another_issuer_is_not_followed(issuer: LyingIssuer) -> None:
    issuer.say(ABOUT, issuer.about(issuer="https://elsewhere.example"))

    with pytest.raises(IssuerAway, match="not about"):
        who_is_it(issuer)


def test_addresses_that_are_none_are_told_in_a_sentence(issuer: LyingIssuer) -> None:
    issuer.say(ABOUT, issuer.about(token_endpoint="http://[broken"))

    with pytest.raises(IssuerAway):
        who_is_it(issuer)


def test_an_issuer_whose_name_ends_with_a_slash_is_called_by_it(issuer: LyingIssuer) -> None:
    named = issuer.url + "/"
    issuer.say(ABOUT, issuer.about(issuer=named))
    issuer.say(TOKEN, {"id_token": issuer.id_token(iss=named)})

    assert who_is_it(issuer, named) == SUBJECT
