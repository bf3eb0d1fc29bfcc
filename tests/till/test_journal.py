import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from builders import AT, basket, line, new_id, sale
from tills import open_journal, sell

from domain.events import LoggedIn, LoggedOut, TicketHeld, TicketRecalled, TicketVoided
from domain.journal import GENESIS, Head, verified
from domain.money import Money
from domain.quantity import Quantity
from domain.reconcile import Tally
from domain.sale import NotEnoughMoney, Sale, SaleConflict
from till_kivy.clock import HandClock
from till_kivy.errors import JournalRefused
from till_kivy.journal import Journal
from till_kivy.keystore import verify_ed25519


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = open_journal(tmp_path)
    yield journal
    journal.close()


def test_a_new_journal_is_an_empty_chain(journal: Journal) -> None:
    assert journal.head == Head("T1", 1, 0, GENESIS)
    assert journal.entries() == []
    assert journal.tally() == []


def test_an_event_reads_back_from_its_entry(journal: Journal) -> None:
    entry = journal.append(LoggedIn("p1"))

    assert journal.entries() == [entry]
    assert journal.event_of(entry) == LoggedIn("p1")


def test_a_sale_reads_back_to_the_cent(journal: Journal) -> None:
    sold: list[Sale] = []

    def build(number: str) -> Sale:
        sold.append(sale(number, basket(line(), line(grams=250)), given=1000))
        return sold[0]

    entry = journal.append_sale("A1", build)

    assert journal.sale_of(entry) == sold[0]
    assert journal.entry_of_sale(sold[0].id) == entry


def test_the_entries_form_one_signed_chain(journal: Journal) -> None:
    journal.append(LoggedIn("p1"))
    sell(journal, 3)
    journal.append(LoggedOut("p1"))

    entries = journal.entries()

    checked = verified(entries, Head("T1"), journal.public_key, verify_ed25519)
    assert [entry.sequence for entry in checked] == [1, 2, 3, 4, 5]
    assert journal.head == entries[-1].head


def test_the_chain_goes_on_where_it_ended_after_a_restart(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    sell(journal, 2)
    journal.close()

    again = open_journal(tmp_path)
    sell(again)

    assert [entry.sequence for entry in again.entries()] == [1, 2, 3]
    assert list(verified(again.entries(), Head("T1"), again.public_key, verify_ed25519))
    again.close()


def test_entries_come_in_pages(journal: Journal) -> None:
    sell(journal, 5)

    page = journal.entries(after=1, limit=3)

    assert [entry.sequence for entry in page] == [2, 3, 4]


def test_receipts_are_numbered_without_a_gap(journal: Journal) -> None:
    entries = sell(journal, 2)
    journal.append(LoggedOut("p1"))
    entries += sell(journal)

    numbers = [journal.sale_of(entry).receipt_number for entry in entries]

    assert numbers == ["A1-000001", "A1-000002", "A1-000003"]


def test_a_sale_that_is_not_made_uses_no_number(journal: Journal) -> None:
    def too_little(number: str) -> Sale:
        return sale(number, basket(line(pieces=2)), given=100)

    with pytest.raises(NotEnoughMoney):
        journal.append_sale("A1", too_little)

    (entry,) = sell(journal)
    assert journal.sale_of(entry).receipt_number == "A1-000001"
    assert entry.sequence == 1


def test_the_same_sale_is_never_recorded_twice(journal: Journal) -> None:
    sold = new_id()
    journal.append_sale("A1", lambda number: sale(number, sale_id=sold))

    with pytest.raises(SaleConflict):
        journal.append_sale("A1", lambda number: sale(number, sale_id=sold))

    assert journal.tally() == [Tally("T1", "EUR", 1, 350)]
    assert journal.head.sequence == 1


def test_the_tally_adds_up_all_sales(journal: Journal) -> None:
    sell(journal, 3)

    assert journal.tally() == [Tally("T1", "EUR", 3, 3 * 350)]


def test_several_threads_write_one_chain(journal: Journal) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: sell(journal, 10), range(4)))

    entries = journal.entries()
    assert len(list(verified(entries, Head("T1"), journal.public_key, verify_ed25519))) == 40
    assert journal.tally() == [Tally("T1", "EUR", 40, 40 * 350)]


def test_reading_does_not_wait_for_a_sale_being_written(journal: Journal) -> None:
    writing, go_on = threading.Event(), threading.Event()

    def slow(number: str) -> Sale:
        writing.set()
        assert go_on.wait(10)
        return sale(number)

    with ThreadPoolExecutor(1) as threads:
        selling = threads.submit(journal.append_sale, "A1", slow)
        assert writing.wait(10)
        read_meanwhile = journal.entries()
        go_on.set()

        assert read_meanwhile == []
        assert selling.result(10).sequence == 1


def test_two_programs_on_one_journal_still_write_one_chain(tmp_path: Path) -> None:
    first, second = open_journal(tmp_path), open_journal(tmp_path)

    sell(first)
    sell(second)
    sell(first)

    entries = first.entries()
    assert len(list(verified(entries, Head("T1"), first.public_key, verify_ed25519))) == 3
    first.close()
    second.close()


def test_a_closed_journal_refuses_in_words(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.close()

    with pytest.raises(JournalRefused, match="do not take the money yet"):
        journal.append(LoggedIn("p1"))


def test_entries_are_ordered_by_sequence_whatever_the_clock_says(tmp_path: Path) -> None:
    clock = HandClock(AT)
    journal = open_journal(tmp_path, clock=clock)
    sell(journal)
    clock.advance(-3600 * 24 * 365 * 10)
    sell(journal)

    first, second = journal.entries()

    assert second.at < first.at
    assert (first.sequence, second.sequence) == (1, 2)
    journal.close()


# ---------------------------------------------------------------- tickets not sold yet


def test_the_open_ticket_survives_a_power_cut(tmp_path: Path) -> None:
    journal, open_ticket = open_journal(tmp_path), basket(line(pieces=3))
    journal.save_draft(open_ticket)

    after_the_cut = open_journal(tmp_path)

    assert after_the_cut.draft() == open_ticket
    journal.close()
    after_the_cut.close()


def test_an_emptied_ticket_is_forgotten(journal: Journal) -> None:
    journal.save_draft(basket())

    journal.save_draft(None)

    assert journal.draft() is None


def test_selling_ends_the_open_ticket(journal: Journal) -> None:
    journal.save_draft(basket())

    sell(journal)

    assert journal.draft() is None


def test_voiding_ends_the_open_ticket(journal: Journal) -> None:
    ticket = basket()
    journal.save_draft(ticket)

    journal.append(TicketVoided(ticket.id, 1, Money(350, "EUR"), "p1"))

    assert journal.draft() is None


def test_an_event_takes_the_changed_ticket_with_it(journal: Journal) -> None:
    ticket = basket(line(), line(pieces=2))

    journal.append(LoggedIn("p2"), draft=ticket)

    assert journal.draft() == ticket


def test_a_held_ticket_waits_until_it_is_recalled(journal: Journal) -> None:
    ticket = basket(line(pieces=2))
    journal.save_draft(ticket)
    journal.append(TicketHeld(ticket, "red coat", "p1"))

    (held,) = journal.held_tickets()
    put_aside = journal.draft()
    journal.append(TicketRecalled(ticket.id, "p1"))

    assert (held.basket, held.label, held.at) == (ticket, "red coat", AT)
    assert put_aside is None
    assert journal.held_tickets() == []
    assert journal.draft() == ticket


def test_held_tickets_come_oldest_first(tmp_path: Path) -> None:
    clock = HandClock(AT)
    journal = open_journal(tmp_path, clock=clock)
    for label in ("one", "two", "three"):
        journal.append(TicketHeld(basket(), label, "p1"))
        clock.advance(1)

    assert [held.label for held in journal.held_tickets()] == ["one", "two", "three"]
    journal.close()


def test_a_weighed_line_is_held_to_the_gram(journal: Journal) -> None:
    journal.append(TicketHeld(basket(line(grams=1234)), "", "p1"))

    (held,) = journal.held_tickets()

    assert held.basket.lines[0].quantity == Quantity.grams(1234)
