"""Journals in: what is stored, what is refused, and what the till is told."""

from __future__ import annotations

import random
import threading
from dataclasses import replace

import pytest
from books import Ask, PaperTill, post_all, take_in
from builders import sale

from activities.db import intake
from activities.db.engine import Database
from activities.db.intake import UnknownTill
from domain.canonical import canonical
from domain.errors import NotFound
from domain.events import LoggedIn
from domain.journal import Entry, Refusal, next_entry
from domain.ledger import Outcome

SALES = "SELECT count(*) FROM sales"
ENTRIES = "SELECT count(*) FROM journal_entries"
QUARANTINE = "SELECT reason, sequence FROM quarantined_entries ORDER BY id"


def test_an_entry_sent_five_times_out_of_order_is_one_sale(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    batch = till.sell(3) * 5
    random.Random(7).shuffle(batch)

    taken = take_in(books, batch)
    post_all(books, till)
    again = take_in(books, batch)

    assert (taken.head, taken.refused, taken.waiting) == (till.head, (), 3)
    assert (again.head, again.refused, again.waiting) == (till.head, (), 0)
    assert ask(SALES) == ask(ENTRIES) == [(3,)]


def test_entries_beyond_a_gap_are_refused_until_the_missing_one_comes(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    first, missing, last = till.sell(3)

    torn = take_in(books, [first, last])
    healed = take_in(books, [missing, last])

    assert [(r.sequence, r.refusal) for r in torn.refused] == [(3, Refusal.GAP)]
    assert torn.head == first.head
    assert (healed.refused, healed.head) == ((), last.head)
    assert ask(QUARANTINE) == []


def test_a_second_entry_with_a_taken_sequence_goes_to_quarantine_once(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    before = till.head
    (honest,) = till.sell()
    fork = next_entry(before, "sale", canonical(sale("A1-000009")), honest.at, till.key)
    take_in(books, [honest])

    told = [take_in(books, [fork]).refused[0].refusal for _ in range(3)]

    assert told == [Refusal.REPEATED_SEQUENCE] * 3
    assert ask(QUARANTINE) == [("repeated_sequence", 1)]
    assert ask("SELECT hash FROM journal_entries") == [(honest.hash,)]


def test_a_chain_that_goes_on_from_another_entry_is_broken(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    take_in(books, till.sell())
    till.head = replace(till.head, hash="f" * 64)

    taken = take_in(books, till.sell())

    assert [r.refusal for r in taken.refused] == [Refusal.BROKEN_CHAIN]
    assert ask(QUARANTINE) == [("broken_chain", 2)]


def _another_body(entry: Entry) -> Entry:
    return replace(entry, body=entry.body.replace("Tea", "Pea"))


def _another_signature(entry: Entry) -> Entry:
    return replace(entry, signature="00" * 64)


def _no_signature(entry: Entry) -> Entry:
    return replace(entry, signature="not hex")


def _another_till(entry: Entry) -> Entry:
    return replace(entry, till_id="T2")


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (_another_body, Refusal.BAD_HASH),
        (_another_signature, Refusal.BAD_SIGNATURE),
        (_no_signature, Refusal.BAD_SIGNATURE),
        (_another_till, Refusal.WRONG_TILL),
    ],
)
def test_a_forged_entry_is_kept_aside_and_the_rest_is_taken(
    books: Database, till: PaperTill, ask: Ask, spoil: object, refusal: Refusal
) -> None:
    good, bad = till.sell(2)
    assert callable(spoil)

    taken = take_in(books, [good, spoil(bad)])

    assert [(r.sequence, r.refusal) for r in taken.refused] == [(2, refusal)]
    assert taken.head == good.head
    assert ask(QUARANTINE) == [(refusal.value, 2)]


def test_a_forgery_that_names_a_sound_entrys_hash_does_not_stop_its_sale(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    (honest,) = till.sell()
    take_in(books, [_another_signature(honest)])
    take_in(books, [_another_body(honest)])

    take_in(books, [honest])
    posted = post_all(books, till)

    assert [answer.outcome for answer in posted] == [Outcome.RECORDED]
    assert len(ask(QUARANTINE)) == 2


@pytest.mark.parametrize(
    ("kind", "body", "word"),
    [
        ("sale", "{}", "no sale"),
        ("sale", "\x01not json", "no sale"),
        ("logged_in", '{"person_id":7}', "no logged_in"),
        ("moon_landing", "{}", "no kind of entry"),
    ],
)
def test_a_poison_entry_is_stored_and_told_and_blocks_nothing(
    books: Database, till: PaperTill, ask: Ask, kind: str, body: str, word: str
) -> None:
    batch = [*till.sell(), till.write(kind, body), *till.sell()]

    taken = take_in(books, batch)
    posted = post_all(books, till)

    assert [(r.sequence, r.refusal) for r in taken.refused] == [(2, Refusal.BAD_BODY)]
    assert word in taken.refused[0].why
    assert (taken.head, len(posted)) == (till.head, 2)
    assert take_in(books, batch).refused == taken.refused
    assert ask(QUARANTINE) == [("bad_body", 2)]


def test_a_sale_of_another_till_or_one_that_does_not_add_up_is_bad_content(
    books: Database, till: PaperTill
) -> None:
    wrong_till = sale("A2-000001", till_id="T2")
    wrong_total = replace(sale("A1-000007"), change=sale().total)

    taken = take_in(books, [till.record(wrong_till), till.record(wrong_total)])

    assert [r.refusal for r in taken.refused] == [Refusal.BAD_BODY] * 2
    assert "expected S1 till T1" in taken.refused[0].why
    assert "does not add up" in taken.refused[1].why
    assert (taken.waiting, taken.head) == (0, till.head)


@pytest.mark.parametrize("body", ["nul \0 inside", "half \ud800 character"])
def test_text_that_no_database_holds_is_refused_and_kept(
    books: Database, till: PaperTill, ask: Ask, body: str
) -> None:
    (good,) = till.sell()
    bad = replace(good, sequence=2, previous=good.hash, body=body)

    taken = take_in(books, [good, bad])

    assert [r.refusal for r in taken.refused] == [Refusal.BAD_BODY]
    assert (taken.head, ask(QUARANTINE)) == (good.head, [("bad_body", 2)])


@pytest.mark.parametrize("number", [-1, 0, 2**63, 2**200])
def test_numbers_that_no_entry_has_are_refused_and_kept(
    books: Database, till: PaperTill, ask: Ask, number: int
) -> None:
    (good,) = till.sell()

    taken = take_in(books, [good, replace(good, sequence=number), replace(good, epoch=number)])

    assert [r.refusal for r in taken.refused] == [Refusal.BAD_BODY] * 2
    assert (taken.head, len(ask(QUARANTINE))) == (good.head, 2)


def test_an_entry_of_another_epoch_is_refused(books: Database, till: PaperTill) -> None:
    till.head = replace(till.head, epoch=2)

    taken = take_in(books, till.sell())

    assert [r.refusal for r in taken.refused] == [Refusal.WRONG_TILL]
    assert "expected 1" in taken.refused[0].why


def test_two_batches_of_one_till_at_once_leave_one_whole_chain(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    batch = [till.record(LoggedIn("p1")), *till.sell(40)]
    threads = [
        threading.Thread(target=take_in, args=(books, part))
        for part in (batch, batch[:20], batch[::-1], batch[10:])
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    taken = take_in(books, batch)

    assert (taken.head, taken.refused) == (till.head, ())
    assert ask("SELECT count(*), max(sequence) FROM journal_entries") == [(41, 41)]


def test_of_a_large_backlog_only_the_first_sales_are_handed_out(
    books: Database, till: PaperTill
) -> None:
    taken = take_in(books, till.sell(9))

    assert (len(taken.sales), taken.waiting) == (5, 6)
    assert [sold.receipt_number for sold in taken.sales] == [f"A1-00000{n}" for n in range(1, 6)]


def test_no_entries_at_all_ask_how_far_the_office_is(books: Database, till: PaperTill) -> None:
    take_in(books, till.sell(2))

    taken = take_in(books, [])

    assert (taken.head, taken.refused) == (till.head, ())


def test_an_unknown_till_is_told_so(books: Database, till: PaperTill) -> None:
    with pytest.raises(UnknownTill, match="'T9' is not known") as caught:
        take_in(books, till.sell(), "T9")

    assert isinstance(caught.value, NotFound)


def test_the_head_is_where_the_stored_chain_ends(books: Database, till: PaperTill) -> None:
    take_in(books, till.sell(2))

    with books.begin() as connection:
        head = intake.head_of(connection, "T1")

    assert head == till.head
