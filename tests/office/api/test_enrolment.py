"""The routes by which a device becomes a till, and by which a person stops one (promise 34)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from builders import STORE
from offices import RunningOffice

from activities.db import shop
from activities.db.standing import proof_text
from activities.keys import OfficeKey
from domain.catalog import Shop, Till

_names = itertools.count(1)


@pytest.fixture(scope="module", autouse=True)
def other_store(office: RunningOffice) -> None:
    """A second store with a till that no device is."""
    second = Shop(stores=(replace(STORE, id="S2"),), tills=(Till("N0", "S2", "N0"),))
    with office.database.begin() as connection:
        shop.load_shop(connection, second)


@pytest.fixture
def till_id(office: RunningOffice) -> str:
    """A till of store S1 that no device is yet."""
    name = f"N{next(_names)}"
    with office.database.begin() as connection:
        shop.load_shop(connection, Shop(tills=(Till(name, "S1", name),)))
    return name


@pytest.fixture
def code(manager: httpx.Client, till_id: str) -> str:
    answer = manager.post(f"/tills/{till_id}/enrolment-code")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


@pytest.fixture
def stranger(office: RunningOffice) -> Iterator[httpx.Client]:
    """The API as somebody who shows no token."""
    with httpx.Client(base_url=f"{office.settings.api_url}/api/v1", trust_env=False) as client:
        yield client


def enrol(client: httpx.Client, code: str, folder: Path) -> httpx.Response:
    """Ask as a device does whose key lies in a folder."""
    key = OfficeKey.at(folder)
    proof = key.sign(proof_text(code, key.public_key))
    body = {"code": code, "public_key": key.public_key, "proof": proof}
    return client.post("/enrolments", json=body)


def test_a_device_that_shows_no_token_becomes_a_till_by_its_code(
    stranger: httpx.Client, code: str, till_id: str, tmp_path: Path
) -> None:
    answer = enrol(stranger, code, tmp_path / "device")

    told = answer.json()
    assert answer.status_code == 201
    assert (told["till_id"], told["store_id"], told["series"]) == (till_id, "S1", till_id)
    assert told["lease"]["lease"]["standing"] == "trading"


def test_the_same_device_gets_the_same_till_again(
    stranger: httpx.Client, code: str, tmp_path: Path
) -> None:
    first, again = (enrol(stranger, code, tmp_path / "device").json() for _ in range(2))

    assert first.pop("lease") != again.pop("lease")
    assert first == again


def test_ten_wrong_tries_over_http_are_counted_and_end_the_code(
    stranger: httpx.Client, code: str, tmp_path: Path
) -> None:
    """Each is refused, and yet its transaction stands."""
    wrong = f"{code[:4]}-0000-0000"
    refused = [enrol(stranger, wrong, tmp_path / "thief").status_code for _ in range(10)]

    answer = enrol(stranger, code, tmp_path / "device")

    assert refused == [403] * 10
    assert answer.status_code == 403
    assert "not good" in answer.json()["detail"]


def test_a_manager_makes_no_code_for_another_store(manager: httpx.Client) -> None:
    answer = manager.post("/tills/N0/enrolment-code")

    assert answer.status_code == 403
    assert "not for 'S2'" in answer.json()["detail"]


def test_a_manager_stops_no_till_of_another_store(manager: httpx.Client) -> None:
    answer = manager.put("/tills/N0/standing", json={"standing": "revoked", "why": "mine"})

    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["enrolment-code", "standing"])
def test_a_till_that_is_not_there_is_told_to_be_unknown(office: RunningOffice, path: str) -> None:
    body = {"standing": "revoked", "why": "stolen"}
    ask = office.http.put if path == "standing" else office.http.post

    assert ask(f"/tills/T404/{path}", json=body).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [{"code": "K" * 41}, {"public_key": "ab"}, {"proof": "no"}, {"public_key": "G" * 64}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_no_device_would_send_is_refused_with_the_fields_name(
    stranger: httpx.Client, wrong: dict[str, str]
) -> None:
    body = {"code": "K7QM-4T9X-2HRP", "public_key": "0" * 64, "proof": "0" * 128}

    answer = stranger.post("/enrolments", json=body | wrong)

    assert answer.status_code == 422
    assert next(iter(wrong)) in answer.text


def test_a_key_that_is_none_is_refused_as_unproven(stranger: httpx.Client, code: str) -> None:
    body = {"code": code, "public_key": "f" * 64, "proof": "0" * 128}

    answer = stranger.post("/enrolments", json=body)

    assert answer.status_code == 403
    assert "prove" in answer.json()["detail"]


def test_nobody_without_a_token_makes_codes_leases_or_decisions(
    stranger: httpx.Client, till_id: str
) -> None:
    asked = [
        stranger.post(f"/tills/{till_id}/enrolment-code"),
        stranger.post(f"/tills/{till_id}/lease"),
        stranger.put(f"/tills/{till_id}/standing", json={"standing": "trading", "why": "x"}),
    ]

    assert [answer.status_code for answer in asked] == [401, 401, 401]
