import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import apsw
import pytest
from builders import AT
from sqlcipher3 import dbapi2
from tills import open_journal, sell

from till_kivy.clock import HandClock
from till_kivy.errors import JournalUnusable, KeysUnusable
from till_kivy.journal import Journal
from till_kivy.journal_schema import PRAGMAS, UPGRADES, check_pragmas, connect, upgrade
from till_kivy.keystore import Ed25519Signer, FileKeyStore

KEY = b"k" * 32
SIGNER = Ed25519Signer(b"1" * 32)
NEXT = len(UPGRADES) + 1


class CipherlessSqlite:
    """The newest SQLite, but one that cannot encrypt: apsw's, behind the calls `connect` makes."""

    sqlite_version = apsw.sqlite_lib_version()
    sqlite_version_info = tuple(int(part) for part in sqlite_version.split("."))
    DatabaseError = apsw.Error

    @staticmethod
    def connect(path: str, **_: object) -> apsw.Connection:
        return apsw.Connection(path)


class DeafSqlite:
    """The right SQLite, but one pragma is set to something else, as SQLite does without a word."""

    sqlite_version = dbapi2.sqlite_version
    sqlite_version_info = dbapi2.sqlite_version_info
    DatabaseError = dbapi2.DatabaseError

    def __init__(self, deaf_to: str) -> None:
        self.deaf_to = deaf_to

    def connect(self, path: str, **options: object) -> object:
        deaf_to = self.deaf_to

        class Connection(dbapi2.Connection):  # type: ignore[misc]  # the package ships no types
            def execute(self, sql: str, *values: object) -> object:
                heard = f"PRAGMA {deaf_to} = 0" if sql.startswith(f"PRAGMA {deaf_to} =") else sql
                return super().execute(heard, *values)

        return dbapi2.connect(path, factory=Connection, **options)


def test_the_interpreters_own_sqlite_is_refused(tmp_path: Path) -> None:
    if sqlite3.sqlite_version_info >= (3, 51, 3):
        pytest.skip("this interpreter's SQLite is new enough to be refused for its missing cipher")

    with pytest.raises(JournalUnusable, match=r"needs SQLite 3\.51\.3 or newer, found 3\."):
        connect(tmp_path / "journal.sqlite", KEY, driver=sqlite3)


def test_a_new_sqlite_without_a_cipher_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalUnusable, match="cannot encrypt"):
        connect(tmp_path / "journal.sqlite", KEY, driver=CipherlessSqlite)  # type: ignore[arg-type]  # stands in for a module


def test_the_shipped_sqlite_is_accepted_with_every_pragma_in_force(tmp_path: Path) -> None:
    connection = connect(tmp_path / "journal.sqlite", KEY)

    found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "mmap_size": 0}
    connection.close()


@pytest.mark.parametrize(
    "sabotage",
    [
        "synchronous = NORMAL",
        "synchronous = OFF",
        "journal_mode = DELETE",
        "foreign_keys = OFF",
        "mmap_size = 1048576",
    ],
)
def test_a_wrong_pragma_is_refused_by_name(tmp_path: Path, sabotage: str) -> None:
    connection = connect(tmp_path / "journal.sqlite", KEY)
    connection.execute(f"PRAGMA {sabotage}")

    with pytest.raises(JournalUnusable, match=f"needs PRAGMA {sabotage.split(maxsplit=1)[0]}"):
        check_pragmas(connection)

    connection.close()


@pytest.mark.parametrize("deaf_to", ["journal_mode", "synchronous", "foreign_keys"])
def test_a_sqlite_that_does_not_listen_is_refused_when_the_file_is_opened(
    tmp_path: Path, deaf_to: str
) -> None:
    driver = DeafSqlite(deaf_to)

    with pytest.raises(JournalUnusable, match=f"needs PRAGMA {deaf_to}"):
        connect(tmp_path / "journal.sqlite", KEY, driver)  # type: ignore[arg-type]  # any driver's calls


def test_only_the_owner_may_read_what_a_till_keeps(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    sell(journal)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}

    assert set(modes) >= {"till.key", "journal.key", "journal.sqlite", "journal.sqlite-wal"}
    assert set(modes.values()) == {0o600}
    journal.close()


def test_the_file_shows_nothing_to_somebody_without_the_key(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    sell(journal)

    raw = b"".join(file.read_bytes() for file in tmp_path.glob("journal.sqlite*"))

    assert b'"sku":"TEA"' not in raw
    assert b"A1-000001" not in raw
    assert not raw.startswith(b"SQLite format 3")
    journal.close()


def test_another_key_does_not_open_the_journal_and_does_not_harm_it(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    sell(journal)
    journal.close()

    with pytest.raises(JournalUnusable, match="cannot be read with this till's key"):
        connect(tmp_path / "journal.sqlite", KEY)

    again = open_journal(tmp_path)
    assert len(again.entries()) == 1
    again.close()


def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"holiday pictures" * 1000)

    with pytest.raises(JournalUnusable, match="Do not delete it"):
        connect(path, KEY)

    assert path.read_bytes() == b"holiday pictures" * 1000


def test_another_tills_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    Journal.open(path, KEY, SIGNER, "T1", HandClock(AT)).close()

    with pytest.raises(JournalUnusable, match="belongs to till T1"):
        Journal.open(path, KEY, SIGNER, "T2", HandClock(AT))


def test_a_journal_with_another_signing_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    Journal.open(path, KEY, SIGNER, "T1", HandClock(AT)).close()

    with pytest.raises(JournalUnusable, match="the key it was begun with"):
        Journal.open(path, KEY, Ed25519Signer(b"2" * 32), "T1", HandClock(AT))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalUnusable, match="cannot be created: No such file"):
        connect(tmp_path / "gone" / "journal.sqlite", KEY)


def test_a_file_of_a_newer_program_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    connection = connect(path, KEY)
    upgrade(connection, (*UPGRADES, "CREATE TABLE later (a INTEGER) STRICT"))
    connection.close()

    with pytest.raises(JournalUnusable, match=f"version {NEXT}, this program knows up to"):
        Journal.open(path, KEY, SIGNER, "T1", HandClock(AT))

    again = connect(path, KEY)
    assert again.execute("SELECT count(*) FROM later").fetchone() == (0,)
    again.close()


def test_an_older_file_is_brought_up_to_date_with_its_entries(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    sell(journal)
    journal.close()
    connection = connect(tmp_path / "journal.sqlite", FileKeyStore(tmp_path).journal_key())

    upgrade(connection, (*UPGRADES, "CREATE TABLE later (a INTEGER) STRICT"))

    assert connection.execute("PRAGMA user_version").fetchone() == (NEXT,)
    assert connection.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    connection.close()


def test_an_upgrade_that_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    connection = connect(tmp_path / "journal.sqlite", KEY)
    upgrade(connection)
    broken = "CREATE TABLE half (a INTEGER) STRICT; CREATE TABLE half (a INTEGER) STRICT"

    with pytest.raises(dbapi2.DatabaseError):
        upgrade(connection, (*UPGRADES, broken))

    assert connection.execute("PRAGMA user_version").fetchone() == (len(UPGRADES),)
    assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone() is None
    connection.close()


def test_the_database_itself_refuses_to_change_or_delete_an_entry(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    sell(journal)
    journal.close()
    connection = connect(tmp_path / "journal.sqlite", FileKeyStore(tmp_path).journal_key())

    with pytest.raises(dbapi2.IntegrityError, match="never changed"):
        connection.execute("UPDATE entries SET body = '{}'")
    with pytest.raises(dbapi2.IntegrityError, match="never deleted"):
        connection.execute("DELETE FROM entries")

    connection.close()


def test_programs_that_open_a_new_journal_at_once_all_get_it(tmp_path: Path) -> None:
    programs = 6
    for attempt in range(15):
        path, together = tmp_path / f"{attempt}.sqlite", Barrier(programs)

        with ThreadPoolExecutor(programs) as pool:
            opened = pool.map(_open_together, [(path, together)] * programs)

        assert [journal.till_id for journal in opened] == ["T1"] * programs


def test_an_upgrade_that_another_program_has_just_done_is_not_done_again(tmp_path: Path) -> None:
    upgrades = (*UPGRADES, "CREATE TABLE later (a INTEGER) STRICT")
    one, other = (connect(tmp_path / "journal.sqlite", KEY) for _ in range(2))
    upgrade(one)

    def be_faster(said: str) -> None:
        if said.startswith("BEGIN"):
            upgrade(one, upgrades)

    other.set_trace_callback(be_faster)
    upgrade(other, upgrades)

    assert other.execute("PRAGMA user_version").fetchone() == (NEXT,)
    one.close()
    other.close()


def _open_together(asked: tuple[Path, Barrier]) -> Journal:
    path, together = asked
    together.wait(10)
    journal = Journal.open(path, KEY, SIGNER, "T1", HandClock(AT))
    journal.close()
    return journal


# ---------------------------------------------------------------- keys


def test_keys_are_minted_once(tmp_path: Path) -> None:
    keys = FileKeyStore(tmp_path / "till")
    keys.create()
    first = keys.signer().public_key, keys.journal_key()

    keys.create()

    assert (keys.signer().public_key, keys.journal_key()) == first


def test_two_tills_have_different_keys(tmp_path: Path) -> None:
    one, other = FileKeyStore(tmp_path / "1"), FileKeyStore(tmp_path / "2")
    one.create()
    other.create()

    assert one.signer().public_key != other.signer().public_key
    assert one.journal_key() != other.journal_key()


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(KeysUnusable, match="has no till"):
        FileKeyStore(tmp_path).signer()


@pytest.mark.parametrize("damage", ["", "zz", "00" * 31])
def test_a_damaged_key_is_named_and_not_replaced(tmp_path: Path, damage: str) -> None:
    keys = FileKeyStore(tmp_path)
    keys.create()
    (tmp_path / "journal.key").write_text(damage)

    keys.create()

    with pytest.raises(KeysUnusable, match="journal"):
        keys.journal_key()
