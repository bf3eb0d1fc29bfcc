"""Tills on a disk for tests: a folder with keys and a journal in it."""

from __future__ import annotations

from pathlib import Path

from builders import AT, sale

from domain.journal import Acknowledgement, Entry, Head, RefusedEntry, countersigned_text
from till_kivy.clock import Clock, HandClock
from till_kivy.journal import Journal
from till_kivy.keystore import Ed25519Signer, FileKeyStore

OFFICE = Ed25519Signer(b"o" * 32)


def open_journal(folder: Path, till_id: str = "T1", clock: Clock | None = None) -> Journal:
    """Open the till of a folder, made on first use."""
    keys = FileKeyStore(folder)
    keys.create()
    path = folder / "journal.sqlite"
    return Journal.open(path, keys.journal_key(), keys.signer(), till_id, clock or HandClock(AT))


def sell(journal: Journal, times: int = 1, series: str = "A1") -> list[Entry]:
    """Sell some tea."""
    return [
        journal.append_sale(series, lambda number: sale(number, till_id=journal.till_id))
        for _ in range(times)
    ]


def acknowledgement(
    head: Head, *refused: RefusedEntry, office: Ed25519Signer = OFFICE
) -> Acknowledgement:
    """Say what the office holds, signed by it."""
    signature = office.sign(countersigned_text(head))
    return Acknowledgement(head, signature, refused, office.public_key)
