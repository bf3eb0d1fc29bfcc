"""POST and GET of transactions: once, whatever is repeated, and refusals that say why."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from builders import basket, line, product, sale
from offices import RunningOffice
from pydantic import TypeAdapter
from sqlalchemy import text

from domain.money import Money
from domain.sale import Sale

_SALE = TypeAdapter(Sale)


def body(of: Sale) -> dict[str, Any]:
    return dict(_SALE.dump_python(of, mode="json"))


def count(office: RunningOffice, table: str, of: Sale) -> int:
    """Count the rows of a sale."""
    column = {"sales": "id", "stock_movements": "source_line_id"}.get(table, "sale_id")
    query = text(f"SELECT count(*) FROM {table} WHERE {column} = ANY(:ids)")  # noqa: S608 -- ours
    with office.database.begin() as connection:
        ids = [of.id, *(line.id for line in of.lines)]
        return int(connection.execute(query, {"ids": ids}).scalar_one())


def test_a_sale_is_recorded_and_read_back_as_it_was_sent(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers), basket(line(product("Tea")), line(product("Milk", "1.20"), 2)))

    answer = office.http.post("/transactions", json=body(sold))

    assert answer.status_code == 201, answer.text
    assert answer.json()["receipt_number"] == sold.receipt_number
    read = office.http.get(f"{office.settings.api_url}{answer.headers['location']}")
    assert _SALE.validate_json(read.content) == sold


def test_a_sale_sent_five_times_is_recorded_once_and_answered_alike(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers))

    answers = [office.http.post("/transactions", json=body(sold)) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200]
    assert len({answer.text for answer in answers}) == 1
    assert count(office, "sales", sold) == 1


def test_a_sale_sent_eight_times_at_once_is_recorded_once_and_answered_alike(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers))

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: office.http.post("/transactions", json=body(sold)), range(8))
        )

    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.text for answer in answers}) == 1
    assert count(office, "sales", sold) == 1
    assert count(office, "stock_movements", sold) == 1


def test_another_sale_of_the_same_id_is_refused_and_kept_in_quarantine(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers))
    other = replace(sold, reference="another")
    office.http.post("/transactions", json=body(sold))

    answers = [office.http.post("/transactions", json=body(other)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert str(sold.id) in answers[0].json()["detail"]
    assert count(office, "quarantined_entries", sold) == 1
    assert count(office, "sales", sold) == 1


def test_another_sale_of_the_same_receipt_number_is_refused_with_its_number(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers))
    office.http.post("/transactions", json=body(sold))

    answers = [
        office.http.post("/transactions", json=body(sale(sold.receipt_number))) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert sold.receipt_number in answers[0].json()["detail"]


def test_a_sale_that_does_not_add_up_is_refused_with_the_figures(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = replace(sale(next(numbers)), tax=Money(1, "EUR"))

    answer = office.http.post("/transactions", json=body(sold))

    assert answer.status_code == 422
    assert "discount and tax should be 0.00 EUR and 0.58 EUR" in answer.json()["detail"]
    (wrong,) = answer.json()["errors"]
    assert (wrong["field"], wrong["value"]) == ("sale", f"Sale {sold.receipt_number} ({sold.id})")
    assert "should be 0.00 EUR" in wrong["expected"]
    assert count(office, "sales", sold) == 0


@pytest.mark.parametrize(
    "unheld",
    [replace(sale(), reference="a\0b")],
)
def test_a_sale_that_the_ledger_cannot_hold_is_refused_with_the_reason(
    office: RunningOffice, numbers: Iterator[str], unheld: Sale
) -> None:
    sold = replace(unheld, receipt_number=next(numbers))

    answer = office.http.post("/transactions", json=body(sold))

    assert answer.status_code == 422, answer.text
    assert sold.receipt_number in answer.json()["detail"]


def test_a_malformed_sale_is_refused_with_field_value_and_what_is_expected(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sent = body(sale(next(numbers)))
    sent["total"]["minor"] = "much"

    answer = office.http.post("/transactions", json=sent)

    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert wrong["field"] == "body.total.minor"
    assert wrong["value"] == "'much'"
    assert "integer" in wrong["expected"]
    assert answer.json()["detail"].endswith("Nothing was stored.")


def test_a_sale_is_found_by_its_receipt_number(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers))
    office.http.post("/transactions", json=body(sold))

    found = office.http.get("/transactions", params={"receipt_number": sold.receipt_number})

    assert [one["id"] for one in found.json()] == [str(sold.id)]


def test_a_sale_nobody_recorded_is_not_found(office: RunningOffice, numbers: Iterator[str]) -> None:
    answer = office.http.get(f"/transactions/{sale(next(numbers)).id}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_ticket_of_2000_lines_is_recorded(office: RunningOffice, numbers: Iterator[str]) -> None:
    lines = [line(product(f"Article number {number} of the range")) for number in range(2_000)]
    sold = sale(next(numbers), basket(*lines))

    answer = office.http.post("/transactions", json=body(sold))

    assert answer.status_code == 201, answer.text
    assert count(office, "stock_movements", sold) == 2_000


@pytest.mark.parametrize(
    ("sold", "complaint"),
    [
        (sale("A1-9", basket(line(product("Moon", "999999999999.00")))), "is beyond"),
        (sale("A1-9", basket(line(product("Sun", "99999999999999999999.00")))), "less than"),
        (sale("A1-" + "x" * 500), "has 503 characters, more than 200"),
        (sale("A1-" + "x" * 5_000), "at most 1000 characters"),
    ],
)
def test_a_sale_beyond_all_measure_is_refused_once_and_for_all(
    office: RunningOffice, sold: Sale, complaint: str
) -> None:
    answer = office.http.post("/transactions", json=body(sold))

    assert answer.status_code == 422, answer.text
    assert complaint in answer.json()["detail"]
