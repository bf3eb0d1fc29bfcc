"""What the key folder and the tills hold of the office's chains tells what the office has lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from books import PaperTill, take_in

from activities import audit_heads
from activities.db import audit, witnesses
from activities.db.engine import Connection, Database
from activities.keys import OfficeKey
from domain.audit import Act, Actor
from domain.journal import Acknowledgement, Head, countersigned_text

UNGUARDED = "SET LOCAL session_replication_role = replica"
ACTS = 5


@pytest.fixture
def key(tmp_path: Path) -> OfficeKey:
    return OfficeKey.at(tmp_path / "keys" / "office")


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "audit.heads"


@pytest.fixture
def acted(books: Database, key: OfficeKey, heads: Path) -> Database:
    """Books in which five things were done, each noted."""
    programs = Database(books.url, heads=heads)
    for number in range(ACTS):
        with programs.begin() as connection:
            act = Act("person_added", f"p{number}", "S1", after={"name": "P"})
            audit.record(connection, key, Actor("ada", "manager"), act)
    programs.close()
    return books


def damaged(database: Database, sql: str, look: Callable[[Connection], object]) -> list[str]:
    """What is found after some damage; nothing of it is kept."""
    with database.begin() as connection:
        connection.exec_driver_sql(UNGUARDED)
        connection.exec_driver_sql(sql)
        found = look(connection)
        connection.rollback()
    assert isinstance(found, list)
    return [str(one) for one in found]


def broken(database: Database, key: OfficeKey, heads: Path, sql: str = "SELECT") -> list[str]:
    noted = audit_heads.noted(heads)
    return damaged(database, sql, lambda c: list(witnesses.broken_audit(c, key.public_key, noted)))


def test_a_sound_audit_is_sound(acted: Database, key: OfficeKey, heads: Path) -> None:
    assert broken(acted, key, heads) == []


def test_an_office_in_which_nothing_was_done_is_sound(
    books: Database, key: OfficeKey, heads: Path
) -> None:
    assert broken(books, key, heads) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE audit_entries SET actor = 'eve' WHERE sequence = 3", "entry 3: .*changed"),
        ("UPDATE audit_entries SET at = at + '1 s' WHERE sequence = 2", "entry 2: .*changed"),
        ("UPDATE audit_entries SET signature = '00' WHERE sequence = 4", "entry 4: .*not signed"),
        ("DELETE FROM audit_entries WHERE sequence = 1", "entry 1: .*missing"),
        ("DELETE FROM audit_entries WHERE sequence = 5", "entry 5: .*gone, the audit ends at 4"),
        ("DELETE FROM audit_entries WHERE sequence > 2", "entry 3: .*gone, the audit ends at 2"),
        ("DELETE FROM audit_entries", "entry 1: .*gone, the audit ends at 0"),
    ],
)
def test_the_first_bad_entry_of_the_audit_is_named(
    acted: Database, key: OfficeKey, heads: Path, sql: str, said: str
) -> None:
    (found,) = broken(acted, key, heads, sql)

    assert re.search(f"^audit {said}", found), found


def test_without_what_was_noted_a_cut_off_end_would_not_be_seen(
    acted: Database, key: OfficeKey, heads: Path
) -> None:
    heads.unlink()

    (found,) = broken(acted, key, heads, "DELETE FROM audit_entries WHERE sequence = 5")

    assert "no end of it was ever noted" in found


def test_an_audit_made_anew_with_the_offices_own_key_is_seen(
    acted: Database, key: OfficeKey, heads: Path
) -> None:
    noted = audit_heads.noted(heads)
    with acted.begin() as connection:
        connection.exec_driver_sql(UNGUARDED)
        connection.exec_driver_sql("DELETE FROM audit_entries WHERE sequence > 3")
        for name in ("x", "y"):
            audit.record(connection, key, Actor("eve", "admin"), Act("person_added", name))
        found = list(witnesses.broken_audit(connection, key.public_key, noted))
        connection.rollback()

    assert [violation.where for violation in found] == ["entry 4"]
    assert "made anew" in found[0].what


def test_another_offices_key_is_not_this_ones(acted: Database, heads: Path, tmp_path: Path) -> None:
    stranger = OfficeKey.at(tmp_path / "stranger")

    (found,) = broken(acted, stranger, heads)

    assert "entry 1" in found


def holding(key: OfficeKey, head: Head) -> Acknowledgement:
    return Acknowledgement(head, key.sign(countersigned_text(head)), office_key=key.public_key)


def lost(database: Database, key: OfficeKey, held: Acknowledgement, sql: str) -> list[str]:
    return damaged(database, sql, lambda c: list(witnesses.lost_entries(c, key.public_key, [held])))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT", ""),
        (
            "DELETE FROM journal_entries WHERE sequence > 1",
            "I8 T1: the office has lost entries 2 to 4, which it had countersigned",
        ),
        (
            "DELETE FROM journal_entries WHERE sequence = 4",
            "I8 T1: the office has lost entries 4 to 4, which it had countersigned",
        ),
        (
            "DELETE FROM tills WHERE id = 'T1'",
            "I8 T1: the office has lost entries 1 to 4, which it had countersigned",
        ),
        (
            "UPDATE journal_entries SET hash = repeat('0', 64) WHERE sequence = 4",
            "I8 T1: the office countersigned another entry 4 than it has",
        ),
    ],
)
def test_an_office_that_lost_what_it_had_countersigned_is_named(
    books: Database, till: PaperTill, key: OfficeKey, sql: str, said: str
) -> None:
    take_in(books, till.sell(4))
    held = holding(key, till.head)

    assert lost(books, key, held, sql) == ([said] if said else [])


def test_a_till_that_holds_a_forged_countersignature_is_named(
    books: Database, till: PaperTill, key: OfficeKey, tmp_path: Path
) -> None:
    take_in(books, till.sell(2))
    forged = holding(OfficeKey.at(tmp_path / "stranger"), till.head)

    assert lost(books, key, forged, "SELECT") == [
        "I8 T1: what it holds as the office's signature of entry 2 is not"
    ]


def test_a_till_whose_latest_entries_are_on_their_way_is_well(
    books: Database, till: PaperTill, key: OfficeKey
) -> None:
    take_in(books, till.sell(2))
    held = holding(key, till.head)
    take_in(books, till.sell(2))

    assert lost(books, key, held, "SELECT") == []
