"""What is found in a till's folder after something bad happened to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from faults.power_cut import Cut, Files, different
from faults.selling_till import DONE, REFUSED, SABOTAGE, UNCERTAIN, UNUSABLE
from notrun import not_run
from sqlcipher3 import dbapi2
from tills import sell

from domain.sale import receipt_number
from till_kivy.clock import SystemClock
from till_kivy.errors import JournalUnusable
from till_kivy.journal import Journal
from till_kivy.journal_verify import verify_journal
from till_kivy.keystore import FileKeyStore, verify_ed25519

WORDS = (REFUSED, UNCERTAIN)
PROGRAM = Path(__file__).with_name("selling_till.py")
ROOT = Path(__file__).resolve().parents[2]
verify_once = cache(verify_ed25519)


@dataclass(frozen=True)
class Said:
    """What a till said before it fell silent, by sale; `uncertain` ones may be recorded or not."""

    acknowledged: list[str]
    refused: list[str]
    uncertain: list[str]
    done: bool

    @classmethod
    def of(cls, text: str) -> Said:
        lines = [line.split() for line in text.split("\n")[:-1]]
        told = {word: [line[1] for line in lines if line[0] == word] for word in WORDS}
        sold = [line[0] for line in lines if line[0] not in {*WORDS, DONE, UNUSABLE}]
        return cls(sold, told[REFUSED], told[UNCERTAIN], [DONE] in lines)


def command(*arguments: object) -> list[str]:
    return [sys.executable, str(PROGRAM), *map(str, arguments)]


def environment(sabotage: str = "") -> dict[str, str]:
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    return {**os.environ, "PYTHONPATH": paths, SABOTAGE: sabotage}


@cache
def strace() -> str:
    """Find strace, which also needs to be allowed."""
    found = shutil.which("strace")
    if found is None:
        not_run("faults at the n-th system call: no strace", "apt install strace")
    if subprocess.run([found, "-o", os.devnull, "true"], check=False).returncode:
        not_run("faults at the n-th system call: tracing is forbidden", "allow ptrace")
    return found


def problems(
    folder: Path, keys: FileKeyStore, said: Said, driver: ModuleType = dbapi2
) -> Iterator[str]:
    """Open the journal as a restarted till would, and hold it against what was said."""
    path, key, signer = folder / "journal.sqlite", keys.journal_key(), keys.signer()
    try:
        journal = Journal.open(path, key, signer, "T1", SystemClock(), driver)
    except JournalUnusable as error:
        yield f"the journal does not open: {error}"
        return
    found = verify_journal(journal, verify_once)
    if found.first_bad:
        yield f"the chain is broken: {found.first_bad}"
    sales = [journal.sale_of(entry) for entry in journal.entries(limit=100_000)]
    yield from _wrong_sales([str(sale.id) for sale in sales], said)
    if [sale.receipt_number for sale in sales] != expected_numbers(len(sales)):
        yield "the receipt numbers have a gap"
    (next_entry,) = sell(journal)
    if next_entry.sequence != len(sales) + 1:
        yield "selling does not go on where it ended"
    journal.close()


def _wrong_sales(recorded: list[str], said: Said) -> Iterator[str]:
    counted = Counter(recorded)
    lost = [sale_id for sale_id in said.acknowledged if sale_id not in counted]
    if lost:
        yield f"{len(lost)} acknowledged sales are lost"
    if any(times > 1 for times in counted.values()):
        yield "a sale was recorded twice"
    if counted.keys() & set(said.refused):
        yield "a refused sale was recorded"


def expected_numbers(sales: int) -> list[str]:
    return [receipt_number("A1", number) for number in range(1, sales + 1)]


def all_problems(folders: Iterable[Path], keys: FileKeyStore) -> list[str]:
    """Look into each till's folder that has a journal."""
    return [
        f"till hit at call {folder.name}: {problem}"
        for folder in sorted(folders, key=lambda folder: int(folder.name))
        for problem in problems(folder, keys, Said.of((folder / "said.txt").read_text()))
    ]


@contextmanager
def laid_out(files: Files, folder: Path) -> Iterator[Path]:
    """Put files into a folder that holds nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    yield folder


@dataclass
class Survey:
    """Puts one state after the other on a real disk, starts the till on it and counts them.

    The keys are in `folder`; `lay` makes of a state the folder that the till has then.
    """

    folder: Path
    driver: ModuleType = dbapi2
    lay: Callable[[Files, Path], AbstractContextManager[Path]] = laid_out
    states: int = 0

    def problems(self, states: Iterable[Cut]) -> Iterator[str]:
        keys = FileKeyStore(self.folder)
        for cut in different(states):
            self.states += 1
            with self.lay(cut.files, self.folder / "cut") as place:
                found = list(problems(place, keys, Said.of(cut.said), self.driver))
            yield from (f"cut after deed {cut.at}: {problem}" for problem in found)
