"""A VFS that writes down what SQLite does to its files, and the journal's own code on top of it.

The shipped library encrypts and cannot be given a VFS from Python, so this is the same journal
(its tables, pragmas and statements) in apsw's SQLite without encryption.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw
from faults.power_cut import Deed, Kind

from domain.journal import Signer
from till_kivy.clock import Clock
from till_kivy.journal import Journal
from till_kivy.journal_schema import PRAGMAS, check_pragmas, upgrade

VFS_NAME = "recording"
Name = str | apsw.URIFilename | None


class RecordingVfs(apsw.VFS):
    """SQLite's own VFS; what it writes, cuts, syncs and deletes is added to `deeds`."""

    def __init__(self, deeds: list[Deed]) -> None:
        self.deeds = deeds
        super().__init__(VFS_NAME, "unix")

    def xOpen(self, name: Name, flags: list[int]) -> RecordingFile:  # noqa: N802 -- apsw's name
        return RecordingFile(self.deeds, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 -- apsw's
        super().xDelete(filename, syncdir)
        self.deeds.append(Deed(Kind.UNLINK, Path(filename).name))
        if syncdir:
            self.deeds.append(Deed(Kind.SYNC_FOLDER))


class RecordingFile(apsw.VFSFile):
    """One file of SQLite's; the index of the log (-shm) is memory, which a power cut takes."""

    def __init__(self, deeds: list[Deed], name: Name, flags: list[int]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path or "temporary").name
        self._deeds = deeds
        self._new = not path or not Path(path).exists()
        super().__init__("unix", name, flags)
        if self._new:
            self._did(Kind.CREATE)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 -- apsw's name
        super().xWrite(data, offset)
        self._did(Kind.WRITE, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 -- apsw's name
        super().xTruncate(newsize)
        self._did(Kind.TRUNCATE, newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 -- apsw's name
        super().xSync(flags)
        self._did(Kind.SYNC)
        if self._new:  # as SQLite does, which syncs the folder with the first sync of a new file
            self._deeds.append(Deed(Kind.SYNC_FOLDER))
            self._new = False

    def _did(self, kind: Kind, at: int = 0, content: bytes = b"") -> None:
        self._deeds.append(Deed(kind, self._name, at, content))


class Connection:
    """An apsw connection as the journal uses sqlcipher3's."""

    def __init__(self, path: Path, vfs: str) -> None:
        self._connection = apsw.Connection(str(path), vfs=vfs)

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, statement: str, values: Sequence[Any] = ()) -> apsw.Cursor:
        return self._connection.execute(statement, values)

    def rollback(self) -> None:
        self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()


def connected(path: Path, vfs: str = "unix") -> Connection:
    """Open a file with the journal's own pragmas."""
    connection = Connection(path, vfs)
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")
    check_pragmas(connection)
    return connection


def plain_journal(path: Path, signer: Signer, clock: Clock, vfs: str = "unix") -> Journal:
    """Open the journal of till T1 in a file that is not encrypted, made on first use."""
    writer = connected(path, vfs)
    upgrade(writer)
    owner = ("T1", signer.public_key)
    writer.execute(
        "INSERT OR IGNORE INTO chain (only, till_id, epoch, public_key) VALUES (1, ?, 1, ?)", owner
    )
    return Journal(writer, connected(path, vfs), signer, clock)
