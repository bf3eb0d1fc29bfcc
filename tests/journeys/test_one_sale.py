"""One sale from the barcode to DuckDB, on the office that `tillflow up` runs."""

from __future__ import annotations

import json
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from commands import Tillflow, place, settings_in, tillflow
from offices import run_program
from waiting import until

from activities.keys import PinPepper
from activities.settings import Settings
from api.running import running_office
from domain.sale import Sale
from till_kivy.keystore import PIN_PEPPER
from till_kivy.simulate import PIN
from till_kivy.till import Till, create

pytestmark = pytest.mark.timeout(240)
TILL = "berlin-1"
READY = "Ctrl-C stops everything"
ROWS = {
    "SELECT count(*) FROM sales WHERE id = %s": 1,
    "SELECT count(*) FROM sale_lines WHERE sale_id = %s": 2,
    "SELECT count(*) FROM tenders WHERE sale_id = %s": 1,
    "SELECT sum(amount_minor) FROM postings WHERE source_id = %s": 0,
    "SELECT count(*) FROM stock_movements WHERE source_line_id IN "
    "(SELECT id FROM sale_lines WHERE sale_id = %s)": 2,
}


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    with place() as folder:
        yield settings_in(folder)


@pytest.fixture(scope="module")
def office(settings: Settings) -> Iterator[Tillflow]:
    with Tillflow(settings, "up") as office:
        office.until_it_says(READY)
        yield office


@pytest.fixture(scope="module")
def till(office: Tillflow, settings: Settings) -> Iterator[Till]:
    found = running_office(settings)
    assert found is not None
    assert run_program("activities", "load", "--demo", settings=found).returncode == 0
    folder = settings.tills_dir / TILL
    key = create(folder, TILL, "B1").public_key
    pepper = PinPepper.at(settings.pin_pepper_file).of_store("berlin")
    (folder / PIN_PEPPER).write_text(pepper.hex())
    assert run_program("activities", "enrol", TILL, key, settings=found).returncode == 0
    till = Till.open(folder, settings.api_url)
    assert till.uplink is not None
    assert till.uplink.sync.wait(30)
    till.register.log_in(till.catalog.people()[0].id, PIN)
    yield till
    till.close()


@pytest.fixture(scope="module")
def sale(till: Till) -> Sale:
    pieces = [p for p in till.catalog.search("a") if p.unit == "piece" and not p.blocked]
    for product in pieces[:2]:
        till.register.scan(product.barcodes[0])
    sale = till.register.pay(till.register.view().quick_cash[-1])
    assert till.drain(30)
    return sale


def test_the_office_answers_with_the_sale_as_the_till_made_it(
    sale: Sale, settings: Settings
) -> None:
    found = httpx.get(f"{settings.api_url}/api/v1/transactions/{sale.id}", trust_env=False)

    assert found.json()["receipt_number"] == sale.receipt_number
    assert found.json()["total"]["minor"] == sale.total.minor


def test_operators_find_its_workflow_by_the_receipt_number(sale: Sale, settings: Settings) -> None:
    query = f"ReceiptNumber = '{sale.receipt_number}' AND TillId = '{TILL}' AND State = 'posted'"

    until(lambda: _workflows(query, settings) == [f"sale-{sale.id}"], 30)


def test_the_ledger_has_every_row_of_it(sale: Sale, settings: Settings) -> None:
    found = running_office(settings)
    assert found is not None
    assert found.database_url is not None
    with psycopg.connect(found.database_url) as connection:
        counted = {sql: _number(connection, sql, sale) for sql in ROWS}

    assert counted == ROWS


def test_duckdb_adds_up_to_what_the_customer_paid(sale: Sale, settings: Settings) -> None:
    exported = tillflow("export", settings=settings)
    answer = tillflow("query", "--format", "json", _total_of(sale), settings=settings)

    assert exported.returncode == 0, exported.stderr
    assert json.loads(answer.stdout) == [{"total_minor": sale.total.minor}], answer.stderr


def test_invariants_journals_and_books_are_verified(sale: Sale, settings: Settings) -> None:
    verified = tillflow("verify", settings=settings)

    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert verified.stdout.count("sound") >= 3


def test_a_worker_that_dies_is_started_again(office: Tillflow, settings: Settings) -> None:
    worker = office.program("activities", "work")

    worker.kill()

    office.until_it_says("worker has ended unexpectedly")
    until(lambda: _is_well(settings), 60)


def test_after_a_kill_nothing_runs_and_the_next_start_has_every_sale(
    office: Tillflow, sale: Sale, till: Till, settings: Settings
) -> None:
    programs = office.programs()

    office.end(signal.SIGKILL)
    with Tillflow(settings, "up") as again:
        again.until_it_says(READY)
        url = f"{settings.api_url}/api/v1/transactions/{sale.id}"
        found = httpx.get(url, trust_env=False, timeout=30)
        assert again.end() == 0
    verified = tillflow("verify", settings=settings)

    assert found.json()["receipt_number"] == sale.receipt_number
    assert verified.returncode == 0, verified.stdout + verified.stderr
    _, alive = psutil.wait_procs(programs, timeout=20)
    assert alive == []


def _workflows(query: str, settings: Settings) -> list[str]:
    temporal = str(Path(sysconfig.get_path("scripts")) / "temporal")
    address = f"127.0.0.1:{settings.temporal_port}"
    command = [temporal, "workflow", "list", "--address", address, "--query", query, "-o", "json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    return [found["execution"]["workflowId"] for found in json.loads(listed.stdout or "[]")]


def _number(connection: psycopg.Connection, sql: str, sale: Sale) -> int:
    row = connection.execute(sql.encode(), (sale.id,)).fetchone()
    assert row is not None
    return int(row[0])


def _total_of(sale: Sale) -> str:
    return f"SELECT total_minor FROM sales WHERE sale_id = '{sale.id}'"  # noqa: S608 -- our own id


def _is_well(settings: Settings) -> bool:
    try:
        return httpx.get(f"{settings.api_url}/api/v1/health", trust_env=False).is_success
    except httpx.TransportError:
        return False
