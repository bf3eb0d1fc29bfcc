"""Opening the journal's file: which SQLite, which pragmas, which tables, or a clear refusal."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlcipher3 import dbapi2

from till_kivy.errors import JournalUnusable
from till_kivy.keystore import sync_folder

Connection = Any
"""A sqlcipher3 connection; the package ships no types."""

OLDEST_SQLITE = (3, 51, 3)  # before it, resetting the WAL could corrupt the file (sqlite.org/wal)
WAIT_FOR_LOCK_S = 5

# What was asked for when a connection was opened, and what SQLite must then say is in force.
PRAGMAS: Mapping[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit is on the disk when it returns
    "foreign_keys": 1,
    "mmap_size": 0,  # a mapped file turns an I/O error into a crash
}

# One string per version of the file; a file is brought up to date one version at a time.
UPGRADES: tuple[str, ...] = (
    """
    CREATE TABLE chain (  -- one row: whose journal this is and what the office has said of it
        only INTEGER PRIMARY KEY CHECK (only = 1),
        till_id TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        public_key TEXT NOT NULL,
        office_key TEXT NOT NULL DEFAULT '',  -- trusted since the office's first answer
        acknowledged_sequence INTEGER NOT NULL DEFAULT 0,  -- held by the office, it said last
        countersigned_sequence INTEGER NOT NULL DEFAULT 0,  -- the highest head it ever signed
        countersigned_hash TEXT NOT NULL DEFAULT '',
        countersignature TEXT NOT NULL DEFAULT '',
        failed_writes INTEGER NOT NULL DEFAULT 0  -- how often the disk did not take something
    ) STRICT;
    CREATE TABLE entries (  -- the journal itself; never changed, never deleted
        sequence INTEGER PRIMARY KEY,
        epoch INTEGER NOT NULL,
        kind TEXT NOT NULL,
        at TEXT NOT NULL,
        previous TEXT NOT NULL,
        body TEXT NOT NULL,
        hash TEXT NOT NULL,
        signature TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'journal entries are never changed'); END;
    CREATE TRIGGER entries_remain BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'journal entries are never deleted'); END;
    CREATE TABLE sales (  -- number counts the till's receipts without a gap
        number INTEGER PRIMARY KEY,
        sale_id TEXT NOT NULL UNIQUE,
        sequence INTEGER NOT NULL REFERENCES entries,
        currency TEXT NOT NULL,
        total_minor INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE refused (  -- entries the office did not take
        sequence INTEGER PRIMARY KEY REFERENCES entries,
        refusal TEXT NOT NULL,
        why TEXT NOT NULL
    ) STRICT;
    CREATE TABLE held (  -- tickets put aside
        basket_id TEXT PRIMARY KEY,
        label TEXT NOT NULL,
        person_id TEXT NOT NULL,
        at TEXT NOT NULL,
        basket TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE draft (  -- the ticket being collected, so that it survives a power cut
        only INTEGER PRIMARY KEY CHECK (only = 1),
        basket TEXT NOT NULL
    ) STRICT;
    """,
    """
    ALTER TABLE held ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;  -- of the entry that held it
    UPDATE held SET sequence = coalesce((
        SELECT max(sequence) FROM entries
        WHERE kind = 'ticket_held' AND json_extract(body, '$.basket.id') = held.basket_id), 0);
    """,
    """
    CREATE TABLE lease (  -- one row: the office's last word on whether this till may trade
        only INTEGER PRIMARY KEY CHECK (only = 1),
        word TEXT NOT NULL,  -- the signed lease as canonical JSON
        latest TEXT NOT NULL,  -- the latest moment known to have come, by the office's clock
        ahead_us INTEGER NOT NULL  -- how far this machine's clock was ahead when the word came
    ) STRICT;
    """,
    """
    CREATE TABLE pin_tries (  -- looks at a PIN since the last right one, counted before looking
        person_id TEXT PRIMARY KEY,
        of TEXT NOT NULL,  -- which PIN: one that the office sets anew begins from nothing
        count INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE at_work (  -- who clocked in here and not out
        person_id TEXT PRIMARY KEY,
        since TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE taken_off (  -- what left a ticket without approval, until the ticket is done
        basket_id TEXT PRIMARY KEY,
        minor INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
)


def connect(path: Path, key: bytes, driver: ModuleType = dbapi2) -> Connection:
    """Open the encrypted file with the right pragmas; raise `JournalUnusable` when it cannot be.

    `driver` is any DB-API module of SQLite: a wrong one is refused.
    """
    _refuse_old_sqlite(driver)
    _create_private(path)
    connection = driver.connect(
        str(path), timeout=WAIT_FOR_LOCK_S, isolation_level=None, check_same_thread=False
    )
    with _alone(path.parent), ExitStack() as unless_right:
        unless_right.callback(connection.close)
        unless_right.enter_context(explained(path, driver))
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        _refuse_plaintext(connection)
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name} = {value}")
        check_pragmas(connection)
        unless_right.pop_all()
    return connection


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one program at a time prepare a file: SQLite does not wait where a new one turns WAL."""
    place = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


@contextmanager
def explained(path: Path, driver: ModuleType = dbapi2) -> Iterator[None]:
    """Turn what SQLite says while a journal is being opened into a sentence."""
    try:
        yield
    except driver.DatabaseError as error:
        message = f"The journal {path} cannot be read with this till's key ({error}). Do not delete"
        raise JournalUnusable(f"{message} it: check disk and key, or call support.") from error


def check_pragmas(connection: Connection) -> None:
    """Raise `JournalUnusable` unless every pragma that keeps sales safe is in force."""
    for name, expected in PRAGMAS.items():
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != expected:
            message = f"The journal needs PRAGMA {name} = {expected}, but SQLite says {found}."
            raise JournalUnusable(f"{message} The till does not sell without it.")


def upgrade(connection: Connection, upgrades: Sequence[str] = UPGRADES) -> None:
    """Bring the file's tables up to date, one version per transaction; refuse a newer file."""
    while _version(connection, upgrades) < len(upgrades):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Asked again under the lock: another program may have done this one meanwhile.
            version = _version(connection, upgrades)
            for statement in _statements("".join(upgrades[version : version + 1])):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {min(version + 1, len(upgrades))}")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.rollback()


def _version(connection: Connection, upgrades: Sequence[str]) -> int:
    """Return the version of the file; raise `JournalUnusable` when a newer program made it."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(upgrades):
        message = f"This journal has version {version}, this program knows up to {len(upgrades)}."
        raise JournalUnusable(f"{message} Install the newer program again; nothing was changed.")
    return version


def _statements(script: str) -> Iterator[str]:
    """Take a script apart: `executescript` would commit the transaction it is to be part of."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if dbapi2.complete_statement(statement):
            yield statement
            statement = ""


def _refuse_old_sqlite(driver: ModuleType) -> None:
    found = driver.sqlite_version_info
    if found < OLDEST_SQLITE:
        expected = ".".join(map(str, OLDEST_SQLITE))
        message = f"The journal needs SQLite {expected} or newer, found {driver.sqlite_version}."
        raise JournalUnusable(f"{message} Install sqlcipher3 as the lock file says.")


def _refuse_plaintext(connection: Connection) -> None:
    if not connection.execute("PRAGMA cipher_version").fetchone():
        message = "This SQLite cannot encrypt, so a stolen till would show every sale."
        raise JournalUnusable(f"{message} Install sqlcipher3 as the lock file says.")


def _create_private(path: Path) -> None:
    """Create the file for its owner alone; SQLite gives its companions the same permissions."""
    if path.exists():
        return
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        sync_folder(path.parent)
    except FileExistsError:
        return  # another program has just created it
    except OSError as error:
        message = f"The journal {path} cannot be created: {error.strerror}."
        raise JournalUnusable(f"{message} Check the folder and the disk.") from error
