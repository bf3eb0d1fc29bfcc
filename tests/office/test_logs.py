"""What the office's programs log: JSON lines with known fields, whichever library speaks."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from doors import Door
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy.exc import DBAPIError

from activities import logs
from activities.db.engine import Database
from api import problems
from api.access import AccessLog
from api.callers import Caller
from domain.logline import FIELDS
from domain.roles import Role
from till_kivy import logs as till_logs

PIN = "739164"


class Lines(logging.Handler):
    """Keeps every line as the programs write it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.formatter())
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.texts]


@pytest.fixture
def lines() -> Iterator[Lines]:
    kept = Lines()
    root = logging.getLogger()
    level = root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    yield kept
    root.removeHandler(kept)
    root.setLevel(level)


def an_app() -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(AccessLog)

    version, room = APIRouter(prefix="/api/v1"), APIRouter(prefix="/sales")

    @room.post("/{number}")
    def sale(number: str, request: Request) -> str:
        request.state.caller = Caller("T1", Role.TILL)
        return number

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError(f"of the shop\n{PIN}")

    version.include_router(room)
    app.include_router(version)
    return app


def fail(words: str) -> None:
    raise ValueError(words)


def of_requests(lines: Lines) -> list[dict[str, Any]]:
    return [line for line in lines.all if line["event"] == "request"]


def test_a_request_is_one_line_with_its_route_and_not_its_path(lines: Lines) -> None:
    answer = asyncio.run(
        Door(an_app()).ask(f"/api/v1/sales/{PIN}?pin={PIN}", authorization=f"Bearer {PIN}")
    )

    (line,) = of_requests(lines)
    assert line.pop("time")
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "api.access",
        "method": "POST",
        "route": "/api/v1/sales/{number}",
        "status": 200,
        "caller": "T1",
        "request_id": answer.headers["x-request-id"],
    }
    assert PIN not in "".join(text for text in lines.texts if "api.access" in text)


def test_what_nobody_serves_is_told_without_its_path(lines: Lines) -> None:
    Door(an_app()).get(f"/{PIN}")

    (line,) = of_requests(lines)
    assert (line["route"], line["status"], line["caller"]) == ("none", 404, None)


def test_a_request_that_breaks_is_told_as_such(lines: Lines) -> None:
    answer = Door(an_app()).get("/broken")

    (line,) = of_requests(lines)
    assert (line["route"], line["status"], answer.status_code) == ("/broken", 500, 500)


def test_other_libraries_lines_have_the_same_form(lines: Lines) -> None:
    try:
        fail(f"a wrong field\n{PIN}")
    except ValueError:
        logging.getLogger("temporalio.worker").exception(
            "Exception in %s", "a step", extra={"scope": {"query_string": PIN}, "pin": PIN}
        )

    (line,) = lines.all
    assert line["event"] == "Exception in a step"
    assert (line["error"], line["why"], line["dropped"]) == ("ValueError", "a wrong field", 2)
    assert "test_other_libraries" in line["where"]
    assert line.keys() <= FIELDS
    assert PIN not in lines.texts[0]


def test_an_error_of_the_database_does_not_tell_what_it_was_given(
    lines: Lines, postgres_url: str
) -> None:
    database = Database(postgres_url)
    log = logging.getLogger("shop")

    try:
        with database.begin() as connection:
            connection.exec_driver_sql("SELECT 1 / 0 WHERE %s = %s", (PIN, PIN))
    except DBAPIError:
        log.exception("It broke.")

    database.close()
    (line,) = lines.all
    assert line["why"] == "(psycopg.errors.DivisionByZero) division by zero"
    assert PIN not in lines.texts[0]


def test_a_programs_last_words_are_a_line_too() -> None:
    script = f"from activities import logs; logs.begin(); raise ValueError('end\\n{PIN}')"

    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )

    (line,) = [json.loads(text) for text in said.stderr.splitlines()]
    assert said.returncode == 1
    assert (line["level"], line["event"]) == ("critical", "The program has ended.")
    assert (line["error"], line["why"]) == ("ValueError", "end")


def test_temporals_core_speaks_by_the_same_road() -> None:
    script = """
import asyncio, logging
from activities import logs
logs.begin(); logs.begin_temporal()
from temporalio.client import Client
async def main():
    try:
        await Client.connect("127.0.0.1:1")
    except RuntimeError:
        logging.getLogger("shop").warning("Temporal is away.", extra={"token": "739164"})
asyncio.run(main())
"""
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )

    lines = [json.loads(text) for text in said.stderr.splitlines()]
    assert lines[-1]["event"] == "Temporal is away."
    assert lines[-1]["dropped"] == 1


def test_a_till_logs_in_the_same_form(capfd: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    begun = time.gmtime().tm_year
    till_logs.begin()
    try:
        open("/nowhere/at/all").close()  # noqa: PTH123 -- it fails
    except OSError:
        logging.getLogger("till_kivy.loop").exception("A step failed.", extra={"pin": PIN})
    root.handlers[:] = before
    root.setLevel(level)

    line = json.loads(capfd.readouterr().err)
    assert (line["event"], line["error"], line["level"]) == (
        "A step failed.",
        "FileNotFoundError",
        "error",
    )
    assert line["time"].startswith(str(begun))
    assert PIN not in str(line)
