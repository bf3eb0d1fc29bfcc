"""The doctor names what would keep an office from running, and what to do."""

from __future__ import annotations

import socket
from pathlib import Path

from commands import settings_in, tillflow

from activities.settings import Settings
from api.doctor import Grade, examine


def test_a_machine_that_can_run_it_is_well(tmp_path: Path) -> None:
    done = tillflow("doctor", settings=settings_in(tmp_path))

    assert done.returncode == 0, done.stdout
    assert "fail" not in done.stdout


def test_a_taken_port_fails_with_the_setting_that_changes_it(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", settings.api_port))
        taker.listen()
        done = tillflow("doctor", settings=settings)

    assert done.returncode == 1
    assert f"{settings.api_port} is taken" in done.stdout
    assert "TILLFLOW_API_PORT" in done.stdout


def test_addresses_that_nobody_answers_at_fail(tmp_path: Path) -> None:
    free = settings_in(tmp_path).api_port
    settings = Settings(
        data_dir=tmp_path,
        database_url=f"postgresql://nobody@127.0.0.1:{free}/none",
        temporal_address=f"127.0.0.1:{free}",
    )

    failed = {finding.what for finding in examine(settings) if finding.grade is Grade.FAIL}

    assert {"PostgreSQL", "Temporal"} <= failed


def test_a_folder_below_a_file_cannot_hold_data(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    findings = list(examine(settings_in(tmp_path / "file" / "data")))

    assert [f.grade for f in findings if f.what == "data folder"] == [Grade.FAIL]


def test_up_names_the_setting_of_a_port_that_is_taken(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", settings.api_port))
        taker.listen()
        done = tillflow("up", settings=settings)

    assert done.returncode == 1
    assert "set TILLFLOW_API_PORT to a free port" in done.stderr


def test_commands_that_need_an_office_say_so_where_there_is_none(tmp_path: Path) -> None:
    done = tillflow("verify", settings=settings_in(tmp_path))

    assert done.returncode == 1
    assert "There is no office in" in done.stderr
