"""Sales into the ledger: each once, whole, balanced, and never changed again."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from books import Ask, PaperTill, post, post_all, take_in
from books import keyless_sale as sale
from builders import basket, cash, line, product
from psycopg.errors import CheckViolation, ForeignKeyViolation, RestrictViolation
from sqlalchemy.exc import DatabaseError

from activities.db import posting, quarantine, queries
from activities.db.engine import Database
from domain.canonical import content_hash
from domain.ledger import Outcome, Posted
from domain.money import Money
from domain.quantity import Quantity, Unit
from domain.sale import Sale

TABLES = ("sales", "sale_lines", "line_taxes", "tenders", "stock_movements", "postings")


def test_a_sale_fills_every_book(books: Database, ask: Ask) -> None:
    cheese = product("Cheese", "10.00", unit=Unit.KILOGRAM)
    sold = sale(of=basket(line(pieces=2), line(cheese, grams=250)), given=1000)

    (posted,) = post(books, sold)

    assert posted == Posted(sold.id, Outcome.RECORDED, content_hash(sold))
    assert ask("SELECT total_minor, tendered_minor, change_minor FROM sales") == [(950, 1000, 50)]
    assert ask("SELECT sku, quantity_thousandths FROM stock_movements ORDER BY sku") == [
        ("CHEESE", -250),
        ("TEA", -2000),
    ]
    assert ask("SELECT kind, given_minor, kept_minor FROM tenders") == [("cash", 1000, 950)]
    assert ask("SELECT account, detail, amount_minor FROM postings ORDER BY position") == [
        ("cash", "", 950),
        ("sales", "", -792),
        ("tax", "S", -158),
    ]


def test_the_same_sale_again_is_already_there(books: Database, ask: Ask) -> None:
    sold = sale()

    outcomes = [post(books, sold)[0].outcome for _ in range(5)]

    assert outcomes == [Outcome.RECORDED, *[Outcome.ALREADY] * 4]
    assert ask("SELECT count(*) FROM sales") == ask("SELECT count(*) FROM sale_lines") == [(1,)]


def test_the_same_id_with_another_content_is_a_conflict(books: Database, ask: Ask) -> None:
    sold = sale()
    other = sale(of=basket(line(pieces=3)), sale_id=sold.id)
    post(books, sold)

    (answer,) = post(books, other)

    assert (answer.outcome, answer.content_hash) == (Outcome.CONFLICT, content_hash(other))
    assert "recorded before with another content" in answer.why
    assert ask("SELECT content_hash FROM sales") == [(content_hash(sold),)]


def test_one_call_may_hold_repeats_and_contradictions(books: Database) -> None:
    first, second = sale(), sale("A1-000002")
    other = sale("A1-000003", sale_id=first.id)

    answers = post(books, first, second, first, other)

    assert [answer.outcome for answer in answers] == [
        Outcome.RECORDED,
        Outcome.RECORDED,
        Outcome.ALREADY,
        Outcome.CONFLICT,
    ]


def test_a_receipt_number_belongs_to_one_sale_of_a_store(books: Database) -> None:
    post(books, sale("A1-000001"))

    (answer,) = post(books, sale("A1-000001"))

    assert answer.outcome is Outcome.CONFLICT
    assert "Receipt number A1-000001" in answer.why


def test_the_same_sale_from_many_sides_at_once_is_one_row(books: Database, ask: Ask) -> None:
    sold = sale()
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(post(books, sold)[0].outcome))
        for _ in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes) == [*[Outcome.ALREADY] * 7, Outcome.RECORDED]
    assert ask("SELECT count(*) FROM sales") == ask("SELECT count(*) FROM sale_lines") == [(1,)]


def _of_unknown_till() -> Sale:
    return sale("X-1", till_id="T9")


def _of_nothing() -> Sale:
    sold = sale("X-2")
    (only,) = sold.lines
    free = replace(only, quantity=Quantity(0))
    return replace(sold, lines=(free,))


def _larger_than_any_number() -> Sale:
    sold = sale("X-3")
    return replace(sold, total=Money(10**30, "EUR"))


def _with_nul() -> Sale:
    return replace(sale("X-4"), reference="a\0b")


def _that_does_not_add_up() -> Sale:
    return replace(sale("X-5"), total=Money(1, "EUR"), change=Money(349, "EUR"))


POISON = [_of_unknown_till, _of_nothing, _larger_than_any_number, _with_nul, _that_does_not_add_up]


@pytest.mark.parametrize("poison", POISON)
def test_what_the_database_refuses_does_not_hold_up_the_others(
    books: Database, ask: Ask, poison: object
) -> None:
    assert callable(poison)
    good = [sale(f"A1-00000{number}") for number in range(7)]

    answers = post(books, *good[:3], poison(), *good[3:])

    assert [answer.outcome for answer in answers].count(Outcome.RECORDED) == 7
    assert answers[3].outcome is Outcome.REFUSED
    assert answers[3].why
    assert ask("SELECT count(*) FROM sales") == [(7,)]


def test_a_sale_of_the_journal_that_cannot_be_posted_is_quarantined_and_told(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    taken = sale()
    post(books, taken)
    other = sale("A1-000002", sale_id=taken.id, till_id=till.id)
    entry = till.record(other)
    take_in(books, [entry])

    answers = post_all(books, till)
    told = take_in(books, [entry])

    assert [answer.outcome for answer in answers] == [Outcome.CONFLICT]
    assert ask("SELECT reason, sale_id FROM quarantined_entries") == [("conflict", taken.id)]
    assert [refused.refusal for refused in told.refused] == ["conflict"]
    assert (told.waiting, told.head) == (0, till.head)


def test_a_backlog_is_posted_in_chunks_until_nothing_is_left(
    books: Database, till: PaperTill
) -> None:
    take_in(books, till.sell(25))

    with books.begin() as connection:
        chunks = [len(posting.post_backlog(connection, "T1", 1, 20, most=10)) for _ in range(4)]

    assert chunks == [10, 10, 0, 0]
    assert len(post_all(books, till)) == 5


def test_a_posted_sale_reads_back_to_the_letter(books: Database, till: PaperTill, ask: Ask) -> None:
    by_api = replace(sale("A0-000001", given=2000), reference="web 1")
    by_till = till.next_sale()
    take_in(books, [till.record(by_till)])

    post(books, by_api, by_till)

    with books.begin() as connection:
        assert queries.sale(connection, by_api.id) == by_api
        assert queries.sales_by_receipt(connection, by_till.receipt_number) == (by_till,)
    assert ask("SELECT document IS NULL FROM sales ORDER BY till_id") == [(False,), (True,)]


def test_a_contradiction_by_the_api_is_kept_once(books: Database, ask: Ask) -> None:
    sold = sale()

    for _ in range(3):
        with books.begin() as connection:
            quarantine.keep_sale(connection, sold)

    assert ask("SELECT source, reason, sale_id FROM quarantined_entries") == [
        ("api", "conflict", sold.id)
    ]


def test_change_is_taken_off_the_last_tender(books: Database, ask: Ask) -> None:
    sold = sale(given=350)
    twice = replace(sold, tenders=(cash(300), cash(100)), change=Money(50, "EUR"))

    (posted,) = post(books, twice)

    assert posted.outcome is Outcome.RECORDED
    assert ask("SELECT given_minor, kept_minor FROM tenders ORDER BY given_minor") == [
        (100, 50),
        (300, 300),
    ]


@pytest.mark.parametrize("table", [*TABLES, "journal_entries"])
@pytest.mark.parametrize(
    "change", ["DELETE FROM {}", "UPDATE {} SET store_id = 'x'", "TRUNCATE {}"]
)
def test_facts_are_never_changed(books: Database, ask: Ask, table: str, change: str) -> None:
    with pytest.raises(DatabaseError, match="appended, never changed") as caught:
        ask(change.format(table))

    assert isinstance(caught.value.orig, RestrictViolation)


def test_unbalanced_postings_are_refused_by_the_database_itself(ask: Ask) -> None:
    one_side = """
        INSERT INTO postings VALUES
            ('S1', gen_random_uuid(), 1, 'cash', '', 'EUR', 100, '2026-11-21')"""

    with pytest.raises(DatabaseError, match="debits must equal credits") as caught:
        ask(one_side)

    assert isinstance(caught.value.orig, CheckViolation)
    assert caught.value.orig.diag.constraint_name == "postings_are_balanced"


LINE = "INSERT INTO sale_lines SELECT store_id, sale_id, gen_random_uuid(), 2, sku, name, category,"
LATE = {
    "line_comes_with_its_sale": f"""
        {LINE} gtin, quantity_thousandths, unit, unit_price_micros, price_source, currency,
            list_minor, discount_minor, discount_reason, tax_minor, total_minor, batch, serial
        FROM sale_lines""",
    "tender_comes_with_its_sale": """
        INSERT INTO tenders
        SELECT store_id, sale_id, gen_random_uuid(), kind, currency, given_minor, kept_minor
        FROM tenders""",
    "tax_comes_with_its_sale": """
        INSERT INTO line_taxes
        SELECT store_id, sale_id, line_id, 2, code, rate_ppm, currency, base_minor, tax_minor
        FROM line_taxes""",
}


@pytest.mark.parametrize("constraint", LATE)
def test_nothing_is_added_to_a_sale_afterwards(books: Database, ask: Ask, constraint: str) -> None:
    post(books, sale())

    with pytest.raises(DatabaseError, match="in one transaction") as caught:
        ask(LATE[constraint])

    assert isinstance(caught.value.orig, ForeignKeyViolation)
    assert caught.value.orig.diag.constraint_name == constraint


def test_a_sale_without_its_lines_is_refused_when_it_is_committed(
    books: Database, ask: Ask
) -> None:
    post(books, sale())
    bare = """
        INSERT INTO sales
        SELECT store_id, gen_random_uuid(), till_id, cashier_id, 'A1-000002', business_date,
            sold_at, currency, discount_minor, tax_minor, rounding_minor, total_minor,
            tendered_minor, change_minor, line_count, catalog_version, reference, content_hash
        FROM sales"""

    with pytest.raises(DatabaseError, match="does not add up") as caught:
        ask(bare)

    assert isinstance(caught.value.orig, CheckViolation)
    assert caught.value.orig.diag.constraint_name == "sale_adds_up"


def test_a_sale_that_its_till_signs_is_posted_once_the_journal_has_it_to_the_letter(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    sold = till.next_sale()
    other, elsewhere = replace(sold, reference="another"), replace(sold, till_id="T2")
    (before,) = post(books, sold)
    take_in(books, [till.record(sold)])

    answers = [post(books, one)[0] for one in (other, elsewhere, sold, sold)]

    assert before.outcome is Outcome.UNSIGNED
    assert f"is not in the journal that till {till.id} signs" in before.why
    outcomes = [Outcome.UNSIGNED, Outcome.UNSIGNED, Outcome.RECORDED, Outcome.ALREADY]
    assert [answer.outcome for answer in answers] == outcomes
    assert ask("SELECT content_hash FROM sales") == [(content_hash(sold),)]
    assert ask("SELECT FROM quarantined_entries") == []


def test_a_sale_that_nobody_signed_is_one_task_and_does_not_hold_up_the_others(
    books: Database, ask: Ask
) -> None:
    forged = sale("A1-000009", till_id="T1")

    answers = post(books, sale("A0-1"), forged, sale("A0-2"))

    outcomes = [Outcome.RECORDED, Outcome.UNSIGNED, Outcome.RECORDED]
    assert [answer.outcome for answer in answers] == outcomes
    tasks = ask("SELECT kind, subject, till_id, amount_minor FROM exception_tasks")
    assert tasks == [("sale_unsigned", str(forged.id), "T1", 350)]
    post(books, forged)
    assert len(ask("SELECT FROM exception_tasks")) == 1


def test_a_sale_that_its_till_signed_just_after_it_was_refused_is_not_set_aside(
    books: Database, till: PaperTill, ask: Ask
) -> None:
    sold = till.next_sale()
    (before,) = post(books, sold)
    take_in(books, [till.record(sold)])

    with books.begin() as connection:
        quarantine.keep_unposted(connection, sold, before)

    assert ask("SELECT FROM quarantined_entries") == []
    assert [answer.outcome for answer in post_all(books, till)] == [Outcome.RECORDED]
