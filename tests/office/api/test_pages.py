"""What people and programs look at: documentation without internet, health, problems, search."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from builders import sale
from google.protobuf.json_format import MessageToJson, Parse
from offices import RunningOffice
from pydantic import TypeAdapter
from temporalio.api.common.v1 import Payloads
from waiting import until

from api.auth.commands import CommandToken
from domain.roles import Role
from domain.sale import Sale
from workflows import ids

_SALE = TypeAdapter(Sale)
UI = "http://127.0.0.1:8421"


@pytest.fixture
def web(office: RunningOffice) -> Iterator[httpx.Client]:
    """The documentation and the codec, asked by an operator."""
    token = CommandToken(office.settings, "a test", Role.OPS)
    url = office.settings.api_url
    with httpx.Client(base_url=url, auth=token, trust_env=False) as client:
        yield client


def record(office: RunningOffice, sold: Sale) -> None:
    headers = {"content-type": "application/json"}
    answer = office.http.post("/transactions", content=_SALE.dump_json(sold), headers=headers)
    assert answer.status_code == 201, answer.text


def test_the_documentation_page_needs_nothing_from_the_internet(web: httpx.Client) -> None:
    page = web.get("/docs")
    needed = re.findall(r'(?:src|href|url)\s*[=:]\s*["\']([^"\']+)', page.text)
    answers = {one: web.get(one) for one in needed}

    assert len(needed) >= 3
    assert all(not urlsplit(one).netloc for one in needed)
    assert all(answer.is_success and answer.content for answer in answers.values())
    assert "SwaggerUIBundle" in page.text


def test_every_route_has_a_title_and_a_sentence_in_the_documentation(web: httpx.Client) -> None:
    described = web.get("/openapi.json").json()

    routes = [route for path in described["paths"].values() for route in path.values()]
    assert len(routes) >= 10
    assert [route for route in routes if not (route["summary"] and route["description"])] == []


def test_an_office_with_all_its_parts_is_well(office: RunningOffice) -> None:
    until(lambda: office.http.get("/health").is_success)

    assert office.http.get("/health").json() == {
        "postgresql": "ok",
        "temporal": "ok",
        "worker": "ok",
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/no/such/page", 404),
        ("DELETE", "/stores", 405),
        ("GET", "/transactions/no-uuid", 422),
        ("GET", "/products", 422),
        ("GET", "/products?store_id=S1&colour=red", 422),
        ("GET", "/products?store_id=nowhere", 404),
        ("GET", "/products/TEA?store_id=S1", 404),
        ("GET", "/tills/T1/snapshot", 403),
    ],
)
def test_every_refusal_is_a_problem_with_a_sentence(
    office: RunningOffice, method: str, path: str, status: int
) -> None:
    answer = office.http.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


def test_stores_tills_and_the_tally_are_listed(office: RunningOffice) -> None:
    stores, tills = office.http.get("/stores").json(), office.http.get("/tills").json()

    assert [store["id"] for store in stores] == ["S1"]
    assert {"T1", "T2"} <= {till["till"]["id"] for till in tills}
    assert office.http.get("/tally").is_success


def test_a_snapshot_is_sent_once_per_version(till: httpx.Client) -> None:
    first = till.get("/tills/T3/snapshot")

    again = till.get("/tills/T3/snapshot", headers={"if-none-match": first.headers["etag"]})

    assert first.json()["store"]["id"] == "S1"
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize(
    "query",
    [
        "ReceiptNumber = '{0.receipt_number}'",
        "TillId = '{0.till_id}' AND Amount = 350 AND ReceiptNumber = '{0.receipt_number}'",
        "StoreId = 'S1' AND BusinessDate = '2026-11-21' AND ReceiptNumber = '{0.receipt_number}'",
        "State = 'posted' AND Currency = 'EUR' AND ReceiptNumber = '{0.receipt_number}'",
    ],
)
def test_an_operator_finds_a_sale_by_what_is_on_its_receipt(
    office: RunningOffice, numbers: Iterator[str], query: str
) -> None:
    sold = sale(next(numbers))
    record(office, sold)

    async def found() -> list[str]:
        return [one.id async for one in office.temporal.list_workflows(query.format(sold))]

    until(lambda: office.loop.run(found()) == [ids.sale(sold.id)])


def test_temporals_ui_gets_a_payload_decrypted_for_its_own_page_alone(
    office: RunningOffice, web: httpx.Client, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers))
    record(office, sold)
    handle = office.temporal.get_workflow_handle(ids.sale(sold.id))
    history = office.loop.run(handle.fetch_history())
    secret = history.events[0].workflow_execution_started_event_attributes.input

    def decode(origin: str) -> httpx.Response:
        headers = {"origin": origin, "content-type": "application/json"}
        return web.post("/codec/decode", content=MessageToJson(secret), headers=headers)

    plain = Parse(decode(UI).text, Payloads())
    assert b"Tea" not in secret.SerializeToString()
    assert _SALE.validate_json(plain.payloads[0].data) == sold
    assert decode(UI).headers["access-control-allow-origin"] == UI
    assert "access-control-allow-origin" not in decode("http://elsewhere").headers


def test_what_cannot_be_decrypted_is_refused_in_words(web: httpx.Client) -> None:
    metadata = {"encoding": "YmluYXJ5L2VuY3J5cHRlZA==", "key-id": "bm9rZXk="}

    answer = web.post("/codec/decode", json={"payloads": [{"metadata": metadata, "data": "AAAA"}]})

    assert answer.status_code == 400
    assert "nokey" in answer.json()["detail"]
