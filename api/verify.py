"""`tillflow verify`: the books and the audit, every till's journal, and the three books."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from activities.settings import Settings
from api import books, programs
from api.engines.postgres import EmbeddedPostgres
from api.programs import ProgramFailed
from api.running import CannotStart, OneAtATime, running_office

INVARIANTS = "ledger, audit, and what tills hold of the office"
JOURNALS = "till journals"
BOOKS = "the three books"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    sound: bool
    words: str


def run_verify(settings: Settings, console: Console) -> int:
    """Check everything and print a table; 1 when something is broken."""
    with with_books(settings) as found:
        checks = [
            _books(found),
            _program(JOURNALS, found, "till_kivy", "verify", "--dir", found.tills_dir),
        ]
        compared = books.compare(found)
    checks.append(Finding(BOOKS, compared.balanced, books.verdict(compared)))
    console.print(_table(checks))
    console.print(books.table(compared))
    return 0 if all(check.sound for check in checks) else 1


@contextmanager
def with_books(settings: Settings) -> Iterator[Settings]:
    """Reach the ledger of the running office, or start its PostgreSQL for as long as it takes."""
    found = running_office(settings)
    if found is not None:
        yield found
    elif settings.database_url is not None:
        yield settings
    else:
        yield from _with_own_postgres(settings)


def _with_own_postgres(settings: Settings) -> Iterator[Settings]:
    if not settings.postgres_dir.exists():
        raise CannotStart(
            f"There is no office in {settings.data_dir}. Name its folder with --dir, or start one "
            "with `tillflow up`."
        )
    with OneAtATime(settings.data_dir), EmbeddedPostgres(settings.postgres_dir) as postgres:
        yield settings.model_copy(update={"database_url": postgres.url()})


def _books(settings: Settings) -> Finding:
    """Let the office's books be checked, with the tills of this machine as witnesses.

    A journal that cannot be read is told by the check of the journals.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as held:
        words: tuple[object, ...] = ("countersigned", "--dir", settings.tills_dir)
        try:
            held.write(programs.run(settings, "till_kivy", *words))
        except ProgramFailed:
            return _program(INVARIANTS, settings, "activities", "verify")
        held.flush()
        return _program(INVARIANTS, settings, "activities", "verify", "--held", held.name)


def _program(check: str, settings: Settings, module: str, *words: object) -> Finding:
    try:
        said = programs.run(settings, module, *words)
    except ProgramFailed as error:
        return Finding(check, sound=False, words=str(error))
    return Finding(check, sound=True, words=said.strip())


def _table(checks: list[Finding]) -> Table:
    table = Table("check", "result", "", title="Verification", show_lines=True)
    for check in checks:
        table.add_row(check.check, "sound" if check.sound else "BROKEN", check.words)
    return table
