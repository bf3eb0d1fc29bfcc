"""Who owns an office is settled before anything is started that others could reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from commands import OWNER_PASSWORD, Tillflow, place, settings_in, tillflow
from terminals import said_on_a_terminal

from activities.settings import Settings

pytestmark = pytest.mark.timeout(240)
READY = "Ctrl-C stops everything"
TYPED = "words typed by hand"


@pytest.fixture
def settings() -> Iterator[Settings]:
    with place() as folder:
        yield settings_in(folder)


def holds(process: psutil.Process, secret: str) -> bool:
    """Tell whether a program's environment or command line shows the secret."""
    return secret in " ".join([*process.environ().values(), *process.cmdline()])


def files_with(folder: Path, secret: str) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if secret.encode() in path.read_bytes()]


def test_no_program_and_no_file_of_a_running_office_has_the_owners_password(
    settings: Settings,
) -> None:
    with Tillflow(settings, "up") as office:
        office.until_it_says(READY)

        programs = [one for one in office.programs() if one.status() != psutil.STATUS_ZOMBIE]
        showing = [one.cmdline() for one in programs if holds(one, OWNER_PASSWORD)]
        kept = files_with(settings.data_dir, OWNER_PASSWORD)

    assert len(programs) >= 4
    assert showing == []
    assert kept == []


def test_a_new_office_without_anybody_to_ask_starts_nothing(settings: Settings) -> None:
    done = tillflow("up", settings=settings, owner=False)

    assert done.returncode == 1
    assert "TILLFLOW_OWNER_PASSWORD_FILE" in done.stderr
    assert "is up" not in done.stdout + done.stderr
    assert not settings.postgres_dir.exists()


def test_an_owner_whose_password_is_refused_lets_no_program_start(settings: Settings) -> None:
    done = tillflow("up", settings=settings, TILLFLOW_OWNER_PASSWORD="short")

    assert done.returncode == 1
    assert "at least 12 characters" in done.stderr
    assert "API" not in done.stdout


def test_the_owner_is_asked_on_a_terminal_and_the_password_is_not_shown(
    settings: Settings,
) -> None:
    talk = (
        ("Your name:", "Ada"),
        ("Log-in name [owner]:", "ada"),
        ("Password (at least 12 characters):", "short"),
        ("Password (at least 12 characters):", TYPED),
        ("The same again:", TYPED),
    )

    said = said_on_a_terminal(settings, talk, READY)

    assert "Ada may log in as ada." in said
    assert TYPED not in said
