"""Searching everything that a shop leaves behind for what must stand in none of it (promise 17).

To have another secret looked for, add it to what `canaries_of` returns, or to what is given away
and told in a visit (tests/visit.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pyarrow.parquet as pq

from activities.settings import Settings
from api.engines.postgres import EmbeddedPostgres
from domain.barcode import check_digit
from till_kivy.simulate import PIN
from till_kivy.till import IDENTITY, open_journal

LEAST_KEY_BYTES = 16
# What the large schemes give out: prefix and length. Anything else is too easily a number of ours.
CARD_NUMBER = re.compile(
    rb"(?<![0-9A-Za-z.:-])(?:4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5\d\d)\d{12})"
    rb"(?![0-9A-Za-z:-])"
)
# A signed token in its compact form (RFC 7515): two parts begin as every JSON object does.
SIGNED_TOKEN = re.compile(rb"eyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{32,}")
_WORD = rb"(?<![0-9A-Za-z])%s(?![0-9A-Za-z])"


@dataclass(frozen=True)
class Canary:
    """A secret by the name under which a find is told, never by itself.

    `home` are the files that are there to keep it. A `word` is found only where it stands alone:
    six digits are also part of many a hash.
    """

    name: str
    secret: bytes
    home: tuple[Path, ...] = ()
    word: bool = False

    @property
    def pattern(self) -> re.Pattern[bytes]:
        quoted = re.escape(self.secret)
        return re.compile(_WORD % quoted if self.word else quoted)


@dataclass(frozen=True)
class Artefact:
    """Something that was left behind, as it can be read, and the file it came from."""

    name: str
    content: bytes
    path: Path | None = None


def canaries_of(settings: Settings) -> list[Canary]:
    """Everything secret in the shop of a folder."""
    return [Canary("a PIN", PIN.encode(), word=True), *_keys(settings)]


def _keys(settings: Settings) -> Iterator[Canary]:
    """The keys of the office and of each till, as bytes and as hexadecimal text."""
    for path in key_files(settings):
        text = path.read_bytes().strip()
        for number, key in enumerate(_key_texts(text)):
            yield Canary(f"key {number} of {path.name}", key, (path,))


def key_files(settings: Settings) -> list[Path]:
    """Where keys live."""
    office = [*settings.office_key_file.parent.glob("*")]
    tills = [path for folder in settings.tills_dir.glob("*") for path in folder.rglob("*.key*")]
    noted = settings.audit_heads_file
    return sorted(path for path in [*office, *tills] if path.is_file() and path != noted)


def _key_texts(text: bytes) -> Iterator[bytes]:
    found = re.findall(rb"[0-9a-f]{32,}", text)
    yield from found
    yield from (bytes.fromhex(one.decode()) for one in found)
    if not found and len(text) >= LEAST_KEY_BYTES:
        yield text
        yield text.hex().encode()


def finds(artefacts: Iterable[Artefact], canaries: Iterable[Canary]) -> list[str]:
    """Tell what was found where; nothing when all is well."""
    wanted = [(canary, canary.pattern) for canary in canaries]
    found: list[str] = []
    for artefact in artefacts:
        found += [
            f"{canary.name} in {artefact.name}"
            for canary, pattern in wanted
            if artefact.path not in canary.home and pattern.search(artefact.content)
        ]
        found += [f"a card number in {artefact.name}" for _ in card_numbers(artefact.content)]
        found += [f"a token in {artefact.name}" for _ in SIGNED_TOKEN.findall(artefact.content)]
    return found


def card_numbers(content: bytes) -> list[str]:
    """Numbers that could be a card's and are no GTIN."""
    texts = (match.group().decode() for match in CARD_NUMBER.finditer(content))
    return [text for text in texts if luhn(text) and not _is_gtin(text)]


def luhn(digits: str) -> bool:
    """ISO/IEC 7812: doubled from the right, the digits add up to a multiple of ten."""
    doubled = [int(d) * (1 + at % 2) for at, d in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def _is_gtin(digits: str) -> bool:
    """A code with an application identifier in front, as scanners send it: 01 and 14 digits."""
    return digits[:2] in {"01", "02"} and str(check_digit(digits[2:-1])) == digits[-1]


def left_behind(settings: Settings) -> Iterator[Artefact]:
    """Every file as it is, and what can be read only through something: tables, journals, Parquet.

    The office must have stopped.
    """
    for path in sorted(settings.data_dir.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = str(path.relative_to(settings.data_dir))
            yield Artefact(name, path.read_bytes(), path)
            if path.suffix == ".parquet":
                yield Artefact(f"rows of {name}", str(pq.read_table(path).to_pylist()).encode())
    yield from journals(settings.tills_dir)
    with EmbeddedPostgres(settings.postgres_dir) as postgres:
        yield from tables(postgres.url())


def journals(folder: Path) -> Iterator[Artefact]:
    for identity in sorted(folder.glob(f"*/{IDENTITY}")):
        journal = open_journal(identity.parent)
        after = 0
        while entries := journal.entries(after):
            text = "\n".join(str(entry) for entry in entries)
            yield Artefact(f"journal of {journal.till_id}", text.encode())
            after = entries[-1].sequence
        journal.close()


def tables(url: str) -> Iterator[Artefact]:
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (name,) in names:
            with connection.cursor().copy(f"COPY {name} TO STDOUT") as copy:
                yield Artefact(f"table {name}", b"".join(bytes(part) for part in copy))


def of_processes(processes: Iterable[psutil.Process]) -> Iterator[Artefact]:
    """What any other program of the machine may see of these: command line and environment."""
    for process in processes:
        try:
            words = "\n".join(process.cmdline())
            own = "\n".join(f"{name}={value}" for name, value in process.environ().items())
        except psutil.Error:
            continue
        yield Artefact(f"command line of {process.pid}", words.encode())
        yield Artefact(f"environment of {process.pid}", own.encode())
