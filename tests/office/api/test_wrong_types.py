"""Every field of every route, given something that it is not, is named with what it expects."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from builders import sale
from offices import RunningOffice
from pydantic import TypeAdapter
from sqlalchemy import text

from domain.sale import Sale

_SALE = TypeAdapter(Sale)
ENTRY: dict[str, Any] = {
    "till_id": "T1",
    "epoch": 1,
    "sequence": 1,
    "kind": "sale",
    "at": "2026-11-21T09:30:00Z",
    "previous": "0" * 64,
    "body": "{}",
    "hash": "f" * 64,
    "signature": "0" * 128,
}
JSON = {"content-type": "application/json"}
Steps = tuple[str | int, ...]
Sent = Callable[[str, object], httpx.Response]


@pytest.fixture
def post(office: RunningOffice, till: httpx.Client) -> Sent:
    def posted(path: str, body: object) -> httpx.Response:
        """Journals come from the till, all else from an admin."""
        client = till if path.startswith("/tills/") else office.http
        return client.post(path, content=json.dumps(body), headers=JSON)

    return posted


@pytest.fixture
def nothing_stored(office: RunningOffice) -> Iterator[None]:
    """Hold that the test leaves every book as it was."""
    before = counted(office)
    yield
    assert counted(office) == before


def counted(office: RunningOffice) -> tuple[int, ...]:
    tables = ("sales", "journal_entries", "quarantined_entries", "postings")
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # noqa: S608 -- ours
    with office.database.begin() as connection:
        return tuple(connection.execute(text(f"SELECT {counts}")).one())


def with_wrong(body: Any, steps: Steps, value: object) -> Any:  # noqa: ANN401 -- JSON
    """Put something else into one place of a document."""
    spoilt = copy.deepcopy(body)
    place = spoilt
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = value
    return spoilt


def without(body: Any, steps: Steps) -> Any:  # noqa: ANN401 -- JSON
    spoilt = copy.deepcopy(body)
    place = spoilt
    for step in steps[:-1]:
        place = place[step]
    del place[steps[-1]]
    return spoilt


def assert_told(answer: httpx.Response, field: str, value: str, expected: str) -> None:
    """The answer names the first wrong field, what it held, and what belongs there."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    first = problem["errors"][0]
    assert problem["type"] == "urn:tillflow:problem:malformed"
    assert (first["field"], first["value"]) == (field, value)
    assert expected in first["expected"]
    assert problem["detail"] == f"{field} is {value}: {first['expected']}. Nothing was stored."


WRONG_IN_A_SALE: list[tuple[Steps, object, str]] = [
    (("id",), "sale-1", "valid UUID"),
    (("store_id",), 7, "valid string"),
    (("receipt_number",), None, "valid string"),
    (("business_date",), "21.11.2026", "valid date"),
    (("sold_at",), "noon", "valid datetime"),
    (("lines",), {}, "valid tuple"),
    (("lines", 0, "id"), "", "valid UUID"),
    (("lines", 0, "quantity", "unit"), "dozen", "'piece'"),
    (("lines", 0, "quantity", "thousandths"), 0.5, "valid integer"),
    (("lines", 0, "unit_price", "micros"), "3,50", "valid integer"),
    (("lines", 0, "price_source"), "guess", "'catalog'"),
    (("lines", 0, "taxes", 0, "amount"), 58, "instance of Money"),
    (("tenders", 0, "kind"), "shells", "'cash'"),
    (("tenders", 0, "amount", "minor"), [], "valid integer"),
    (("tax_rates", 0, "rate_ppm"), "20%", "valid integer"),
    (("tax_rounding",), "never", "'line'"),
    (("total",), "3.50 EUR", "instance of Money"),
    (("catalog_version",), 1.5, "valid integer"),
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("steps", "value", "expected"), WRONG_IN_A_SALE)
def test_a_wrong_field_of_a_sale_is_named(
    post: Sent, steps: Steps, value: object, expected: str
) -> None:
    body = with_wrong(_SALE.dump_python(sale(), mode="json"), steps, value)

    answer = post("/transactions", body)

    assert_told(answer, ".".join(map(str, ("body", *steps))), repr(value), expected)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "steps", [("id",), ("lines",), ("lines", 0, "sku"), ("tenders", 0, "amount", "currency")]
)
def test_a_missing_field_of_a_sale_is_called_missing(post: Sent, steps: Steps) -> None:
    body = without(_SALE.dump_python(sale(), mode="json"), steps)

    answer = post("/transactions", body)

    assert_told(answer, ".".join(map(str, ("body", *steps))), "missing", "Field required")


WRONG_IN_AN_ENTRY: list[tuple[str, object, str]] = [
    ("till_id", 1, "valid string"),
    ("epoch", "first", "valid integer"),
    ("sequence", 1.5, "valid integer"),
    ("kind", None, "valid string"),
    ("at", "yesterday", "valid datetime"),
    ("previous", 0, "valid string"),
    ("body", {}, "valid string"),
    ("hash", [], "valid string"),
    ("signature", True, "valid string"),
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("name", "value", "expected"), WRONG_IN_AN_ENTRY)
def test_a_wrong_field_of_a_journal_entry_is_named_with_its_place_in_the_batch(
    post: Sent, name: str, value: object, expected: str
) -> None:
    batch = {"entries": [ENTRY, with_wrong(ENTRY, (name,), value)]}

    answer = post("/tills/T3/journal", batch)

    assert_told(answer, f"body.entries.1.{name}", repr(value), expected)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("name", ENTRY)
def test_an_entry_without_one_of_its_fields_is_not_guessed_at(post: Sent, name: str) -> None:
    answer = post("/tills/T3/journal", {"entries": [without(ENTRY, (name,))]})

    assert_told(answer, f"body.entries.0.{name}", "missing", "Field required")


@pytest.mark.parametrize(
    ("path", "field", "value", "expected"),
    [
        ("/products", "query.store_id", "missing", "Field required"),
        ("/products?store_id=", "query.store_id", "''", "at least 1 character"),
        ("/products?store_id=S1&limit=0", "query.limit", "'0'", "greater than or equal to 1"),
        ("/products?store_id=S1&limit=501", "query.limit", "'501'", "less than or equal to 500"),
        ("/products?store_id=S1&limit=ten", "query.limit", "'ten'", "valid integer"),
        ("/products?store_id=S1&colour=red", "query.colour", "'red'", "Extra inputs"),
        ("/products/TEA", "query.store_id", "missing", "Field required"),
        ("/products/TEA?store_id=", "query.store_id", "''", "at least 1 character"),
        ("/transactions", "query.receipt_number", "missing", "Field required"),
        ("/transactions?receipt_number=", "query.receipt_number", "''", "at least 1 character"),
        ("/transactions/12", "path.sale_id", "'12'", "valid UUID"),
    ],
)
def test_a_wrong_question_is_named_by_its_parameter(
    office: RunningOffice, path: str, field: str, value: str, expected: str
) -> None:
    answer = office.http.get(path)

    assert_told(answer, field, value, expected)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("path", ["/transactions", "/tills/T3/journal"])
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1, 2", b'"text"', b"null", b"7"])
def test_a_body_that_is_no_document_is_refused_at_the_body(
    office: RunningOffice, till: httpx.Client, path: str, content: bytes
) -> None:
    client = till if path.startswith("/tills/") else office.http

    answer = client.post(path, content=content, headers=JSON)

    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


@pytest.mark.usefixtures("nothing_stored")
def test_a_long_wrong_value_is_cut_and_many_wrong_fields_are_not_all_told(post: Sent) -> None:
    long = post("/tills/T3/journal", {"entries": "x" * 1_000})
    many = post("/tills/T3/journal", {"entries": [{} for _ in range(30)]})

    assert long.json()["errors"][0]["value"] == f"'{'x' * 199}…"
    assert len(many.json()["errors"]) == 20


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/transactions"),
        ("DELETE", "/tills"),
        ("GET", "/tills/T1/journal"),
        ("POST", "/tills/T1/snapshot"),
        ("PATCH", "/products/TEA"),
        ("POST", "/health"),
        ("POST", "/tally"),
    ],
)
def test_a_method_that_a_route_has_not_is_refused_with_those_it_has(
    office: RunningOffice, method: str, path: str
) -> None:
    answer = office.http.request(method, path)

    assert answer.status_code == 405
    assert answer.json()["detail"] == f"{method} /api/v1{path}: Method Not Allowed."
    assert answer.headers["allow"] in {"GET", "POST"}
