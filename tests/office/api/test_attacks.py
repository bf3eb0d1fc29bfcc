"""Whoever tries to come in by a forged, stolen, old or borrowed token stays outside.

Promise 33; its sabotage, an office that decodes without verifying, is at the end.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attacks import ATTACKS
from forging import Forger
from joserfc import jws, jwt


def test_what_every_attack_changes_one_thing_of_is_let_in(forger: Forger) -> None:
    token = forger.token()

    asked, bought = forger.ask(token, forger.proof(token)), forger.buy(forger.assertion())

    assert asked.status_code == 200, asked.text
    assert bought.status_code == 200, bought.text
    assert bought.json() | {"access_token": ""} == {
        "access_token": "",
        "token_type": "DPoP",
        "expires_in": 600,
    }


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_with_a_sentence(forger: Forger, name: str) -> None:
    answer = ATTACKS[name](forger)

    said = answer.json()
    assert answer.status_code in {401, 403}, answer.text
    assert len(said.get("detail") or said["error_description"]) > 20
    assert answer.status_code == 403 or answer.headers["www-authenticate"].startswith("DPoP algs=")
    assert forger.signer.public_key not in answer.text


def test_there_are_more_attacks_than_were_asked_for() -> None:
    assert len(ATTACKS) >= 50


@pytest.mark.parametrize(
    "name",
    [
        "signed by another key",
        "without a signature",
        "changed after it was signed",
        "a proof that names the tills key and is signed by another",
    ],
)
def test_the_matrix_notices_an_office_that_decodes_without_verifying(
    forger: Forger, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(jwt, "decode", decoded_without_verifying)

    answer = ATTACKS[name](forger)

    assert answer.status_code == 200, answer.text


def decoded_without_verifying(text: str, find_key: Any, registry: object) -> jwt.Token:  # noqa: ANN401 -- as joserfc has it
    found = jws.extract_compact(text.encode())
    find_key(found)
    return jwt.Token(found.headers(), json.loads(found.payload))
