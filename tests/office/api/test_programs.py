"""`python -m activities` and `python -m api`: what an operator types and starts."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import httpx
import pytest
from builders import sale
from fixtures_office import fresh_database
from fixtures_temporal import a_temporal, corner_shop
from offices import Program, api_client, is_well, run_program, settings_for
from pydantic import TypeAdapter
from waiting import until

from activities.settings import Settings
from api.engines.postgres import EmbeddedPostgres
from api.engines.temporal import EmbeddedTemporal
from domain.catalog import Shop
from domain.sale import Sale

_SALE = TypeAdapter(Sale)
PUBLIC_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


@pytest.fixture(scope="module")
def own_temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTemporal]:
    """A server that no other module has to share with this one's payload keys and schedule."""
    with a_temporal(tmp_path_factory.mktemp("temporal")) as server:
        yield server


@pytest.fixture(scope="module")
def settings(
    own_temporal: EmbeddedTemporal, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """The settings of an office whose shop is loaded by its own program."""
    folder = tmp_path_factory.mktemp("office")
    made = settings_for(folder, postgres_url, own_temporal.ports.grpc)
    (folder / "shop.json").write_bytes(TypeAdapter(Shop).dump_json(corner_shop()))
    for command in (("begin",), ("load", str(folder / "shop.json"))):
        done = run_program("activities", *command, settings=made)
        assert done.returncode == 0, done.stderr
    return made


def test_an_operator_enrols_a_till_and_checks_the_books(settings: Settings) -> None:
    enrolled = run_program("activities", "enrol", "T2", PUBLIC_KEY, settings=settings)
    verified = run_program("activities", "verify", settings=settings)
    listed = run_program("activities", "enrolled", settings=settings)
    unknown = run_program("activities", "enrol", "T9", PUBLIC_KEY, settings=settings)

    assert (enrolled.returncode, enrolled.stdout) == (0, "Till T2 of store S1 is enrolled.\n")
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.startswith("Every invariant holds: 2 journals, 0 entries, 0 sales, ")
    assert json.loads(listed.stdout) == ["T2"]
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("Till 'T9' is not known here.")


def test_an_api_beside_another_folder_makes_no_keys_of_its_own(
    settings: Settings, tmp_path: Path
) -> None:
    elsewhere = settings.model_copy(update={"data_dir": tmp_path / "elsewhere"})

    done = run_program("api", settings=elsewhere)

    assert done.returncode == 1
    assert "none was made" in done.stderr
    assert not elsewhere.office_key_file.exists()


def test_an_api_with_the_keys_of_another_office_does_not_start(
    settings: Settings, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    other = settings_for(tmp_path, fresh_database(postgres), 1)
    assert run_program("activities", "begin", settings=other).returncode == 0

    done = run_program(
        "api", settings=other.model_copy(update={"database_url": settings.database_url})
    )

    assert done.returncode == 1
    assert "it is another office's" in done.stderr


@pytest.mark.parametrize("program", [("api",), ("activities", "work")], ids=lambda words: words[0])
def test_no_program_makes_a_payload_key_beside_an_office_that_has_begun(
    settings: Settings, tmp_path: Path, program: tuple[str, ...]
) -> None:
    copied = settings.model_copy(update={"data_dir": tmp_path})
    copytree(settings.data_dir / "keys", tmp_path / "keys")
    copied.payload_key_file.unlink()

    done = run_program(*program, settings=copied)

    assert done.returncode == 1
    assert "payload.aes256 is not in" in done.stderr
    assert not copied.payload_key_file.exists()


def test_an_api_starts_while_its_database_is_away(settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    with Program("api", settings=away), api_client(away) as http:
        until(lambda: _answers(http), 30)


def _answers(http: httpx.Client) -> bool:
    try:
        return bool(http.get("/health").status_code)
    except httpx.ConnectError:
        return False


def test_worker_and_api_post_export_and_stop_when_told(settings: Settings) -> None:
    sold = sale()
    worker = Program("activities", "work", settings=settings)
    with (
        worker,
        Program("api", settings=settings) as api,
        api_client(settings) as http,
    ):
        until(lambda: is_well(http), 50)
        headers = {"content-type": "application/json"}
        answer = http.post("/transactions", content=_SALE.dump_json(sold), headers=headers)

        exported = run_program("activities", "export", "--all", settings=settings)

        tally = run_program("activities", "tally", "--json", settings=settings)
        stopped = worker.end(signal.SIGTERM), api.end(signal.SIGINT)
    assert answer.status_code == 201
    assert exported.stdout == "1 days, 1 sales, 1 lines exported: 3.50 EUR\n", exported.stderr
    assert json.loads(tally.stdout) == [
        {"till_id": "T1", "currency": "EUR", "sales": 1, "total_minor": 350}
    ]
    assert stopped == (0, 0)
    assert list(settings.export_dir.rglob("*.parquet"))


def test_a_worker_started_before_temporal_waits_for_it_and_stops_when_told(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, fresh_database(postgres), 1)
    assert run_program("activities", "begin", settings=settings).returncode == 0
    with Program("activities", "work", settings=settings) as worker:
        until(lambda: "does not answer yet" in worker.log.read_text(encoding="utf-8"), 30)

        assert worker.end(signal.SIGTERM) == 0


def test_a_misspelt_setting_is_named_with_the_nearest_one(settings: Settings) -> None:
    done = run_program("api", settings=settings, TILLFLOW_API_PROT="1")

    assert done.returncode == 1
    assert "Did you mean TILLFLOW_API_PORT?" in done.stderr


def test_an_api_whose_port_is_taken_names_the_setting(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        other = settings.model_copy(update={"api_port": taken.getsockname()[1]})

        done = run_program("api", settings=other)

    assert done.returncode == 1
    assert "Set TILLFLOW_API_PORT to a free port" in done.stderr


def test_without_a_database_every_command_says_what_to_set(settings: Settings) -> None:
    without = settings.model_copy(update={"database_url": None})

    done = run_program("activities", "tally", settings=without)

    assert done.returncode == 1
    assert "TILLFLOW_DATABASE_URL is not set" in done.stderr
