"""Characters that no book can hold, and bodies that are no JSON, are refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from builders import sale
from offices import RunningOffice
from pydantic import TypeAdapter

from domain.sale import Sale
from till_kivy.keystore import Ed25519Signer

_SALE = TypeAdapter(Sale)
JSON = {"content-type": "application/json"}
HALF = "\ud800"


@pytest.mark.parametrize(
    "path",
    [
        "/products?store_id=%00",
        "/products?store_id=S1&text=%00",
        "/products?store_id=S1&after=a%00b",
        "/products/a%00b?store_id=S1",
        "/transactions?receipt_number=a%00b",
        "/transactions?receipt_number=1&store_id=%00",
    ],
)
def test_a_question_with_nul_is_refused_with_a_sentence(office: RunningOffice, path: str) -> None:
    answer = office.http.get(path)

    assert answer.status_code == 422, answer.text
    assert "the character NUL" in answer.json()["detail"]


def test_a_till_with_nul_in_its_name_gets_no_token(office: RunningOffice) -> None:
    nobody = office.as_till("a\0b", Ed25519Signer(b"3" * 32))

    answer = nobody.get("/tills/a%00b/snapshot")

    assert answer.status_code == 422, answer.text
    assert "the character NUL" in answer.json()["detail"]


@pytest.mark.parametrize("wrong", [HALF, f"a{HALF}", "a\0b"])
@pytest.mark.parametrize(
    "field", ["store_id", "till_id", "cashier_id", "receipt_number", "reference", "sku", "currency"]
)
def test_a_sale_with_such_a_character_anywhere_is_refused(
    office: RunningOffice, numbers: Iterator[str], field: str, wrong: str
) -> None:
    body: dict[str, Any] = dict(_SALE.dump_python(sale(next(numbers)), mode="json"))
    place = {"sku": body["lines"][0], "currency": body["total"]}.get(field, body)
    place[field] = wrong

    answer = office.http.post("/transactions", content=json.dumps(body), headers=JSON)

    nobody = (field, wrong) == ("cashier_id", "a\0b")  # looked for among those who work there
    assert answer.status_code == (404 if nobody else 422), answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize("field", ["kind", "body", "previous", "hash", "signature", "till_id"])
@pytest.mark.parametrize("wrong", [HALF, "a\0b"])
def test_a_journal_entry_with_such_a_character_is_told_or_refused(
    till: httpx.Client, field: str, wrong: str
) -> None:
    entry = {
        "till_id": "T3",
        "epoch": 1,
        "sequence": 1,
        "kind": "sale",
        "at": "2026-11-21T09:30:00Z",
        "previous": "0" * 64,
        "body": "{}",
        "hash": "f" * 64,
        "signature": "0" * 128,
        field: wrong,
    }

    answer = till.post("/tills/T3/journal", content=json.dumps({"entries": [entry]}), headers=JSON)

    assert answer.status_code in {200, 422}, answer.text
    assert answer.status_code == 422 or answer.json()["refused"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_content_type_is_not_understood(
    office: RunningOffice, numbers: Iterator[str], kind: str
) -> None:
    content = _SALE.dump_json(sale(next(numbers)))

    answer = office.http.post("/transactions", content=content, headers={"content-type": kind})

    assert answer.status_code == 415, answer.text
    assert answer.json()["detail"].startswith(f"Content-Type is {kind};")
