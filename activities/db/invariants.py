"""What must hold of the office's books, whatever went wrong before: one checker for all of it.

The numbers are those of the project's list of invariants: I1 each sale of a journal posted once
or in quarantine, I2 tenders make up totals, I3 debits equal credits, I6 stock is the sum of what
lines moved, I8 journals whole and signed, I9 one receipt number per sale, I10 taxes add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from activities import keys
from activities.db.engine import Connection
from domain.journal import Entry, EntryRefused, Head, verified

_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where the books are wrong."""

    invariant: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was looked at and what was found wrong."""

    checked: dict[str, int]
    violations: tuple[Violation, ...]


def inspect(connection: Connection) -> Inspection:
    """Check everything as of one moment, and count what was checked."""
    connection.execute(_ONE_MOMENT)
    counts = connection.execute(_COUNTS).one()
    return Inspection(dict(counts._mapping), tuple(violations(connection)))  # noqa: SLF001 -- SQLAlchemy's own public name


def violations(connection: Connection) -> Iterator[Violation]:
    """Yield what is wrong, nothing when all is well."""
    for invariant, (sentence, query) in _QUERIES.items():
        for where, left, right in connection.execute(sa.text(query)):
            yield Violation(invariant.partition(" ")[0], where, sentence.format(left, right))
    yield from _broken_journals(connection)


def _broken_journals(connection: Connection) -> Iterator[Violation]:
    """Verify every journal from its first entry to its head: I8."""
    for till in connection.execute(_HEADS):
        stored = Head(till.till_id, till.epoch, till.sequence, till.hash)
        end = Head(till.till_id, till.epoch)
        try:
            for entry in verified(_entries(connection, end), end, till.public_key, keys.verify):
                end = entry.head
        except EntryRefused as error:
            yield Violation("I8", till.till_id, str(error))
            continue
        if end != stored:
            what = f"its journal ends at {end.sequence}, its head says {stored.sequence}"
            yield Violation("I8", till.till_id, what)


def _entries(connection: Connection, head: Head) -> Iterator[Entry]:
    """Read a journal in order, a piece at a time."""
    after = 0
    while True:
        asked = {"till_id": head.till_id, "epoch": head.epoch, "after": after}
        rows = connection.execute(_ENTRIES, {**asked, "most": _ROWS_AT_ONCE}).all()
        if not rows:
            return
        yield from (Entry(**row._mapping) for row in rows)  # noqa: SLF001 -- as above
        after = rows[-1].sequence


_ONE_MOMENT = sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
_COUNTS = sa.text("""
    SELECT (SELECT count(*) FROM till_heads) AS journals,
           (SELECT count(*) FROM journal_entries) AS entries,
           (SELECT count(*) FROM sales) AS sales,
           (SELECT count(*) FROM sale_lines) AS lines,
           (SELECT count(*) FROM postings) AS postings,
           (SELECT count(*) FROM stock_movements) AS movements,
           (SELECT count(*) FROM audit_entries) AS "audit entries"
""")
_HEADS = sa.text("""
    SELECT h.till_id, h.epoch, h.sequence, h.hash, t.public_key
    FROM till_heads h JOIN tills t ON t.store_id = h.store_id AND t.id = h.till_id
    ORDER BY h.till_id
""")
_ENTRIES = sa.text("""
    SELECT till_id, epoch, sequence, kind, at, previous, body, hash, signature
    FROM journal_entries
    WHERE store_id = (SELECT store_id FROM tills WHERE id = :till_id)
      AND till_id = :till_id AND epoch = :epoch AND sequence > :after
    ORDER BY sequence LIMIT :most
""")

# Each query gives where, and the two things that should have been the same.
_QUERIES = {
    "I1 posted": (
        "sale {0} of entry {1} is neither in the ledger nor in quarantine",
        """
        SELECT j.till_id, j.sale_id, j.sequence
        FROM journal_entries j
        JOIN till_heads h ON h.store_id = j.store_id AND h.till_id = j.till_id
        LEFT JOIN sales s ON s.id = j.sale_id AND s.content_hash = j.content_hash
        WHERE j.sale_id IS NOT NULL AND s.id IS NULL
          AND (j.sequence <= h.posted_sequence OR j.received_at < now() - interval '1 hour')
          AND NOT EXISTS (
              SELECT FROM quarantined_entries q
              WHERE q.store_id = j.store_id AND q.source = 'journal' AND q.till_id = j.till_id
                AND q.epoch = j.epoch AND q.sequence = j.sequence AND q.sent_hash = j.hash)
        """,
    ),
    "I1 once": (
        "sale {0} is in the ledger {1} times",
        "SELECT min(till_id), id, count(*) FROM sales GROUP BY id HAVING count(*) > 1",
    ),
    "I1 complete": (
        "its lines should be {0}, found {1}",
        """
        SELECT 'sale ' || s.id, s.line_count, count(l.id)
        FROM sales s LEFT JOIN sale_lines l ON l.store_id = s.store_id AND l.sale_id = s.id
        GROUP BY s.id, s.line_count HAVING count(l.id) <> s.line_count
        """,
    ),
    "I2": (
        "tenders less change are {0}, its total is {1}",
        """
        SELECT 'sale ' || s.id, coalesce(sum(t.given_minor), 0) - s.change_minor, s.total_minor
        FROM sales s LEFT JOIN tenders t ON t.store_id = s.store_id AND t.sale_id = s.id
        GROUP BY s.id, s.change_minor, s.total_minor
        HAVING coalesce(sum(t.given_minor), 0) - s.change_minor <> s.total_minor
            OR coalesce(sum(t.kept_minor), 0) <> s.total_minor
        """,
    ),
    "I3": (
        "postings differ by {0} minor units of {1}",
        """
        SELECT 'document ' || source_id, sum(amount_minor), currency
        FROM postings GROUP BY source_id, currency HAVING sum(amount_minor) <> 0
        """,
    ),
    "I3 cash": (
        "cash of {0} was posted, sales came to {1}",
        """
        SELECT 'store ' || s.store_id, coalesce(p.cash, 0), s.total
        FROM (SELECT store_id, sum(total_minor) AS total FROM sales GROUP BY store_id) s
        LEFT JOIN (SELECT store_id, sum(amount_minor) AS cash
                   FROM postings WHERE account = 'cash' GROUP BY store_id) p USING (store_id)
        WHERE coalesce(p.cash, 0) <> s.total
        """,
    ),
    "I6": (
        "stock moved by {0} thousandths, lines sold {1}",
        """
        SELECT 'store ' || store_id || ' SKU ' || sku, coalesce(moved, 0), coalesce(sold, 0)
        FROM (SELECT store_id, sku, sum(quantity_thousandths) AS moved
              FROM stock_movements WHERE kind = 'sale' GROUP BY store_id, sku) m
        FULL JOIN (SELECT store_id, sku, sum(quantity_thousandths) AS sold
                   FROM sale_lines GROUP BY store_id, sku) l USING (store_id, sku)
        WHERE coalesce(moved, 0) + coalesce(sold, 0) <> 0
        """,
    ),
    "I9": (
        "receipt number {0} is that of {1} sales",
        """
        SELECT 'store ' || store_id, receipt_number, count(*)
        FROM sales GROUP BY store_id, receipt_number HAVING count(*) > 1
        """,
    ),
    "I10 receipt": (
        "taxes of its lines are {0}, the receipt says {1}",
        """
        SELECT 'sale ' || s.id, coalesce(sum(x.tax_minor), 0), s.tax_minor
        FROM sales s LEFT JOIN line_taxes x ON x.store_id = s.store_id AND x.sale_id = s.id
        GROUP BY s.id, s.tax_minor HAVING coalesce(sum(x.tax_minor), 0) <> s.tax_minor
        """,
    ),
    "I10 day": (
        "taxes of its receipts are {0}, of its postings {1}",
        """
        SELECT 'store ' || store_id || ' day ' || business_date, receipts, coalesce(posted, 0)
        FROM (SELECT store_id, business_date, sum(tax_minor) AS receipts
              FROM sales GROUP BY store_id, business_date) s
        LEFT JOIN (SELECT store_id, business_date, -sum(amount_minor) AS posted
                   FROM postings WHERE account = 'tax' GROUP BY store_id, business_date) p
            USING (store_id, business_date)
        WHERE receipts <> coalesce(posted, 0)
        """,
    ),
}
