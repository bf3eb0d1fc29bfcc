"""Who works for one store sees and changes that store's things alone."""

from __future__ import annotations

import itertools
from dataclasses import replace

import httpx
import pytest
from builders import STORE, sale
from offices import RunningOffice
from pydantic import TypeAdapter

from activities.db import shop
from domain.catalog import Shop, Till
from domain.sale import Sale

_SALE = TypeAdapter(Sale)
_numbers = itertools.count(1)


@pytest.fixture(scope="module", autouse=True)
def other_store(office: RunningOffice) -> Sale:
    """A second store with a till and a sale."""
    second = Shop(
        stores=(replace(STORE, id="S2", name="Other shop"),), tills=(Till("U1", "S2", "U1"),)
    )
    with office.database.begin() as connection:
        shop.load_shop(connection, second)
    sold = replace(sale("U1-000001", till_id="U1"), store_id="S2")
    record(office.http, sold).raise_for_status()
    record(office.http, sale("A1-000901")).raise_for_status()
    return sold


def record(http: httpx.Client, sold: Sale) -> httpx.Response:
    headers = {"content-type": "application/json"}
    return http.post("/transactions", content=_SALE.dump_json(sold), headers=headers)


def assert_other_store(answer: httpx.Response) -> None:
    assert answer.status_code == 403, answer.text
    assert "max works for store 'S1', not for 'S2'" in answer.json()["detail"]


def test_lists_hold_the_callers_store_alone(
    manager: httpx.Client, office: RunningOffice, other_store: Sale
) -> None:
    stores = [store["id"] for store in manager.get("/stores").json()]
    tills = {state["till"]["store_id"] for state in manager.get("/tills").json()}
    tallied = {tally["till_id"] for tally in manager.get("/tally").json()}

    assert (stores, tills) == (["S1"], {"S1"})
    assert "T1" in tallied
    assert "U1" not in tallied
    assert "U1" in {tally["till_id"] for tally in office.http.get("/tally").json()}


@pytest.mark.parametrize("path", ["/products?store_id=S2", "/products/TEA?store_id=S2"])
def test_another_stores_catalogue_is_not_handed_out(manager: httpx.Client, path: str) -> None:
    assert_other_store(manager.get(path))


def test_another_stores_sale_is_not_read(manager: httpx.Client, other_store: Sale) -> None:
    assert_other_store(manager.get(f"/transactions/{other_store.id}"))
    assert_other_store(manager.get("/transactions?receipt_number=U1-000001&store_id=S2"))
    assert manager.get("/transactions?receipt_number=U1-000001").json() == []


def test_a_sale_is_not_recorded_in_another_store(
    manager: httpx.Client, office: RunningOffice
) -> None:
    sold = replace(sale("U1-000002", till_id="U1"), store_id="S2")

    assert_other_store(record(manager, sold))
    assert office.http.get(f"/transactions/{sold.id}").status_code == 404
    assert record(manager, sale("A1-000902")).status_code == 201
