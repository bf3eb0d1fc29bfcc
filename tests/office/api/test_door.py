"""Who may bring which sales by the API, in whose name; the audit says who did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest
from builders import sale
from offices import RunningOffice
from pydantic import TypeAdapter
from sqlalchemy import text

from activities.db import shop
from domain.canonical import content_hash
from domain.catalog import Shop, Store, Till
from domain.sale import Sale

_SALE = TypeAdapter(Sale)
KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def body(of: Sale) -> dict[str, Any]:
    return dict(_SALE.dump_python(of, mode="json"))


def sales_in_ledger(office: RunningOffice) -> int:
    with office.database.begin() as connection:
        return int(connection.execute(text("SELECT count(*) FROM sales")).scalar_one())


@pytest.fixture
def _enrolled(office: RunningOffice) -> Iterator[None]:
    """Give till T2 a key for the time of a test."""
    with office.database.begin() as connection:
        shop.enrol(connection, "T2", KEY)
    yield
    with office.database.begin() as connection:
        connection.execute(text("UPDATE tills SET public_key = '' WHERE id = 'T2'"))


@pytest.mark.usefixtures("_enrolled")
def test_nobody_sells_in_the_name_of_a_till_that_signs_its_own_journal(
    office: RunningOffice,
) -> None:
    before = sales_in_ledger(office)

    answer = office.http.post("/transactions", json=body(sale("A2-000001", till_id="T2")))

    assert answer.status_code == 403, answer.text
    assert answer.json()["detail"] == (
        "Till T2 signs its own journal; only the journal may bring its sales. "
        "Nothing was stored. Use a till without a key for other clients."
    )
    assert sales_in_ledger(office) == before


def test_a_sale_recorded_before_its_till_was_enrolled_is_answered_as_recorded(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers), till_id="T2")
    first = office.http.post("/transactions", json=body(sold))
    with office.database.begin() as connection:
        shop.enrol(connection, "T2", KEY)

    again = office.http.post("/transactions", json=body(sold))
    other = office.http.post("/transactions", json=body(replace(sold, reference="other")))

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 403)
    with office.database.begin() as connection:
        connection.execute(text("UPDATE tills SET public_key = '' WHERE id = 'T2'"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"store_id": "S9"}, "There is no store 'S9'."),
        ({"till_id": "T9"}, "Till 'T9' is not known here. Load its store first."),
        ({"till_id": "B1"}, "Store 'S1' has no till 'B1'."),
    ],
)
def test_a_store_or_till_that_is_not_known_is_not_found(
    office: RunningOffice, numbers: Iterator[str], changed: dict[str, Any], said: str
) -> None:
    with office.database.begin() as connection:
        shop.load_shop(
            connection, Shop(stores=(Store("S2", "Other", "EUR"),), tills=(Till("B1", "S2", "B1"),))
        )
    sold = replace(sale(next(numbers)), **changed)

    answer = office.http.post("/transactions", json=body(sold))

    assert answer.status_code == 404, answer.text
    assert answer.json()["detail"] == said


def test_a_sale_in_a_currency_that_its_store_does_not_take_is_refused(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = body(sale(next(numbers)))
    foreign = _SALE.validate_json(
        _SALE.dump_json(_SALE.validate_python(sold)).replace(b"EUR", b"USD")
    )

    answer = office.http.post("/transactions", json=body(foreign))

    assert answer.status_code == 422, answer.text
    assert "is in USD; store S1 sells in EUR" in answer.json()["detail"]


AUDITED = text("""
    SELECT actor, actor_role, store_id, after FROM audit_entries
    WHERE action = 'sale_recorded' AND subject = :id
""")


def audited(office: RunningOffice, sold: Sale) -> list[tuple[Any, ...]]:
    with office.database.begin() as connection:
        return [tuple(row) for row in connection.execute(AUDITED, {"id": str(sold.id)})]


def test_the_audit_says_once_who_sent_a_sale_however_often_it_is_sent(
    office: RunningOffice, manager: httpx.Client, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: manager.post("/transactions", json=body(sold)), range(4)))
    answers.append(office.http.post("/transactions", json=body(sold)))

    assert {answer.status_code for answer in answers} <= {200, 201}
    ((actor, role, store_id, after),) = audited(office, sold)
    assert (actor, role, store_id) == ("max", "manager", "S1")
    assert json.loads(after) == {
        "receipt_number": sold.receipt_number,
        "total": {"minor": 350, "currency": "EUR"},
        "cashier": "p1",
        "content_hash": content_hash(sold),
    }


def test_who_sent_a_sale_is_in_the_audit_before_it_is_posted(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers))
    office.stop_worker()
    try:
        with pytest.raises(httpx.ReadTimeout):
            office.http.post("/transactions", json=body(sold), timeout=1)
        assert len(audited(office, sold)) == 1
    finally:
        office.start_worker()

    assert office.http.post("/transactions", json=body(sold)).is_success
    assert len(audited(office, sold)) == 1


def test_a_cashier_who_did_not_work_in_the_store_is_refused_and_nothing_is_noted(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = replace(sale(next(numbers)), cashier_id="nobody")

    answer = office.http.post("/transactions", json=body(sold))

    assert answer.status_code == 404, answer.text
    assert "the cashier 'nobody', who did not work in store S1 then" in answer.json()["detail"]
    assert audited(office, sold) == []
    assert office.http.get(f"/transactions/{sold.id}").status_code == 404
