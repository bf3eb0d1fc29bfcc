"""A file system (FUSE) of two files: a disk that writes down what it is told to do, and a mouth.

Started as a program: `recording_disk.py IMAGE LOG PLACE` mounts itself on PLACE until it is
unmounted. PLACE/disk begins as IMAGE; a write arrives here as soon as the kernel's block layer
sends it, and a flush of the block device as an fsync. What a till says goes to PLACE/said, so that
its words and the disk's deeds come down one road, in the order in which they happened.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from faults.power_cut import Deed, Kind

DISK, SAID = "disk", "said"


def note(log: IO[bytes], deed: Deed) -> None:
    """Write a deed down: a line that tells how much content follows, and the content."""
    log.write(f"{deed.kind.name} {deed.at} {len(deed.content)}\n".encode() + deed.content)


def noted(path: Path) -> Iterator[Deed]:
    """Read the deeds that were written down."""
    with path.open("rb") as log:
        while line := log.readline().split():
            kind, at, length = Kind[line[0].decode()], int(line[1]), int(line[2])
            yield Deed(kind, "" if kind is Kind.SAY else DISK, at, log.read(length))


def serve(image: Path, log: Path, place: Path) -> None:
    """Be the file system until it is unmounted."""
    import mfusepy  # noqa: PLC0415 -- where libfuse is absent even its import fails

    class RecordingDisk(mfusepy.Operations):  # type: ignore[misc]  # the package ships no types
        """What the kernel asks for, one question after the other."""

        use_ns = True

        def __init__(self) -> None:
            self.content = bytearray(image.read_bytes())
            self.log = log.open("wb")

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            match path.lstrip("/"):
                case "":
                    return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2}
                case str(name) if name in {DISK, SAID}:
                    size = len(self.content) if name == DISK else 0
                    return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": size}
            raise mfusepy.FuseOSError(errno.ENOENT)

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            return bytes(self.content[offset : offset + size])

        def write(self, path: str, content: bytes, offset: int, fh: int) -> int:
            if path == f"/{SAID}":
                note(self.log, Deed(Kind.SAY, content=content))
            else:
                self.content[offset : offset + len(content)] = content
                note(self.log, Deed(Kind.WRITE, DISK, offset, content))
            return len(content)

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            note(self.log, Deed(Kind.SYNC, DISK))
            return 0

        def destroy(self, path: str) -> None:
            self.log.close()

    # One thread: the log's order is the order in which things happened.
    mfusepy.FUSE(RecordingDisk(), os.fspath(place), foreground=True, nothreads=True)


if __name__ == "__main__":
    serve(*map(Path, sys.argv[1:]))
