"""The office: live sales one by one and a backlog, each against bare PostgreSQL in the same run."""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import httpx
import psycopg
from figures import Figure, Samples, rate
from office_bench import BenchOffice, bench_office, load_till, sales
from offices import api_client
from pydantic import TypeAdapter
from tills import open_journal

from activities.db.engine import libpq_url
from activities.db.rows import COLUMNS, Row, children, sale_row
from domain.canonical import canonical
from domain.journal import Acknowledgement
from domain.sale import Sale
from till_kivy.proofs import TillProofs

BATCH = 500
_ACKNOWLEDGEMENT = TypeAdapter(Acknowledgement)


def measure(*, quick: bool) -> list[Figure]:
    """Measure a whole office on this machine's own disk."""
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as folder,
        bench_office(Path(folder)) as office,
        psycopg.connect(libpq_url(office.url)) as bare,
    ):
        _make_bare_tables(bare)
        return [
            *_live(office, bare, 20 if quick else 500),
            *_backlog(office, bare, Path(folder), 2 if quick else 10),
        ]


def _live(office: BenchOffice, bare: psycopg.Connection, times: int) -> list[Figure]:
    """Post sales over HTTP one by one; in between, write the same rows into bare tables."""
    load_till(office, "LIVE")
    posted, written = Samples(), Samples()
    for sale in sales(times + 20, "LIVE"):
        posted.measure(partial(_post, office, sale))
        written.measure(partial(_insert, bare, sale))
    _drop_warm_up(posted, written)
    return [
        written.figure("one 6-line sale into bare PostgreSQL: psycopg pipeline, one transaction"),
        posted.figure(
            "one 6-line sale live: HTTP → Checkout workflow → ledger → answer",
            against="bare transaction",
            base=written,
        ),
    ]


def _drop_warm_up(*samples: Samples) -> None:
    for own in samples:
        del own.seconds[:20]


def _post(office: BenchOffice, sale: Sale) -> None:
    headers = {"Content-Type": "application/json"}
    answer = office.http.post("/transactions", content=canonical(sale), headers=headers)
    answer.raise_for_status()


def _backlog(
    office: BenchOffice, bare: psycopg.Connection, folder: Path, batches: int
) -> list[Figure]:
    """Send a till's backlog in batches of 500 entries; in between, COPY the same rows."""
    journal = open_journal(folder / "till", "BACK")
    load_till(office, "BACK", journal.public_key)
    till = api_client(office.settings, TillProofs(journal.signer, "BACK"))
    made = sales(batches * BATCH, "BACK")
    for sale in made:
        journal.append_sale("BACK", partial(_already_made, sale))
    posted, copied = [], []
    for number in range(batches):
        chunk = made[number * BATCH : (number + 1) * BATCH]
        posted.append(_per_second(partial(_send, till, journal.entries(number * BATCH))))
        copied.append(_per_second(partial(_copy, bare, chunk)))
    till.close()
    journal.close()
    base = sorted(copied)[len(copied) // 2]
    return [
        rate("500 6-line sales into bare PostgreSQL: COPY, one transaction", "sales/s", copied),
        rate(
            "backlog: 500 journal entries → verified → Reconciliation workflow → ledger",
            "sales/s",
            posted,
            against="bare COPY",
            base=base,
        ),
    ]


def _already_made(sale: Sale, _number: str) -> Sale:
    return sale


def _send(till: httpx.Client, entries: Iterable[object]) -> None:
    body = gzip.compress(canonical({"entries": list(entries)}).encode(), 1)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = till.post("/tills/BACK/journal", content=body, headers=headers)
    answer.raise_for_status()
    taken = _ACKNOWLEDGEMENT.validate_json(answer.content)
    assert not taken.refused, taken.refused


def _per_second(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return BATCH / (time.perf_counter() - begin)


def _make_bare_tables(bare: psycopg.Connection) -> None:
    for table in COLUMNS:
        bare.execute(
            f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES)"
        )
    bare.commit()


def _rows(many: Sequence[Sale]) -> dict[str, list[Row]]:
    return {"sales": [sale_row(sale, "0" * 64, None) for sale in many], **children(many)}


def _insert(bare: psycopg.Connection, sale: Sale) -> None:
    with bare.transaction(), bare.pipeline(), bare.cursor() as cursor:
        for table, rows in _rows([sale]).items():
            names = ", ".join(COLUMNS[table])
            places = ", ".join("%s" for _ in COLUMNS[table])
            statement = f"INSERT INTO bare_{table} ({names}) VALUES ({places})"  # noqa: S608 -- column names above
            cursor.executemany(statement, rows)


def _copy(bare: psycopg.Connection, many: Sequence[Sale]) -> None:
    with bare.transaction(), bare.cursor() as cursor:
        for table, rows in _rows(many).items():
            columns = COLUMNS[table]
            statement = f"COPY bare_{table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
            with cursor.copy(statement) as copy:
                copy.set_types(list(columns.values()))
                for row in rows:
                    copy.write_row(row)
