"""A till in the field gets a newer program: its old file is brought up, and the shop goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import basket, line, sale
from sqlcipher3 import dbapi2
from tills import acknowledgement, open_journal, sell

from domain.canonical import canonical
from domain.events import LoggedIn, TicketHeld
from domain.journal import Entry, Refusal, RefusedEntry
from till_kivy.errors import JournalUnusable
from till_kivy.journal import Journal
from till_kivy.journal_schema import UPGRADES, Connection, check_pragmas, connect, upgrade
from till_kivy.journal_verify import verify_journal
from till_kivy.keystore import FileKeyStore

# Made-up versions after today's, one of each sort that a later release may bring.
A_TABLE = "CREATE TABLE shifts (number INTEGER PRIMARY KEY) STRICT;"
A_COLUMN = "ALTER TABLE sales ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0;"
A_COPY = """
CREATE TABLE held_again (
    basket_id TEXT PRIMARY KEY, label TEXT NOT NULL, person_id TEXT NOT NULL,
    at TEXT NOT NULL, basket TEXT NOT NULL, sequence INTEGER NOT NULL DEFAULT 0,
    place INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO held_again SELECT *, 1 FROM held;
DROP TABLE held;
ALTER TABLE held_again RENAME TO held;
"""
LATER = {"a new table": A_TABLE, "a new column": A_COLUMN, "a table copied": A_COPY}
HALF = f"{A_TABLE} DROP TABLE nowhere;"
OVERWRITE = "UPDATE entries SET kind = 'other';"
FORGET = "DELETE FROM entries WHERE sequence = 1;"


def worked(folder: Path) -> list[Entry]:
    """Leave the journal of a till that has sold, held, begun a ticket and met its office."""
    journal = open_journal(folder)
    journal.append(LoggedIn("anna"))
    sell(journal, 3)
    journal.append(TicketHeld(basket(line(grams=250)), "red coat", "anna"))
    told = RefusedEntry(2, Refusal.BAD_BODY, "no")
    journal.acknowledge(acknowledgement(journal.entries()[2].head, told))
    journal.save_draft(basket(line(pieces=7)))
    entries = journal.entries()
    journal.close()
    return entries


def file_of(folder: Path) -> Connection:
    return connect(folder / "journal.sqlite", FileKeyStore(folder).journal_key())


def promote(folder: Path, *later: str) -> None:
    connection = file_of(folder)
    try:
        upgrade(connection, (*UPGRADES, *later))
    finally:
        connection.close()


def read_by_newer(folder: Path, change: str, ask: Callable[[Connection], None]) -> None:
    """Open the file as the program that knows one version more."""
    connection = file_of(folder)
    try:
        upgrade(connection, (*UPGRADES, change))
        ask(connection)
    finally:
        connection.close()


@pytest.mark.parametrize("change", LATER.values(), ids=LATER)
def test_no_entry_sale_or_ticket_is_touched_by_an_upgrade(tmp_path: Path, change: str) -> None:
    worked(tmp_path)
    tables = ("chain", "entries", "sales", "refused", "held", "draft")
    connection = file_of(tmp_path)
    before = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}  # noqa: S608 -- the names stand above
    connection.close()

    def unchanged(after: Connection) -> None:
        for table, rows in before.items():
            found = after.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 -- same
            assert [row[: len(rows[0])] for row in found] == rows
            assert rows

    read_by_newer(tmp_path, change, unchanged)


@pytest.mark.parametrize("change", LATER.values(), ids=LATER)
def test_the_older_program_refuses_the_promoted_file_and_harms_nothing(
    tmp_path: Path, change: str
) -> None:
    entries = worked(tmp_path)
    promote(tmp_path, change)

    for _ in range(2):
        with pytest.raises(JournalUnusable, match="Install the newer program again"):
            open_journal(tmp_path)

    connection = file_of(tmp_path)
    stored = connection.execute("SELECT hash FROM entries ORDER BY sequence").fetchall()
    assert [seal for (seal,) in stored] == [entry.hash for entry in entries]
    connection.close()


def test_several_versions_are_caught_up_in_one_start(tmp_path: Path) -> None:
    worked(tmp_path)

    promote(tmp_path, A_TABLE, A_COLUMN, A_COPY)

    connection = file_of(tmp_path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(UPGRADES) + 3,)
    assert connection.execute("SELECT sum(refunded), count(*) FROM sales").fetchone() == (0, 3)
    assert connection.execute("SELECT label, place FROM held").fetchall() == [("red coat", 1)]
    connection.close()


def test_what_broke_off_half_way_is_finished_by_the_next_start(tmp_path: Path) -> None:
    worked(tmp_path)
    with pytest.raises(dbapi2.DatabaseError, match="nowhere"):
        promote(tmp_path, A_COLUMN, HALF)

    promote(tmp_path, A_COLUMN, A_TABLE)

    connection = file_of(tmp_path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(UPGRADES) + 2,)
    assert connection.execute("SELECT count(*) FROM shifts").fetchone() == (0,)
    connection.close()


def test_an_upgrade_that_broke_off_leaves_the_program_before_at_work(tmp_path: Path) -> None:
    entries = worked(tmp_path)
    with pytest.raises(dbapi2.DatabaseError):
        promote(tmp_path, HALF)

    journal = open_journal(tmp_path)

    assert journal.entries() == entries
    (following,) = sell(journal)
    assert journal.sale_of(following).receipt_number == "A1-000004"
    assert verify_journal(journal).first_bad is None
    journal.close()


@pytest.mark.parametrize("change", [OVERWRITE, FORGET], ids=["changes", "deletes"])
def test_not_even_an_upgrade_may_touch_the_entries(tmp_path: Path, change: str) -> None:
    entries = worked(tmp_path)

    with pytest.raises(dbapi2.DatabaseError, match="journal entries are never"):
        promote(tmp_path, change)

    journal = open_journal(tmp_path)
    assert journal.entries() == entries
    journal.close()


def test_a_promoted_file_is_as_safe_as_a_new_one(tmp_path: Path) -> None:
    worked(tmp_path)

    read_by_newer(tmp_path, A_COPY, check_pragmas)

    connection = file_of(tmp_path)
    assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == []
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_a_file_of_today_goes_on_where_it_ended(tmp_path: Path) -> None:
    entries = worked(tmp_path)

    journal = open_journal(tmp_path)

    assert (journal.unsent.count, journal.unsent.refused) == (len(entries) - 3, 1)
    assert [held.label for held in journal.held_tickets()] == ["red coat"]
    draft = journal.draft()
    assert draft is not None
    assert [str(own.quantity) for own in draft.lines] == ["7"]
    entry = journal.append_sale("A1", lambda number: sale(number, draft))
    assert journal.sale_of(entry).receipt_number == "A1-000004"
    assert journal.draft() is None
    journal.close()


def test_a_folder_moved_to_another_machine_is_the_same_till(tmp_path: Path) -> None:
    entries = worked(tmp_path / "old")

    shutil.copytree(tmp_path / "old", tmp_path / "new")
    moved: Journal = open_journal(tmp_path / "new")

    sell(moved)
    assert moved.entries()[:-1] == entries
    assert verify_journal(moved).entries == len(entries) + 1
    moved.close()


def test_tickets_held_under_the_first_version_keep_the_order_of_their_entries(
    tmp_path: Path,
) -> None:
    FileKeyStore(tmp_path).create()
    first = file_of(tmp_path)
    upgrade(first, UPGRADES[:1])
    for sequence, at in ((1, "2026-11-21T12:00:00Z"), (2, "2026-11-21T11:00:00Z")):
        ticket = basket(line(pieces=sequence))
        body = canonical(TicketHeld(ticket, str(sequence), "anna"))
        entry = (sequence, 1, "ticket_held", at, "", body, "", "")
        first.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entry)
        held = (str(ticket.id), str(sequence), "anna", at, canonical(ticket))
        first.execute("INSERT INTO held VALUES (?, ?, ?, ?, ?)", held)
    first.close()

    journal = open_journal(tmp_path)

    assert [held.label for held in journal.held_tickets()] == ["1", "2"]
    journal.close()
