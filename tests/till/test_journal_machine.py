"""Any order of entries, answers of the office and restarts, against a list and three numbers."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from builders import AT, basket, line, sale
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tills import acknowledgement, open_journal

from domain.errors import DomainError
from domain.events import LoggedIn
from domain.journal import Entry, Head, Refusal, RefusedEntry
from domain.sale import Sale, SaleConflict
from till_kivy.clock import HandClock
from till_kivy.errors import Forked, NotTheOffice, OfficeRefused
from till_kivy.journal import Journal
from till_kivy.journal_verify import verify_journal
from till_kivy.keystore import Ed25519Signer

STRANGER = Ed25519Signer(b"s" * 32)
SET_ASIDE = (Refusal.BAD_BODY, Refusal.CONFLICT)
NOT_STORED = tuple(refusal for refusal in Refusal if refusal not in SET_ASIDE)
PLACES = st.integers(0, 100)


class NotToday(DomainError):
    """A sale that its maker gave up."""


def give_up(number: str) -> Sale:
    """Fail as a till does when cash is short."""
    raise NotToday(number)


class BookOfFirstEntry(RuleBasedStateMachine):
    """A journal on a disk, and what it should hold: its entries, and the office's last word."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="journal-machine-")
        self.clock = HandClock(AT)
        self.journal = self.opened()
        self.entries: list[Entry] = []
        self.sales: list[Sale] = []
        self.held_by_office = 0
        self.highest_signed = 0
        self.refused: dict[int, Refusal] = {}

    def teardown(self) -> None:
        try:
            found = verify_journal(self.journal)
            assert (found.first_bad, found.entries) == (None, len(self.entries))
        finally:
            self.journal.close()
            self.folder.cleanup()

    # ------------------------------------------------------------ writing

    @rule(name=st.text(max_size=5))
    def write_down(self, name: str) -> None:
        self.entries.append(self.journal.append(LoggedIn(name)))

    @rule(pieces=st.integers(1, 500))
    def sell(self, pieces: int) -> None:
        def build(number: str) -> Sale:
            self.sales.append(sale(number, basket(line(pieces=pieces))))
            return self.sales[-1]

        self.entries.append(self.journal.append_sale("A1", build))

    @rule()
    def begin_a_sale_and_give_up(self) -> None:
        with pytest.raises(NotToday, match=f"A1-{len(self.sales) + 1:06d}"):
            self.journal.append_sale("A1", give_up)

    @precondition(lambda self: self.sales)
    @rule(at=PLACES)
    def sell_the_same_again(self, at: int) -> None:
        known = self.sales[at % len(self.sales)].id
        with pytest.raises(SaleConflict):
            self.journal.append_sale("A1", lambda number: sale(number, sale_id=known))

    @rule(seconds=st.integers(-100_000, 100_000))
    def move_the_clock(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.journal = self.opened()

    @rule()
    def lose_power(self) -> None:
        """Open the file anew before it was closed, as after a cut."""
        left_behind, self.journal = self.journal, self.opened()
        left_behind.close()

    # ------------------------------------------------------------ the office's answers

    @precondition(lambda self: self.entries)
    @rule(at=PLACES, refusal=st.none() | st.sampled_from(NOT_STORED))
    def hear_the_office(self, at: int, refusal: Refusal | None) -> None:
        """It holds some of the chain, perhaps less than before, and may not like the next entry."""
        head = self.entries[at % len(self.entries)].head
        told = [RefusedEntry(head.sequence + 1, refusal, "no")] if refusal else []
        self.hear(head, *told)

    @precondition(lambda self: self.entries)
    @rule(at=PLACES, refusal=st.sampled_from(SET_ASIDE))
    def hear_that_an_entry_was_set_aside(self, at: int, refusal: Refusal) -> None:
        """It stored the entry, so that the chain stays whole, but could not use it."""
        head = self.entries[at % len(self.entries)].head
        self.hear(head, RefusedEntry(head.sequence, refusal, "no"))

    def hear(self, head: Head, *told: RefusedEntry) -> None:
        self.journal.acknowledge(acknowledgement(head, *told))

        self.held_by_office = head.sequence
        self.highest_signed = max(self.highest_signed, head.sequence)
        self.refused = {
            sequence: why
            for sequence, why in self.refused.items()
            if sequence > head.sequence or why in SET_ASIDE
        }
        for own in told:
            if own.refusal is not Refusal.GAP and own.sequence <= len(self.entries):
                self.refused[own.sequence] = own.refusal

    @rule(beyond=st.integers(1, 3))
    def hear_of_entries_never_written(self, beyond: int) -> None:
        head = replace(self.journal.head, sequence=len(self.entries) + beyond, hash="f" * 64)
        with pytest.raises(Forked):
            self.journal.acknowledge(acknowledgement(head))

    @precondition(lambda self: self.entries)
    @rule(at=PLACES)
    def hear_of_another_entry_in_a_place(self, at: int) -> None:
        head = replace(self.entries[at % len(self.entries)].head, hash="e" * 64)
        with pytest.raises(Forked):
            self.journal.acknowledge(acknowledgement(head))

    @precondition(lambda self: self.highest_signed)
    @rule(at=PLACES)
    def hear_a_stranger(self, at: int) -> None:
        head = self.entries[at % len(self.entries)].head
        with pytest.raises(NotTheOffice):
            self.journal.acknowledge(acknowledgement(head, office=STRANGER))

    @rule(till=st.sampled_from([("T2", 1), ("T1", 2)]))
    def hear_of_another_till(self, till: tuple[str, int]) -> None:
        with pytest.raises(OfficeRefused, match="The answer was ignored"):
            self.journal.acknowledge(acknowledgement(Head(*till)))

    # ------------------------------------------------------------ what always holds

    @invariant()
    def the_chain_is_what_was_returned(self) -> None:
        assert self.journal.entries(0, 1_000) == self.entries
        assert self.journal.head == (self.entries[-1].head if self.entries else Head("T1"))

    @invariant()
    def the_receipts_have_no_gap(self) -> None:
        kept = [self.journal.event_of(own) for own in self.entries if own.kind == "sale"]
        expected = [f"A1-{n:06d}" for n in range(1, len(kept) + 1)]

        assert [own.receipt_number for own in kept if isinstance(own, Sale)] == expected

    @invariant()
    def the_tally_counts_each_recorded_sale_once(self) -> None:
        kept = [self.journal.sale_of(own) for own in self.entries if own.kind == "sale"]
        counted = [(own.sales, own.total_minor) for own in self.journal.tally()]

        assert kept == self.sales
        assert counted == ([(len(kept), sum(s.total.minor for s in kept))] if kept else [])

    @invariant()
    def what_is_unsent_is_what_the_office_did_not_name(self) -> None:
        unsent = self.journal.unsent
        waiting = self.entries[self.held_by_office :]

        assert self.journal.acknowledged.sequence == self.held_by_office
        assert (unsent.count, unsent.refused) == (len(waiting), len(self.refused))
        assert unsent.oldest_at == (waiting[0].at if waiting else None)

    @invariant()
    def the_highest_signed_head_is_kept(self) -> None:
        chain = self.journal.chain

        assert chain.countersigned.sequence == self.highest_signed
        if self.highest_signed:
            assert chain.countersigned == self.entries[self.highest_signed - 1].head

    def opened(self) -> Journal:
        return open_journal(Path(self.folder.name), clock=self.clock)


TestAnyOrderOfWhatAJournalHears = BookOfFirstEntry.TestCase
TestAnyOrderOfWhatAJournalHears.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None
)
