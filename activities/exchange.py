"""Two folders change places in one step, so that whoever lists them sees one or the other."""

from __future__ import annotations

import ctypes
import os
import tempfile
from pathlib import Path

_THIS_FOLDER = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE
_renameat2 = ctypes.CDLL(None, use_errno=True).renameat2


def exchange(one: Path, other: Path) -> None:
    """Let two folders of one file system change places, for good; raises `OSError`."""
    names = (os.fsencode(one), os.fsencode(other))
    if _renameat2(_THIS_FOLDER, names[0], _THIS_FOLDER, names[1], _EXCHANGE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(one), None, str(other))


def can_exchange(folder: Path) -> bool:
    """Try whether the file system of a folder can do it; some network file systems cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".exchange-", dir=folder) as place:
        one, other = Path(place, "one"), Path(place, "other")
        one.mkdir()
        other.mkdir()
        try:
            exchange(one, other)
        except OSError:
            return False
    return True
