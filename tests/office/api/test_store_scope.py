"""Who works for one store sees and changes that store's things alone."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import httpx
import pytest
from builders import ADA, STORE, new_id, sale
from offices import RunningOffice
from pydantic import TypeAdapter
from walking import ALL

from activities.db import shop
from api.auth.commands import CommandToken
from api.pages.browser import PageRule
from domain.catalog import Employee, Shop, Till
from domain.roles import Role
from domain.sale import Sale

_SALE = TypeAdapter(Sale)
_numbers = itertools.count(1)
RULED = [str(one) for one in ALL if one.rule is not None and not isinstance(one.rule, PageRule)]


@pytest.fixture(scope="module", autouse=True)
def other_store(office: RunningOffice) -> Sale:
    """A second store with a till and a sale."""
    second = Shop(
        stores=(replace(STORE, id="S2", name="Other shop"),),
        tills=(Till("U1", "S2", "U1"),),
        people=(Employee("S2", ADA),),
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


ASKED: dict[str, dict[str, Any]] = {
    "GET /api/v1/products": {"params": {"store_id": "S2"}},
    "GET /api/v1/products/{sku}": {"params": {"store_id": "S2"}},
    "GET /api/v1/transactions": {"params": {"receipt_number": "U1-000001"}},
    "PUT /api/v1/tills/{till_id}/standing": {"json": {"standing": "revoked", "why": "Mine."}},
}
"""What a route needs beside its path, so that the store alone is in the way."""


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.MANAGER, Role.ANALYST])
@pytest.mark.parametrize("name", RULED)
def test_no_route_hands_out_or_changes_anything_of_another_store(
    office: RunningOffice, other_store: Sale, name: str, role: Role
) -> None:
    method, path = name.split(" ")
    filled = path.format(till_id="U1", sale_id=other_store.id, sku="TEA")
    other = office.asked_by(CommandToken(office.settings, "max", role, "S1"))
    asked = ASKED.get(name, {})
    if name == "POST /api/v1/transactions":
        asked = {"content": _SALE.dump_json(replace(other_store, id=new_id()))}
        asked["headers"] = {"content-type": "application/json"}

    answer = other.request(method, other.base_url.join(filled), **asked)

    if answer.status_code == 403:
        return
    assert (method, answer.status_code) == ("GET", 200), answer.text
    assert [mark for mark in ("U1", "S2", "Other shop") if mark in answer.text] == []


def test_what_must_not_be_handed_out_is_there(office: RunningOffice, other_store: Sale) -> None:
    url = office.http.base_url
    told = [
        office.http.get(url.join(f"/api/v1/{path}")).text
        for path in ("tills", "stores", "tally", f"transactions/{other_store.id}")
    ]

    assert all("U1" in text or "Other shop" in text for text in told)
