"""Each act's end of the audit is noted beside the office's key once it is committed."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from builders import AT
from sqlalchemy.exc import ProgrammingError

from activities import audit_heads
from activities.db import audit
from activities.db.engine import Database
from activities.keys import OfficeKey
from domain.audit import Act, Actor, AuditEntry, next_audit_entry

ADA = Actor("ada", "manager")


@pytest.fixture
def key(tmp_path: Path) -> OfficeKey:
    return OfficeKey.at(tmp_path / "keys" / "office")


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "audit.heads"


def entry_of(key: OfficeKey) -> AuditEntry:
    return next_audit_entry(None, ADA, Act("shop_loaded", "S1"), AT, key)


def act(database: Database, key: OfficeKey, times: int = 1) -> AuditEntry:
    with database.begin() as connection:
        return [audit.record(connection, key, ADA, Act("sworn", "x")) for _ in range(times)][-1]


def act_and_fail(database: Database, key: OfficeKey) -> None:
    with database.begin() as connection:
        audit.record(connection, key, ADA, Act("sworn", "y"))
        connection.exec_driver_sql("SELECT nonsense")


def test_what_was_noted_is_read_back(heads: Path, key: OfficeKey) -> None:
    entry = entry_of(key)

    audit_heads.note(heads, entry)
    audit_heads.note(heads, replace(entry, sequence=2))

    assert audit_heads.noted(heads) == {(1, entry.hash), (2, entry.hash)}
    assert stat.S_IMODE(heads.stat().st_mode) == 0o600


def test_nothing_noted_is_nothing(heads: Path) -> None:
    assert audit_heads.noted(heads) == frozenset()


@pytest.mark.parametrize("torn", [b"7", b"7 abc", b"x " + b"a" * 64 + b"\n", b"\0\0\0\n", b"\n"])
def test_a_line_that_a_power_cut_tore_says_nothing(
    heads: Path, key: OfficeKey, torn: bytes
) -> None:
    entry = entry_of(key)
    audit_heads.note(heads, entry)

    with heads.open("ab") as file:
        file.write(torn)

    assert audit_heads.noted(heads) == {(1, entry.hash)}


def test_processes_that_note_at_once_lose_nothing(heads: Path, key: OfficeKey) -> None:
    entries = [replace(entry_of(key), sequence=n) for n in range(1, 101)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda entry: audit_heads.note(heads, entry), entries))

    assert len(audit_heads.noted(heads)) == 100


def test_the_last_act_of_a_committed_transaction_is_noted(
    postgres_url: str, key: OfficeKey, heads: Path
) -> None:
    database = Database(postgres_url, heads=heads)

    last = act(database, key, times=2)

    database.close()
    assert audit_heads.noted(heads) == {(last.sequence, last.hash)}


def test_what_was_rolled_back_is_not_noted_and_not_by_the_next_one_either(
    postgres_url: str, key: OfficeKey, heads: Path
) -> None:
    database = Database(postgres_url, most_connections=1, heads=heads)

    with pytest.raises(ProgrammingError):
        act_and_fail(database, key)
    with database.begin() as connection:
        connection.exec_driver_sql("SELECT 1")

    database.close()
    assert audit_heads.noted(heads) == frozenset()
