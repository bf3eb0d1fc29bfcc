"""What `tillflow` says of where things are: a person can open it, and no password is in it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from commands import Tillflow, place, settings_in, tillflow
from fixtures_office import fresh_database

from activities.db import address
from activities.settings import Settings
from api.engines.postgres import EmbeddedPostgres
from api.supervisor import Supervisor
from api.up import Office, addresses

CANARY = "canary-of-a-password"
EVERYWHERE = "0.0.0.0"  # noqa: S104 -- told, not listened at
READY = "Ctrl-C stops everything"


@pytest.fixture
def settings(postgres: EmbeddedPostgres) -> Iterator[Settings]:
    """An office of the session's PostgreSQL, which asks for no password and may be given one."""
    url = fresh_database(postgres).replace("postgres@", f"postgres:{CANARY}@")
    with place() as folder:
        yield settings_in(folder).model_copy(update={"database_url": url})


@pytest.mark.timeout(240)
def test_an_office_with_a_database_of_its_own_tells_no_password(settings: Settings) -> None:
    with Tillflow(settings, "up") as office:
        office.until_it_says(READY)
        doctor = tillflow("doctor", settings=settings)
    logs = [log.read_text() for log in (settings.data_dir / "logs").iterdir()]

    assert "postgresql://postgres:***@/office_" in office.text
    assert CANARY not in office.text + doctor.stdout + doctor.stderr
    assert [log for log in logs if CANARY in log] == []


def told(**fields: object) -> str:
    settings = Settings(database_url="postgresql:///office").model_copy(update=fields)
    return addresses(Office(settings, Supervisor(print), print))


@pytest.mark.parametrize(("host", "here"), [(EVERYWHERE, "127.0.0.1"), ("::", "[::1]")])
def test_a_page_at_every_address_is_told_as_one_that_a_browser_can_open(
    host: str, here: str
) -> None:
    words = told(api_host=host, api_port=8420)

    assert f"http://{here}:8420 " in words
    assert f"from other machines http://{socket.gethostname()}:8420" in words
    assert f"http://{host}:" not in words


def test_the_databases_password_is_masked() -> None:
    words = told(database_url=f"postgresql://till:{CANARY}@db/office")

    assert "postgresql://till:***@db/office" in words


def test_a_page_at_one_address_is_told_as_it_is() -> None:
    words = told(api_host="till.example", api_port=8420)

    assert "http://till.example:8420\n" in words
    assert "other machines" not in words


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"postgresql://till:{CANARY}@db/office", "postgresql://till:***@db/office"),
        (f"postgresql+psycopg://till:{CANARY}@db/o", "postgresql://till:***@db/o"),
        (
            f"postgresql://db/o?user=till&password={CANARY}",
            "postgresql://db/o?password=hidden&user=till",
        ),
        (f"postgresql://till:se@{CANARY}@db/office", address.UNREADABLE),
        (f"postgresql://till:a/{CANARY}@db:port/office", address.UNREADABLE),
        (f"host=db password={CANARY}", "postgresql://"),
        (
            "postgresql://postgres@/office?host=/run/pg",
            "postgresql://postgres@/office?host=/run/pg",
        ),
    ],
)
def test_no_form_of_an_address_shows_its_password(url: str, shown: str) -> None:
    assert address.shown(url) == shown


def test_the_doctor_tells_nothing_of_an_address_that_cannot_be_read(settings: Settings) -> None:
    broken = settings.model_copy(update={"database_url": f"postgresql://till:s@{CANARY}@db/o"})

    done = tillflow("doctor", settings=broken)

    assert done.returncode == 1
    assert "%40" in done.stdout
    assert CANARY not in done.stdout + done.stderr
