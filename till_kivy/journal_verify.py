"""Reading a journal from its first entry to its last and naming the first that is not sound.

What it cannot see: entries cut off behind the last head that the office countersigned. The office
and the receipts in customers' hands know of those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from domain.journal import (
    Entry,
    EntryRefused,
    Head,
    Verify,
    check_entry,
    check_link,
    countersigned_text,
)
from till_kivy.journal import Journal
from till_kivy.journal_rows import Chain, NotedSale
from till_kivy.keystore import verify_ed25519

_CHUNK = 1_000
_SALE = "sale"


@dataclass(frozen=True, slots=True)
class BadRecord:
    """Where the chain is no longer sound, and why."""

    sequence: int
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries are sound from the start, the head they lead to, and what comes after."""

    entries: int
    head: Head
    first_bad: BadRecord | None = None


def verify_journal(journal: Journal, verify: Verify = verify_ed25519) -> Verified:
    """Check every entry's hash, signature and place, the office's signature and the tally."""
    found = verify_chain(_all_entries(journal), journal.chain, verify)
    return found if found.first_bad else replace(found, first_bad=_miscounted(journal))


def verify_chain(
    entries: Iterable[Entry], chain: Chain, verify: Verify = verify_ed25519
) -> Verified:
    """Check entries that should be a whole chain from its start."""
    head = chain.empty
    for count, entry in enumerate(entries):
        problem = _problem(entry, head, chain, verify)
        if problem:
            return Verified(count, head, BadRecord(head.sequence + 1, problem))
        head = entry.head
    return Verified(head.sequence, head, _cut_off(head, chain, verify))


def _problem(entry: Entry, head: Head, chain: Chain, verify: Verify) -> str:
    try:
        check_entry(entry, chain.public_key, verify)
        check_link(entry, head)
    except EntryRefused as error:
        return str(error)
    signed = chain.countersigned
    if entry.sequence == signed.sequence and entry.head != signed:
        return f"Entry {entry.sequence} is not the one that the office countersigned."
    return ""


def _cut_off(head: Head, chain: Chain, verify: Verify) -> BadRecord | None:
    signed = chain.countersigned
    if not signed.sequence:
        return None
    if not verify(chain.office_key, countersigned_text(signed), chain.countersignature):
        return BadRecord(signed.sequence, "The office's countersignature is not the office's.")
    if head.sequence < signed.sequence:
        why = f"The office countersigned {signed.sequence} entries, the journal ends before."
        return BadRecord(head.sequence + 1, why)
    return None


def _miscounted(journal: Journal) -> BadRecord | None:
    """Find the first sale that the tally counts otherwise than its entry says."""
    noted = journal.noted_sales()
    told = {
        entry.sequence: NotedSale.of(journal.sale_of(entry))
        for entry in _all_entries(journal)
        if entry.kind == _SALE
    }
    for sequence in sorted(noted.keys() | told.keys()):
        if noted.get(sequence) != told.get(sequence):
            return BadRecord(sequence, f"The tally counts entry {sequence} otherwise than it says.")
    return None


def _all_entries(journal: Journal) -> Iterator[Entry]:
    after = 0
    while chunk := journal.entries(after, _CHUNK):
        yield from chunk
        after = chunk[-1].sequence
