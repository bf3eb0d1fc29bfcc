"""What may be on a disk after the power went: every state that fsync allows, from a real recording.

There are three recordings: the system calls of a real selling till (strace, below), which test the
shipped SQLCipher library; what SQLite asks of its VFS (shim.py); and what ext4 asks of the disk
below it (recording_disk.py). The model is POSIX at its harshest: what was written and not yet
fsynced may be there or not, in any combination, and the last write that is there may be torn at any
sector; a name is there once its folder was fsynced.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

SECTOR = 512
CALLS = "openat,pwrite64,write,ftruncate,fsync,unlink,close"
_CALL = re.compile(r"^(?:\d+\s+)?(\w+)\((.*)\)\s+= (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Kind(StrEnum):
    """What a till did to its disk, or said."""

    CREATE = "create"
    UNLINK = "unlink"
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    SYNC_FOLDER = "sync folder"
    SAY = "say"


NAMING = (Kind.CREATE, Kind.UNLINK)
REMEMBERED = (Kind.SYNC, Kind.SYNC_FOLDER, Kind.SAY)  # whatever becomes of the cache


@dataclass(frozen=True)
class Deed:
    """One system call that matters; `at` is an offset or a length.

    `file` is a name and, since a name can be given again, how many files of it there were before.
    `whole` is a write that the disk does at once or not at all.
    """

    kind: Kind
    file: str = ""
    at: int = 0
    content: bytes = b""
    whole: bool = False


class Names:
    """The names of a folder, each with the file that has it now."""

    def __init__(self) -> None:
        self.there: dict[str, str] = {}
        self._made = 0

    def give(self, name: str) -> Deed:
        self._made += 1
        self.there[name] = f"{name}#{self._made}"
        return Deed(Kind.CREATE, self.there[name])

    def take(self, name: str) -> Deed:
        return Deed(Kind.UNLINK, self.there.pop(name))


@dataclass
class Recording:
    """Reads the lines of `strace -f -xx` about one folder."""

    folder: Path
    _open: dict[int, str] = field(default_factory=dict)
    _names: Names = field(default_factory=Names)

    def deeds(self, trace: Path) -> Iterator[Deed]:
        for line in trace.read_text().splitlines():
            match = _CALL.match(line)
            if match and int(match[3]) >= 0:
                yield from self._deed(match[1], match[2], int(match[3]))

    def _deed(self, call: str, arguments: str, result: int) -> Iterator[Deed]:
        if call == "openat":
            yield from self._opened(Path(_content(arguments).decode()), arguments, result)
        elif call == "unlink":
            if (name := Path(_content(arguments).decode()).name) in self._names.there:
                yield self._names.take(name)
        elif (descriptor := int(arguments.split(",", maxsplit=1)[0])) == 1:
            yield Deed(Kind.SAY, content=_content(arguments))
        elif call == "close":
            self._open.pop(descriptor, None)
        elif descriptor in self._open:
            yield self._changed(call, self._open[descriptor], arguments)

    def _opened(self, path: Path, arguments: str, descriptor: int) -> Iterator[Deed]:
        if path == self.folder:
            self._open[descriptor] = ""
        elif path.parent == self.folder and path.name.startswith("journal.sqlite"):
            if "O_CREAT" in arguments and path.name not in self._names.there:
                yield self._names.give(path.name)
            self._open[descriptor] = self._names.there[path.name]

    def _changed(self, call: str, file: str, arguments: str) -> Deed:
        if call == "fsync":
            return Deed(Kind.SYNC if file else Kind.SYNC_FOLDER, file)
        last = int(arguments.rsplit(",", 1)[1])
        if call == "ftruncate":
            return Deed(Kind.TRUNCATE, file, last)
        assert call == "pwrite64", f"the till uses {call}, which is not replayed"
        return Deed(Kind.WRITE, file, last, _content(arguments))


def _content(arguments: str) -> bytes:
    match = _TEXT.search(arguments)
    assert match, arguments[:200]
    return bytes.fromhex(match[1].replace("\\x", ""))


Files = dict[str, bytes]


@dataclass(frozen=True)
class Cut:
    """The power goes: what is on the disk, and what the till had said by then."""

    at: int
    files: Files
    said: str

    @property
    def mark(self) -> bytes:
        """The same for the same files after the same words."""
        mark = hashlib.sha256(self.said.encode())
        for name, content in sorted(self.files.items()):
            mark.update(name.encode())
            mark.update(content)
        return mark.digest()


class Disk:
    """A disk with a cache that loses its content when the power goes."""

    def __init__(self) -> None:
        self.durable: dict[str, bytearray] = defaultdict(bytearray)
        self.names: dict[str, str] = {}
        self.cached: list[Deed] = []

    def take(self, deed: Deed) -> None:
        """Do a deed; only an fsync makes those before it durable."""
        if deed.kind is Kind.SYNC_FOLDER:
            self._settle(lambda cached: cached.kind in NAMING)
        elif deed.kind is Kind.SYNC:
            self._settle(lambda cached: cached.kind not in NAMING and cached.file == deed.file)
        else:
            self.cached.append(deed)

    def after(self, survivors: Iterable[Deed]) -> Files:
        """Return the files that are there when some cached deeds made it to the disk."""
        names = dict(self.names)
        contents = {file: bytearray(content) for file, content in self.durable.items()}
        for deed in survivors:
            _do(deed, names, contents)
        return {
            name: bytes(contents.get(file, b""))
            for name, file in names.items()
            if not name.endswith("-shm")
        }

    def _settle(self, chosen: Callable[[Deed], bool]) -> None:
        for deed in filter(chosen, self.cached):
            _do(deed, self.names, self.durable)
        self.cached = [deed for deed in self.cached if not chosen(deed)]


def _do(deed: Deed, names: dict[str, str], contents: dict[str, bytearray]) -> None:
    name = deed.file.partition("#")[0]
    content = contents.setdefault(deed.file, bytearray())
    match deed.kind:
        case Kind.CREATE:
            names[name] = deed.file
        case Kind.UNLINK if names.get(name) == deed.file:
            del names[name]
        case Kind.TRUNCATE:
            del content[deed.at :]
        case Kind.WRITE:
            content.extend(b"\0" * (deed.at - len(content)))
            content[deed.at : deed.at + len(deed.content)] = deed.content


def cuts(
    deeds: list[Deed], chance: random.Random, each: int, begun: Iterable[Deed] = ()
) -> Iterator[Cut]:
    """Cut the power after every deed: nothing of the cache, all of it, and `each` other states.

    `begun` is what was done to the disk before its power can go.
    """
    disk, said, bare_is_new = Disk(), "", True
    for deed in begun:
        disk.take(deed)
    for at, deed in enumerate(deeds):
        bare_is_new |= deed.kind in REMEMBERED
        if deed.kind is Kind.SAY:
            said += deed.content.decode()
            continue
        disk.take(deed)
        for survivors in surviving(disk.cached, chance, each):
            if survivors or bare_is_new:
                yield Cut(at, disk.after(survivors), said)
        bare_is_new = False


def surviving(cached: list[Deed], chance: random.Random, each: int) -> Iterator[list[Deed]]:
    """Choose what of the cache made it: nothing, everything, some of it, some of it torn."""
    yield []
    if not cached:
        return
    yield list(cached)
    for _ in range(each):
        share = chance.choice((0.1, 0.5, 0.9))
        survivors = [deed for deed in cached if chance.random() < share]
        if survivors and chance.random() < 0.5:
            survivors[-1] = torn(survivors[-1], chance)
        yield survivors


def torn(deed: Deed, chance: random.Random) -> Deed:
    """Let only the first sectors of a write arrive."""
    if deed.whole:
        return deed
    sectors = chance.randrange(len(deed.content) // SECTOR + 1)
    return Deed(deed.kind, deed.file, deed.at, deed.content[: sectors * SECTOR])


def different(states: Iterable[Cut]) -> Iterator[Cut]:
    """Leave out what was looked at before: the same files after the same words."""
    seen = set()
    for cut in states:
        if (mark := cut.mark) not in seen:
            seen.add(mark)
            yield cut
