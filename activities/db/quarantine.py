"""What was sent and not accepted: kept whole, once, for a person to decide."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from activities.db.engine import Connection
from domain.canonical import canonical, content_hash
from domain.journal import Entry, Refusal, RefusedEntry
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
    SELECT sequence, reason, why FROM quarantined_entries
    WHERE store_id = :store_id AND source = 'journal' AND till_id = :till_id AND epoch = :epoch
      AND sequence = ANY(:sequences) AND sent_hash = ANY(:hashes)
    ORDER BY sequence
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


def keep_journal_sale(
    connection: Connection, sale: Sale, sent_hash: str, reason: Refusal, why: str
) -> None:
    """Keep a sale that cannot be posted, if it is in a journal."""
    asked = {
        "sale_id": sale.id,
        "content_hash": sent_hash,
        "reason": reason.value,
        "why": _storable(why),
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
    connection: Connection, store_id: str, till_id: str, epoch: int, entries: Sequence[Entry]
) -> list[RefusedEntry]:
    """Tell which of these entries, though stored, are in quarantine for what they say."""
    asked = {
        "store_id": store_id,
        "till_id": till_id,
        "epoch": epoch,
        "sequences": [entry.sequence for entry in entries],
        "hashes": [entry.hash for entry in entries],
    }
    rows = connection.execute(_CONTENTS, asked)
    return [RefusedEntry(row.sequence, Refusal(row.reason), row.why) for row in rows]


def _number(number: int) -> int | None:
    return number if 0 <= number <= _LARGEST_NUMBER else None


def _storable(text: str) -> str:
    """PostgreSQL's texts hold anything but the character NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
