"""Every command explains itself, and what a person can mend is one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import settings_in, tillflow

from activities.token_keys import TokenKeys
from api import programs
from api.auth.access import verified
from api.programs import ProgramFailed
from domain.roles import Role
from domain.tokens import OFFICE_CLIENT

COMMANDS = [
    *("up", "demo", "replay", "export", "query", "token", "verify", "audit", "doctor"),
    *("load", "owner", "enrol", "enrolment-code", "replace-lost-keys"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_own_help(tmp_path: Path, command: str) -> None:
    told = tillflow(command, "--help", settings=settings_in(tmp_path))

    assert told.returncode == 0, told.stderr
    assert "Usage:" in told.stdout
    assert "Options" in told.stdout


def test_a_token_lets_its_bearer_ask_by_the_folders_own_keys(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    nothing = tillflow("token", settings=settings)
    keys = TokenKeys(settings.token_keys_dir)
    keys.signing()

    told = tillflow("token", "--role", "analyst", settings=settings)

    header, _, token = told.stdout.strip().rpartition(" ")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "There are no token keys" in nothing.stderr
    assert header == "Authorization: Bearer"
    access = verified(keys, token)
    assert (access.role, access.client_id, access.store_id) == (Role.ANALYST, OFFICE_CLIENT, None)
    assert access.subject.startswith("command of ")


def test_no_token_is_made_that_would_be_a_tills_without_its_key(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    TokenKeys(settings.token_keys_dir).signing()

    told = tillflow("token", "--role", "till", settings=settings)

    assert (told.returncode, told.stdout) == (2, "")
    assert "A till proves itself by its own key" in told.stderr


def test_rotating_keys_needs_an_office_and_says_so(tmp_path: Path) -> None:
    helped = tillflow("rotate-keys", "tokens", "--help", settings=settings_in(tmp_path))
    told = tillflow("rotate-keys", "tokens", settings=settings_in(tmp_path))

    assert "--retire-others" in helped.stdout
    assert told.returncode == 1
    assert "TILLFLOW_DATABASE_URL is not set" in told.stderr
    assert not (tmp_path / "keys").exists()


def test_a_misspelt_setting_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    environment = os.environ | {"TILLFLOW_DATA_DIRR": str(tmp_path)}

    told = subprocess.run(
        [sys.executable, "-m", "api.cli", "doctor"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert told.returncode == 1
    assert "TILLFLOW_DATA_DIRR is not a setting. Did you mean TILLFLOW_DATA_DIR?" in told.stderr


def test_a_query_is_answered_from_the_folder_it_names(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "elsewhere")
    (tmp_path / "export").mkdir()

    answer = tillflow(
        *(
            "query",
            "--dir",
            str(tmp_path),
            "--format",
            "csv",
            "SELECT count(*) AS sales FROM sales",
        ),
        settings=settings,
    )

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["sales", "0"]


def test_a_query_that_cannot_be_answered_has_the_exit_code_of_its_program(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()

    answer = tillflow("query", "SELECT nonsense", settings=settings_in(tmp_path))

    assert answer.returncode == 2
    assert "nonsense" in answer.stderr


def test_an_export_without_an_office_says_what_is_away(tmp_path: Path) -> None:
    told = tillflow("export", settings=settings_in(tmp_path))

    assert told.returncode == 1
    assert "No office runs in" in told.stderr
    assert "`tillflow up`" in told.stderr


def test_a_program_that_fails_is_quoted(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)

    with pytest.raises(ProgramFailed) as failed:
        programs.run(settings, "till_kivy", "tally", "--nonsense")

    assert "No such option: --nonsense" in str(failed.value)
    assert "`python -m till_kivy tally --nonsense` said so" in str(failed.value)


def test_programs_get_their_settings_by_the_environment_alone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)

    environment = programs.environment(settings)

    assert environment["TILLFLOW_DATA_DIR"] == str(tmp_path)
    assert environment["TILLFLOW_API_PORT"] == str(settings.api_port)
    assert "TILLFLOW_DATABASE_URL" not in environment
