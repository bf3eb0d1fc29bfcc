"""Posting sales: each once, with lines, taxes, tenders, stock movements and balanced postings.

The sales go in by one INSERT that tells which of them are new, their other rows by COPY, which
PostgreSQL writes several times faster than INSERT (figures in ADR-0004).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from pydantic import TypeAdapter

from activities.db import quarantine, signed
from activities.db.copying import copy_in
from activities.db.engine import Connection
from activities.db.rows import COLUMNS, children, sale_row
from domain.canonical import canonical
from domain.errors import Conflict
from domain.ledger import Outcome, Posted
from domain.sale import Sale, SaleConflict

_REFUSALS = (psycopg.DataError, psycopg.IntegrityError)
_SALE = TypeAdapter(Sale)
_MOST_NAMED = 2_000


class ReceiptNumberTaken(Conflict):
    """Another sale of the store already has this receipt number."""

    def __init__(self, sale: Sale) -> None:
        super().__init__(
            f"Receipt number {sale.receipt_number} of store {sale.store_id} "
            f"is that of another sale than {sale.id}."
        )


@dataclass(frozen=True, slots=True)
class _Name:
    """What people know a sale by, read out of its text without the rest."""

    receipt_number: str
    business_date: str


_NAMED = TypeAdapter(_Name)


@dataclass(frozen=True, slots=True)
class _Given:
    """A sale to be posted, the hash of its canonical text, and the text unless a journal has it."""

    sale: Sale
    content_hash: str
    document: str | None

    def posted(self, outcome: Outcome, why: str = "") -> Posted:
        return Posted(self.sale.id, outcome, self.content_hash, why)


def post_sales(connection: Connection, sales: Sequence[Sale]) -> list[Posted]:
    """Post each sale once; the answers stand in the order of the sales given.

    A sale that conflicts, that its till has not signed though it signs, or that the database
    refuses, does not keep the others from being posted; if it is in a journal, it is put into
    quarantine.
    """
    texts = [canonical(sale) for sale in sales]
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    given = [_Given(*one) for one in zip(sales, hashes, texts, strict=True)]
    return _post_or_set_aside(connection, given)


def post_backlog(
    connection: Connection, till_id: str, epoch: int, up_to: int, *, most: int = 500
) -> list[Posted]:
    """Post the till's oldest stored but unposted sales; an empty answer means that none is left.

    One call is one chunk: commit after each.
    """
    rows = unposted(connection, till_id, epoch, up_to, most)
    given = [_Given(_SALE.validate_json(row.body), row.content_hash, None) for row in rows]
    return _post_or_set_aside(connection, given)


def unposted(
    connection: Connection, till_id: str, epoch: int, up_to: int, most: int
) -> Sequence[sa.Row[Any]]:
    """Find the till's sales that are neither in the ledger nor in quarantine, oldest first."""
    asked = {"till_id": till_id, "epoch": epoch, "up_to": up_to, "most": most}
    return connection.execute(_UNPOSTED, asked).all()


def covered(
    connection: Connection, till_id: str, epoch: int, up_to: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the receipt numbers and the business dates (ISO) of the till's unposted sales."""
    rows = unposted(connection, till_id, epoch, up_to, _MOST_NAMED)
    named = [_NAMED.validate_json(row.body) for row in rows]
    dates = sorted({name.business_date for name in named})
    return tuple(name.receipt_number for name in named), tuple(dates)


def recorded(connection: Connection, sale_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the content hash of each of these sales that is in the ledger."""
    rows = connection.execute(_RECORDED, {"ids": list(sale_ids)})
    return {row.id: row.content_hash for row in rows}


# Scalar subqueries rather than NOT EXISTS: PostgreSQL answers them by one index look-up each,
# where it would otherwise choose to read all sales once the tables are large.
_UNPOSTED = sa.text("""
    SELECT j.sequence, j.body, j.sale_id, j.content_hash
    FROM journal_entries j
    WHERE (j.store_id, j.till_id) = (
        SELECT store_id, id FROM tills WHERE id = :till_id)
      AND j.epoch = :epoch
      AND j.sequence > (SELECT posted_sequence FROM till_heads WHERE till_id = :till_id)
      AND j.sequence <= :up_to
      AND j.sale_id IS NOT NULL
      AND (SELECT s.content_hash FROM sales s WHERE s.id = j.sale_id)
          IS DISTINCT FROM j.content_hash
      AND (SELECT q.sequence FROM quarantined_entries q
           WHERE q.store_id = j.store_id AND q.source = 'journal' AND q.till_id = j.till_id
             AND q.epoch = j.epoch AND q.sequence = j.sequence AND q.sent_hash = j.hash
           LIMIT 1) IS NULL
    ORDER BY j.sequence
    LIMIT :most
""")
_RECORDED = sa.text("SELECT id, content_hash FROM sales WHERE id = ANY(:ids)")
_INSERT = f"""
    INSERT INTO sales ({", ".join(COLUMNS["sales"])})
    SELECT {", ".join(f"given.{name}" for name in list(COLUMNS["sales"])[:-1])},
           CASE WHEN NOT EXISTS (
               SELECT FROM journal_entries j
               WHERE j.sale_id = given.id AND j.content_hash = given.content_hash
           ) THEN given.document END
    FROM unnest({", ".join(f"%b::{kind}[]" for kind in COLUMNS["sales"].values())})
        AS given ({", ".join(COLUMNS["sales"])})
    WHERE given.document IS NULL OR {signed.MAY_BE_POSTED}
    ON CONFLICT DO NOTHING
    RETURNING id
"""  # noqa: S608 -- made of the column names above
_CHECK_NOW = "SET CONSTRAINTS sale_adds_up IMMEDIATE; SET CONSTRAINTS sale_adds_up DEFERRED"


def _post_or_set_aside(connection: Connection, given: Sequence[_Given]) -> list[Posted]:
    posted = _post(connection, given)
    for own, answer in zip(given, posted, strict=True):
        quarantine.keep_unposted(connection, own.sale, answer)
    return posted


def _post(connection: Connection, given: Sequence[_Given]) -> list[Posted]:
    """Post all together; when the database refuses, halve until the one that it means is found."""
    if not given:
        return []
    try:
        with connection.begin_nested():
            return _post_together(connection, given)
    except (*_REFUSALS, sa.exc.DataError, sa.exc.IntegrityError) as error:
        if len(given) == 1:
            return [given[0].posted(Outcome.REFUSED, _sentence(error))]
    middle = len(given) // 2
    return _post(connection, given[:middle]) + _post(connection, given[middle:])


def _post_together(connection: Connection, given: Sequence[_Given]) -> list[Posted]:
    winners: dict[UUID, _Given] = {}
    for own in given:
        winners.setdefault(own.sale.id, own)
    new = _insert_sales(connection, list(winners.values()))
    if new:
        rows_of = children([own.sale for own in winners.values() if own.sale.id in new])
        for table, rows in rows_of.items():
            copy_in(connection, table, COLUMNS[table], rows)
        connection.exec_driver_sql(_CHECK_NOW)
    left = [own for own in winners.values() if own.sale.id not in new]
    known = recorded(connection, [own.sale.id for own in left]) if left else {}
    missing = [(own.sale, own.content_hash) for own in left if own.sale.id not in known]
    unsigned = signed.refuse(connection, missing)
    return [_answer(own, winners, new, known, unsigned) for own in given]


def _insert_sales(connection: Connection, given: Sequence[_Given]) -> set[UUID]:
    rows = [sale_row(own.sale, own.content_hash, own.document) for own in given]
    cursor = connection.connection.cursor()
    cursor.execute(_INSERT, [list(values) for values in zip(*rows, strict=True)])
    return {sale_id for (sale_id,) in cursor.fetchall()}


def _answer(
    own: _Given,
    winners: Mapping[UUID, _Given],
    new: set[UUID],
    known: Mapping[UUID, str],
    unsigned: Mapping[UUID, str],
) -> Posted:
    sale, winner = own.sale, winners[own.sale.id]
    if sale.id in new and own is winner:
        return own.posted(Outcome.RECORDED)
    there = winner.content_hash if sale.id in new else known.get(sale.id)
    if there == own.content_hash:
        return own.posted(Outcome.ALREADY)
    if sale.id in unsigned:
        return own.posted(Outcome.UNSIGNED, unsigned[sale.id])
    if there is None:
        return own.posted(Outcome.CONFLICT, str(ReceiptNumberTaken(sale)))
    return own.posted(Outcome.CONFLICT, str(SaleConflict(sale.id)))


def _sentence(error: Exception) -> str:
    """Return what PostgreSQL said, without the statement that SQLAlchemy adds."""
    said = getattr(error, "orig", error)
    return str(said).strip().partition("\n")[0]
