"""Whatever two tills send, in whatever order and state, the office ends where a simple model does.

The model knows of each entry how it was made, so it needs no hashes, signatures or SQL.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from books import PaperTill, load, take_in
from builders import STORE, VAT, basket, line, sale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.db import invariants, posting, queries
from activities.db.engine import Database
from activities.keys import OfficeKey
from domain.catalog import Shop, StoreTax, Till
from domain.events import LoggedIn
from domain.journal import Entry, Head, Refusal
from domain.sale import Sale

_worlds = itertools.count(1)
KINDS = ("sale", "sale", "sale", "log-in", "poison", "again", "same id", "same number")
FLAWS = (None, None, None, None, "body", "signature")
TOLD = tuple[int, Refusal]


@dataclass(frozen=True)
class Sent:
    """An entry with what was done to it on the way, and the sale in it, if any."""

    entry: Entry
    sale: Sale | None = None
    poison: bool = False
    flaw: Refusal | None = None

    def spoilt(self, flaw: str | None) -> Sent:
        if flaw == "body":
            changed = replace(self.entry, body=f"{self.entry.body} ")
            return replace(self, entry=changed, flaw=Refusal.BAD_HASH)
        if flaw == "signature":
            changed = replace(self.entry, signature="00" * 64)
            return replace(self, entry=changed, flaw=Refusal.BAD_SIGNATURE)
        return self


@dataclass
class Author:
    """A till that writes a journal, and from some entry on another one besides."""

    till: PaperTill
    written: list[Sent] = field(default_factory=list)
    sold: list[Sale] = field(default_factory=list)

    def write(self, kind: str) -> None:
        if kind == "poison":
            self.written.append(Sent(self.till.write("sale", "{}"), poison=True))
        elif kind == "log-in":
            self.written.append(Sent(self.till.record(LoggedIn("p1"))))
        else:
            sold = self._sale(kind)
            self.written.append(Sent(self.till.record(sold), sold))
            self.sold.append(sold)

    def fork(self, at: int, kinds: list[str]) -> None:
        """Go on from an earlier entry, as a till does whose disk was copied."""
        honest = self.written[:at]
        self.till.head = honest[-1].entry.head if honest else Head(self.till.id)
        for kind in kinds:
            self.write(kind)

    def _sale(self, kind: str) -> Sale:
        fresh = self.till.next_sale()
        if kind == "sale" or not self.sold:
            return fresh
        first = self.sold[0]
        if kind == "again":
            return first
        if kind == "same id":
            two = basket(line(pieces=2))
            number = fresh.receipt_number
            return sale(number, two, till_id=self.till.id, sale_id=first.id)
        return sale(first.receipt_number, till_id=self.till.id)


@dataclass
class Model:
    """What the office must hold of one till."""

    till_id: str
    chain: list[Sent] = field(default_factory=list)
    ledger: dict[UUID, Sale] = field(default_factory=dict)
    contents: dict[int, Refusal] = field(default_factory=dict)
    strays: set[tuple[int, Refusal, Entry]] = field(default_factory=set)

    def take_in(self, batch: list[Sent]) -> list[TOLD]:
        told: list[TOLD] = []
        for sent in sorted(batch, key=lambda sent: sent.entry.sequence):
            number, refusal = sent.entry.sequence, self._judge(sent)
            if refusal is None and number > len(self.chain):
                self.chain.append(sent)
                if sent.poison:
                    self.contents[number] = Refusal.BAD_BODY
            if refusal is not None:
                told.append((number, refusal))
            if refusal not in {None, Refusal.GAP}:
                self.strays.add((number, Refusal(str(refusal)), sent.entry))
        first = min((sent.entry.sequence for sent in batch), default=len(self.chain) + 1)
        told += [pair for pair in self.contents.items() if pair[0] >= first]
        return sorted(told)

    def post(self) -> None:
        for number, sent in enumerate(self.chain, 1):
            if sent.sale is None or number in self.contents:
                continue
            there = self.ledger.get(sent.sale.id)
            numbers = {one.receipt_number for one in self.ledger.values()}
            if there is None and sent.sale.receipt_number not in numbers:
                self.ledger[sent.sale.id] = sent.sale
            elif there != sent.sale:
                self.contents[number] = Refusal.CONFLICT

    def _judge(self, sent: Sent) -> Refusal | None:
        entry, end = sent.entry, len(self.chain)
        if entry.till_id != self.till_id:
            return Refusal.WRONG_TILL
        if sent.flaw is not None:
            return sent.flaw
        if entry.sequence <= end:
            same = self.chain[entry.sequence - 1].entry == entry
            return None if same else Refusal.REPEATED_SEQUENCE
        if entry.sequence > end + 1:
            return Refusal.GAP
        before = self.chain[-1].entry.hash if self.chain else Head(self.till_id).hash
        return None if entry.previous == before else Refusal.BROKEN_CHAIN

    @property
    def quarantine(self) -> Counter[tuple[int, str]]:
        kept = [(number, refusal) for number, refusal, _ in self.strays]
        return Counter(
            (number, str(refusal)) for number, refusal in [*kept, *self.contents.items()]
        )


@st.composite
def sendings(draw: st.DrawFn, authors: list[Author]) -> list[tuple[int, list[Sent]]]:
    """Let both tills write, then send parts of it: spoilt, repeated, shuffled, astray."""
    for author in authors:
        kinds = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=7))
        for kind in kinds:
            author.write(kind)
        if draw(st.booleans()):
            at = draw(st.integers(0, len(kinds) - 1))
            author.fork(at, draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3)))
    return draw(st.lists(batches(authors), min_size=2, max_size=4))


@st.composite
def batches(draw: st.DrawFn, authors: list[Author]) -> tuple[int, list[Sent]]:
    to = draw(st.sampled_from([0, 1]))
    own, other = authors[to].written, authors[1 - to].written
    first = draw(st.sampled_from([0, 0, 0, 1, 2]))
    batch = own[first : first + draw(st.integers(0, len(own)))]
    batch = batch + draw(st.lists(st.sampled_from(own), max_size=3))
    batch = [sent.spoilt(draw(st.sampled_from(FLAWS))) for sent in batch]
    batch += draw(st.sampled_from([[], [], [], other[:1]]))
    return to, draw(st.permutations(batch)) if draw(st.booleans()) else batch


@pytest.fixture(scope="module")
def books(postgres_url: str) -> Iterator[Database]:
    """Books that all examples share: each has tills of its own."""
    opened = Database(postgres_url, as_owner=True)
    load(opened, Shop(stores=(STORE,), taxes=(StoreTax("S1", VAT),)))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> list[OfficeKey]:
    folder = tmp_path_factory.mktemp("keys")
    return [OfficeKey.at(folder / name) for name in ("one", "two")]


def two_tills(books: Database, keys: list[OfficeKey]) -> list[Author]:
    world = next(_worlds)
    authors = [
        Author(PaperTill(key, f"W{world}-{n}", f"W{world}{n}")) for n, key in enumerate(keys)
    ]
    tills = (author.till for author in authors)
    load(
        books,
        Shop(tills=tuple(Till(t.id, "S1", t.series, t.key.public_key) for t in tills)),
    )
    return authors


def asked(books: Database, query: str, till_id: str) -> list[tuple[Any, ...]]:
    with books.begin() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query, (till_id,))]


def post_up_to(books: Database, head: Head) -> None:
    with books.begin() as connection:
        posting.post_backlog(connection, head.till_id, head.epoch, head.sequence)


def assert_equal(books: Database, author: Author, model: Model) -> None:
    """Hold journal, quarantine and ledger of a till against the model."""
    entries = "SELECT hash FROM journal_entries WHERE till_id = %s ORDER BY sequence"
    aside = "SELECT sequence, reason FROM quarantined_entries WHERE till_id = %s"
    till_id = author.till.id
    assert asked(books, entries, till_id) == [(sent.entry.hash,) for sent in model.chain]
    assert Counter(asked(books, aside, till_id)) == model.quarantine
    ids = {row[0] for row in asked(books, "SELECT id FROM sales WHERE till_id = %s", till_id)}
    assert ids == model.ledger.keys()
    with books.begin() as connection:
        assert {one: queries.sale(connection, one) for one in ids} == model.ledger


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_sent_the_office_ends_where_the_model_does(
    books: Database, keys: list[OfficeKey], data: st.DataObject
) -> None:
    authors = two_tills(books, keys)
    models = [Model(author.till.id) for author in authors]
    sent = data.draw(sendings(authors))

    for to, batch in [*sent, *sent[-1:]]:
        author, model = authors[to], models[to]
        taken = take_in(books, [one.entry for one in batch], author.till.id)
        told = sorted((one.sequence, one.refusal) for one in taken.refused)

        assert told == model.take_in(batch)
        assert taken.head.sequence == len(model.chain)
        post_up_to(books, taken.head)
        model.post()

    for author, model in zip(authors, models, strict=True):
        assert_equal(books, author, model)


def test_after_all_of_it_the_books_are_sound(books: Database) -> None:
    with books.begin() as connection:
        found = invariants.inspect(connection)

    assert found.violations == ()
