"""An office in memory that keeps the rules of the real one: for tests of the till alone."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from tills import OFFICE, acknowledgement

from domain.catalog import Snapshot
from domain.journal import (
    Acknowledgement,
    Entry,
    EntryRefused,
    Head,
    Refusal,
    RefusedEntry,
    check_entry,
    check_link,
)
from till_kivy.errors import OfficeAway
from till_kivy.keystore import Ed25519Signer, verify_ed25519

Answer = TypeVar("Answer")


class LittleOffice:
    """Holds one chain per till and counts each sale by its id.

    `unique=False` is the sabotage of promise 3: it takes what it already has once more.
    """

    def __init__(self, public_keys: Mapping[str, str], *, unique: bool = True) -> None:
        self.public_keys = dict(public_keys)
        self.signer: Ed25519Signer = OFFICE
        self.unique = unique
        self.away: str = ""
        self.retry_after_s = 0.0
        self.catalogue: Snapshot | None = None
        self.calls: list[list[int]] = []
        self.chains: dict[str, list[Entry]] = {till: [] for till in public_keys}
        self.posted: Counter[str] = Counter()
        self.set_aside: dict[int, Refusal] = {}
        self._lock = threading.Lock()

    def send(self, entries: Sequence[Entry]) -> Acknowledgement:
        with self._lock:
            return self._here(lambda: self._take(entries), [e.sequence for e in entries])

    def snapshot(self, version: int) -> Snapshot | None:
        found = self._here(lambda: self.catalogue, [])
        return None if found is None or found.version == version else found

    def head(self, till_id: str) -> Head:
        chain = self.chains[till_id]
        return chain[-1].head if chain else Head(till_id)

    def _here(self, answer: Callable[[], Answer], call: list[int]) -> Answer:
        self.calls.append(call)
        if self.away:
            raise OfficeAway(self.away, self.retry_after_s)
        return answer()

    def _take(self, entries: Sequence[Entry]) -> Acknowledgement:
        refused = [told for entry in entries if (told := self._take_one(entry))]
        return acknowledgement(self.head(entries[0].till_id), *refused, office=self.signer)

    def _take_one(self, entry: Entry) -> RefusedEntry | None:
        try:
            check_entry(entry, self.public_keys[entry.till_id], verify_ed25519)
            if not self._already_there(entry):
                check_link(entry, self.head(entry.till_id))
                self.chains[entry.till_id].append(entry)
                self._post(entry)
        except EntryRefused as error:
            return RefusedEntry(entry.sequence, error.refusal, str(error))
        if entry.sequence in self.set_aside:
            return RefusedEntry(entry.sequence, self.set_aside[entry.sequence], "set aside")
        return None

    def _already_there(self, entry: Entry) -> bool:
        chain = self.chains[entry.till_id]
        known = entry.sequence <= len(chain) and chain[entry.sequence - 1].hash == entry.hash
        if known and not self.unique:
            self._post(entry)
        return known

    def _post(self, entry: Entry) -> None:
        if entry.kind == "sale":
            self.posted[json.loads(entry.body)["id"]] += 1
