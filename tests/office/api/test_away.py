"""Temporal, worker, PostgreSQL and the API go away and come back: nothing lost or doubled."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from builders import sale
from fixtures_office import fresh_database
from fixtures_temporal import a_temporal, load_corner_shop
from loops import Loop
from offices import Program, RunningOffice, api_client, begin, is_well, settings_for
from pydantic import TypeAdapter
from sqlalchemy import text
from waiting import until

from activities.db.migrate import migrate
from api.engines.postgres import EmbeddedPostgres
from api.engines.temporal import EmbeddedTemporal
from domain.sale import Sale
from workflows import ids

_SALE = TypeAdapter(Sale)
JSON = {"content-type": "application/json"}


@pytest.fixture
def own_temporal(tmp_path: Path) -> Iterator[EmbeddedTemporal]:
    """A server that a test may kill."""
    with a_temporal(tmp_path) as server:
        yield server


@pytest.fixture
def own_office(
    own_temporal: EmbeddedTemporal, postgres: EmbeddedPostgres, loop: Loop, tmp_path: Path
) -> Iterator[RunningOffice]:
    """An office over it, with a database of its own."""
    url = fresh_database(postgres)
    office = RunningOffice.open(settings_for(tmp_path, url, own_temporal.ports.grpc), loop)
    load_corner_shop(office)
    yield office
    office.close()


def send(office: RunningOffice, sold: Sale) -> httpx.Response:
    return office.http.post("/transactions", content=_SALE.dump_json(sold), headers=JSON)


def send_until_taken(office: RunningOffice, sold: Sale) -> list[int]:
    """Do what a till does: repeat on 503 until the sale is taken; return every status."""
    statuses: list[int] = []

    def taken() -> bool:
        try:
            statuses.append(send(office, sold).status_code)
        except httpx.TransportError:
            statuses.append(0)
        return statuses[-1] in {200, 201}

    until(taken, 50)
    return statuses


def recorded(office: RunningOffice) -> int:
    with office.database.begin() as connection:
        return int(connection.execute(text("SELECT count(*) FROM sales")).scalar_one())


def test_a_sale_sent_while_no_worker_is_there_is_answered_when_one_comes(
    own_office: RunningOffice,
) -> None:
    own_office.stop_worker()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send, own_office, sale())
        until(lambda: not answer.done() and workflows(own_office) == 1)

        own_office.start_worker()

        assert answer.result(20).status_code == 201
    assert recorded(own_office) == 1


def workflows(office: RunningOffice) -> int:
    return office.loop.run(office.temporal.count_workflows("WorkflowType = 'Checkout'")).count


def test_temporal_killed_while_sales_are_posted_loses_and_doubles_none(
    own_office: RunningOffice, own_temporal: EmbeddedTemporal
) -> None:
    sales = [sale(f"A1-{number:06d}") for number in range(1, 31)]
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(send_until_taken, own_office, sold) for sold in sales]
        until(lambda: recorded(own_office) >= 3)

        own_temporal.kill()
        own_temporal.start()

        statuses = [answer.result(60)[-1] for answer in answers]
    assert set(statuses) <= {200, 201}
    assert recorded(own_office) == 30


def test_while_temporal_is_away_sales_are_sent_away_and_health_says_so(
    own_office: RunningOffice, own_temporal: EmbeddedTemporal
) -> None:
    own_temporal.kill()

    answer = send(own_office, sale())
    health = own_office.http.get("/health")

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert health.status_code == 503
    assert health.json()["postgresql"] == "ok"
    assert "does not answer" in health.json()["temporal"]
    own_temporal.start()
    until(lambda: is_well(own_office.http))


def test_while_postgresql_is_away_sales_are_sent_away_and_taken_once_it_is_back(
    temporal: EmbeddedTemporal, loop: Loop, tmp_path: Path
) -> None:
    with EmbeddedPostgres(tmp_path / "pg") as postgres:
        migrate(postgres.url())
        settings = settings_for(tmp_path, postgres.url(), temporal.ports.grpc)
        office = RunningOffice.open(settings, loop)
        load_corner_shop(office)
        sold = sale()
        postgres.stop()

        answer = send(office, sold)

        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert not is_well(office.http)
        postgres.start()
        assert send_until_taken(office, sold)[-1] == 201
        assert recorded(office) == 1
        office.close()


def test_an_api_killed_in_the_middle_gives_the_same_answer_to_a_retry(
    own_office: RunningOffice, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, own_office.database.url, own_office.settings.temporal_port)
    begin(settings)
    sold = sale()
    own_office.stop_worker()
    with (
        Program("api", settings=settings) as program,
        api_client(settings) as http,
        ThreadPoolExecutor(1) as pool,
    ):
        other = replace(own_office, http=http)
        until(lambda: listens(http), 30)
        cut_off = pool.submit(send, other, sold)
        until(lambda: workflows(own_office) == 1)
        program.end(signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            cut_off.result(20)
        own_office.start_worker()
        program.start()

        statuses = send_until_taken(other, sold)

        first, second = send(other, sold), send(own_office, sold)
    assert statuses[-1] in {200, 201}
    assert first.json() == second.json()
    assert recorded(own_office) == 1


def listens(http: httpx.Client) -> bool:
    try:
        return bool(http.get("/health").status_code)
    except httpx.TransportError:
        return False


def test_a_sale_that_an_older_backup_lacks_is_posted_again(
    own_office: RunningOffice, postgres: EmbeddedPostgres, loop: Loop
) -> None:
    sold = sale()
    send(own_office, sold)
    own_office.close()
    older = own_office.settings.model_copy(update={"database_url": fresh_database(postgres)})
    restored = RunningOffice.open(older, loop)
    load_corner_shop(restored)

    answers = [send(restored, sold).status_code for _ in range(2)]

    assert answers == [201, 200]
    assert recorded(restored) == 1
    restored.close()


def test_a_checkout_that_an_operator_terminated_is_made_up_for(own_office: RunningOffice) -> None:
    sold = sale()
    own_office.stop_worker()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send_until_taken, own_office, sold)
        until(lambda: workflows(own_office) == 1)
        handle = own_office.temporal.get_workflow_handle(ids.sale(sold.id))
        own_office.loop.run(handle.terminate())
        own_office.start_worker()

        assert answer.result(50)[-1] == 201
    assert recorded(own_office) == 1
