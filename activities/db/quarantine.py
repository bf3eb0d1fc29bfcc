"""What was sent and not accepted: kept whole, once, for a person to decide."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

import sqlalchemy as sa

from activities.db.engine import Connection
from domain.canonical import canonical, content_hash
from domain.journal import Entry, Refusal, RefusedEntry
from domain.ledger import Outcome, Posted
from domain.sale import Sale, SaleConflict

_LARGEST_NUMBER = 2**63 - 1

_KEEP = sa.text("""
    INSERT INTO quarantined_entries
        (store_id, source, till_id, epoch, sequence, sale_id, sent_hash, reason, why, entry)
    VALUES
        (:store_id, :source, :till_id, :epoch, :sequence, :sale_id, :sent_hash, :reason, :why,
         :entry)
    ON CONFLICT DO NOTHING
""")
_KEEP_JOURNAL_SALE = sa.text("""
    INSERT INTO quarantined_entries
        (store_id, source, till_id, epoch, sequence, sale_id, sent_hash, reason, why, entry)
    SELECT store_id, 'journal', till_id, epoch, sequence, sale_id, hash, :reason, :why, body
    FROM journal_entries
    WHERE sale_id = :sale_id AND content_hash = :content_hash
    ON CONFLICT DO NOTHING
""")
_CONTENTS = sa.text("""
    SELECT q.sequence, q.reason, q.why
    FROM quarantined_entries q
    JOIN journal_entries j ON j.store_id = q.store_id AND j.till_id = q.till_id
        AND j.epoch = q.epoch AND j.sequence = q.sequence AND j.hash = q.sent_hash
    WHERE q.store_id = :store_id AND q.source = 'journal' AND q.till_id = :till_id
      AND q.epoch = :epoch AND q.sequence >= :first
    ORDER BY q.sequence
""")


def keep_stray(
    connection: Connection, store_id: str, till_id: str, entry: Entry, refused: RefusedEntry
) -> None:
    """Keep an entry that was not stored, sent by a till of the store; a repeat adds nothing."""
    text = json.dumps(asdict(entry), default=str)
    row = {
        "store_id": store_id,
        "source": "journal",
        "till_id": till_id,
        "epoch": _number(entry.epoch),
        "sequence": _number(entry.sequence),
        "sale_id": None,
        # Not the hash it claims: that may be the hash of a sound entry.
        "sent_hash": hashlib.sha256(text.encode()).hexdigest(),
        "reason": refused.refusal.value,
        "why": _storable(refused.why),
        "entry": text,
    }
    connection.execute(_KEEP, row)


def keep_content(connection: Connection, store_id: str, entry: Entry, why: str) -> None:
    """Note that an entry, stored as the chain needs it, has a body nobody can use."""
    row = {
        "store_id": store_id,
        "source": "journal",
        "till_id": entry.till_id,
        "epoch": entry.epoch,
        "sequence": entry.sequence,
        "sale_id": None,
        "sent_hash": entry.hash,
        "reason": Refusal.BAD_BODY.value,
        "why": _storable(why),
        "entry": entry.body,
    }
    connection.execute(_KEEP, row)


def keep_unposted(connection: Connection, sale: Sale, posted: Posted) -> None:
    """Keep a sale that the ledger did not take, if it is in a journal; a repeat adds nothing.

    One that no journal had is not kept: its entry may have come in just now, and is to be posted.
    """
    if posted.in_ledger or posted.outcome is Outcome.UNSIGNED:
        return
    conflict = posted.outcome is Outcome.CONFLICT
    asked = {
        "sale_id": sale.id,
        "content_hash": content_hash(sale),
        "reason": (Refusal.CONFLICT if conflict else Refusal.BAD_BODY).value,
        "why": _storable(posted.why or str(SaleConflict(sale.id))),
    }
    connection.execute(_KEEP_JOURNAL_SALE, asked)


def keep_sale(connection: Connection, sale: Sale) -> None:
    """Keep a sale that came by the API with the id of another one; a repeat adds nothing."""
    row = {
        "store_id": _storable(sale.store_id),
        "source": "api",
        "till_id": _storable(sale.till_id),
        "epoch": None,
        "sequence": None,
        "sale_id": sale.id,
        "sent_hash": content_hash(sale),
        "reason": Refusal.CONFLICT.value,
        "why": str(SaleConflict(sale.id)),
        "entry": canonical(sale),
    }
    connection.execute(_KEEP, row)


def refused_contents(
    connection: Connection, store_id: str, till_id: str, epoch: int, first: int
) -> list[RefusedEntry]:
    """Tell which stored entries from a sequence on are in quarantine for what they say."""
    asked = {"store_id": store_id, "till_id": till_id, "epoch": epoch, "first": first}
    rows = connection.execute(_CONTENTS, asked)
    return [RefusedEntry(row.sequence, Refusal(row.reason), row.why) for row in rows]


def _number(number: int) -> int | None:
    return number if 0 <= number <= _LARGEST_NUMBER else None


def _storable(text: str) -> str:
    """PostgreSQL's texts hold anything but the character NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
