"""A VFS that writes down what SQLite does to its files, and an SQLite that takes one: apsw's.

The shipped library cannot be given a VFS from Python. apsw's SQLite can, but does not encrypt. All
else is the journal's own: its opening, pragmas, tables and statements.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import apsw
from faults.power_cut import Deed, Kind, Names

from till_kivy.clock import SystemClock
from till_kivy.journal import Journal
from till_kivy.keystore import FileKeyStore

Name = str | apsw.URIFilename | None
# SQLite syncs the folder with the first sync of such a file, which it makes itself.
MADE_BY_SQLITE = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL


class RecordingVfs(apsw.VFS):
    """The operating system's files, and in `deeds` what SQLite did to them."""

    def __init__(self, name: str) -> None:
        self.deeds: list[Deed] = []
        self.names = Names()
        super().__init__(name, base="")

    def xOpen(self, name: Name, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 -- apsw's name
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        assert path, "the journal needs no temporary files; they would not be recorded"
        opened = RecordingFile(self, Path(path).name, name, flags)
        if opened.name not in self.names.there:
            self.deeds.append(self.names.give(opened.name))
            if not opened.made_by_sqlite:
                # The till made the journal's file and synced its folder before it opened it.
                self.deeds.append(Deed(Kind.SYNC_FOLDER))
        return opened

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 -- apsw's name
        super().xDelete(filename, syncdir)
        self.deeds.append(self.names.take(Path(filename).name))
        if syncdir:
            self.deeds.append(Deed(Kind.SYNC_FOLDER))


class RecordingFile(apsw.VFSFile):
    """An open file of a recording VFS."""

    def __init__(self, vfs: RecordingVfs, name: str, opened: Name, flags: list[int]) -> None:
        super().__init__("", opened, flags)
        self.name = name
        self.made_by_sqlite = bool(flags[0] & MADE_BY_SQLITE)
        self._vfs = vfs
        self._folder_unsynced = self.made_by_sqlite

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 -- apsw's name
        super().xWrite(data, offset)
        self._did(Kind.WRITE, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 -- apsw's name
        super().xTruncate(newsize)
        self._did(Kind.TRUNCATE, newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 -- apsw's name
        super().xSync(flags)
        self._did(Kind.SYNC)
        if self._folder_unsynced:
            self._vfs.deeds.append(Deed(Kind.SYNC_FOLDER))
            self._folder_unsynced = False

    def _did(self, kind: Kind, at: int = 0, content: bytes = b"") -> None:
        self._vfs.deeds.append(Deed(kind, self._vfs.names.there[self.name], at, content))


class Connection(apsw.Connection):
    """An apsw connection with the calls of sqlcipher3's; it says that it encrypts, to be let in."""

    def execute(self, statements: str, *bindings: Any, **options: Any) -> apsw.Cursor:
        said = "SELECT 'none'" if statements == "PRAGMA cipher_version" else statements
        return super().execute(said, *bindings, **options)

    def rollback(self) -> None:
        self.execute("ROLLBACK")


class PlainSqlite(ModuleType):
    """The DB-API module that the journal is opened with, on a VFS or on the system's own."""

    sqlite_version = apsw.sqlite_lib_version()
    sqlite_version_info = tuple(int(part) for part in sqlite_version.split("."))
    DatabaseError = apsw.Error

    def __init__(self, vfs: str | None = None) -> None:
        super().__init__("plain_sqlite")
        self._vfs = vfs

    def connect(self, path: str, timeout: float, **_: object) -> Connection:
        connection = Connection(path, vfs=self._vfs)
        connection.set_busy_timeout(int(timeout * 1000))
        return connection


@contextmanager
def recording() -> Iterator[tuple[list[Deed], PlainSqlite]]:
    """Give an SQLite, and the list of what it will have done."""
    name = uuid.uuid4().hex
    vfs = RecordingVfs(name)
    yield vfs.deeds, PlainSqlite(name)
    vfs.unregister()


def journal_on(folder: Path, keys: FileKeyStore, driver: PlainSqlite) -> Journal:
    """Open the till's own journal on such an SQLite."""
    key, signer = keys.journal_key(), keys.signer()
    return Journal.open(folder / "journal.sqlite", key, signer, "T1", SystemClock(), driver)
