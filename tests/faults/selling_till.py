"""A till that sells as fast as it can and says each sale's id once it is recorded.

Started as a program, because it is there to be killed. `selling_till.py sell FOLDER SALES` sells
in one folder. `selling_till.py range FOLDER SALES CALL FIRST LAST` sells in FOLDER/<n> for each n,
in a child that makes so many empty system calls first that its LAST one is the till's n-th.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from uuid import UUID

from builders import new_id, sale

from domain.sale import Sale
from till_kivy.clock import SystemClock
from till_kivy.errors import JournalRefused, JournalUnusable
from till_kivy.journal import Journal
from till_kivy.keystore import FileKeyStore

SABOTAGE = "SABOTAGE"
EARLY = "acknowledge before commit"
NORMAL = "synchronous=NORMAL"
LEAVE = "leave a failed commit in the log"
SWALLOW = "swallow the disk's error"
DONE, REFUSED, UNCERTAIN, UNUSABLE = "done", "refused", "uncertain", "unusable"
# So that a checkpoint comes every few sales, not every two hundred.
SMALL_WAL = "PRAGMA wal_autocheckpoint = 20"


def sell(folder: Path, sales: int, say: Callable[[str], None]) -> NoReturn:
    """Sell into the folder's journal; the keys are those of the folder above or of itself.

    Ends without closing the journal: a clean end would tidy up what a bad one leaves behind.
    """
    journal, sabotage = opened(folder, say), os.environ.get(SABOTAGE)
    writer = journal._writer  # noqa: SLF001 -- sabotage reaches where nobody else may
    writer.execute(SMALL_WAL)
    if sabotage == NORMAL:
        writer.execute("PRAGMA synchronous = NORMAL")
    if sabotage == LEAVE:
        vars(journal)["_overwritten"] = lambda: True
    for _ in range(sales):
        sell_one(journal, new_id(), say, early=sabotage == EARLY)
    say(DONE)
    os._exit(0)


def opened(folder: Path, say: Callable[[str], None]) -> Journal:
    """Open the journal, as often as a person would start the till again."""
    keys = FileKeyStore(folder if (folder / "till.key").exists() else folder.parent)
    path, key, signer = folder / "journal.sqlite", keys.journal_key(), keys.signer()
    for _ in range(5):
        try:
            return Journal.open(path, key, signer, "T1", SystemClock())
        except JournalUnusable:
            say(UNUSABLE)
    raise SystemExit(UNUSABLE)


def sell_one(journal: Journal, sale_id: UUID, say: Callable[[str], None], *, early: bool) -> None:
    """Sell once; say the id when it is recorded, or that it was refused."""

    def build(number: str) -> Sale:
        if early:
            say(str(sale_id))
        return sale(number, sale_id=sale_id)

    try:
        journal.append_sale("A1", build)
    except JournalRefused as error:
        word = f"{REFUSED} " if error.certain else f"{UNCERTAIN} "
        say(f"{'' if os.environ.get(SABOTAGE) == SWALLOW else word}{sale_id}")
    else:
        if not early:
            say(str(sale_id))


def writer_to(file: int) -> Callable[[str], None]:
    """Return a way to say things that no buffer of this process holds back."""

    def say(text: str) -> None:
        os.write(file, f"{text}\n".encode())

    return say


def child_of_range(folder: Path, sales: int, call: str, padding: int) -> NoReturn:
    """Be the till that will be hit at one particular system call."""
    folder.mkdir()
    said = os.open(folder / "said.txt", os.O_WRONLY | os.O_CREAT)
    scratch = os.open(folder / "scratch", os.O_WRONLY | os.O_CREAT)
    empty: dict[str, Callable[[], object]] = {
        "pwrite64": lambda: os.pwrite(scratch, b"", 0),
        "fsync": lambda: os.fsync(scratch),
    }
    for _ in range(padding):
        empty[call]()
    sell(folder, sales, writer_to(said))


def sell_in_range(folder: Path, sales: int, call: str, first: int, last: int) -> None:
    """Fork one till after the other, each one call later in its life when the fault comes."""
    for nth in range(first, last + 1):
        child = os.fork()
        if not child:
            child_of_range(folder / str(nth), sales, call, last - nth)
        os.waitpid(child, 0)


if __name__ == "__main__":
    what, where, count, *rest = sys.argv[1:]
    if what == "sell":
        sell(Path(where), int(count), writer_to(1))
    else:
        sell_in_range(Path(where), int(count), rest[0], int(rest[1]), int(rest[2]))
