"""Each assertion and proof is good once, however many come with it at the same time."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from books import Ask, PaperTill
from sqlalchemy import text

from activities.db import callers, tokens
from activities.db.callers import Once, SpentBefore
from activities.db.engine import Database
from domain.lease import Standing

LATER = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)


def spent(database: Database, *used: Once) -> bool:
    try:
        with database.begin() as connection:
            callers.spend(connection, *used)
    except SpentBefore:
        return False
    return True


def called(database: Database, proof: Once, till_id: str = "T1") -> callers.KnownTill | None:
    with database.begin() as connection:
        return callers.calling_till(connection, till_id, proof)


def test_of_fifty_who_come_with_one_proof_one_gets_in(books: Database) -> None:
    proof = Once("key/proof", LATER)

    def comes(_: int) -> bool:
        try:
            return called(books, proof) is not None
        except SpentBefore:
            return False

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(comes, range(50))) == 1


def test_assertion_and_proof_are_spent_together_or_not_at_all(books: Database, ask: Ask) -> None:
    assert spent(books, Once("key/proof", LATER))

    assert not spent(books, Once("key/assertion", LATER), Once("key/proof", LATER))

    assert ask("SELECT jti FROM spent_tokens") == [("key/proof",)]


def test_the_same_id_under_another_key_is_another_proof(books: Database) -> None:
    assert spent(books, Once("one/proof", LATER))
    assert spent(books, Once("other/proof", LATER))


def test_the_books_say_how_a_till_stands(books: Database, till: PaperTill, ask: Ask) -> None:
    ask("UPDATE tills SET standing = 'frozen', standing_why = 'It was copied.' WHERE id = 'T1'")

    found = called(books, Once("key/1", LATER))

    assert found is not None
    assert (found.id, found.store_id, found.public_key) == ("T1", "S1", till.key.public_key)
    assert (found.standing, found.why) == (Standing.FROZEN, "It was copied.")
    assert found.lease_until is None


def test_a_till_nobody_knows_is_none_and_its_proof_is_spent(books: Database) -> None:
    proof = Once("key/1", LATER)

    assert called(books, proof, "nobody") is None
    with pytest.raises(SpentBefore):
        called(books, proof, "nobody")
    with books.begin() as connection:
        assert callers.known_till(connection, "nobody") is None


def test_a_user_who_left_is_not_known(books: Database, ask: Ask) -> None:
    ask("INSERT INTO users (id, name, role, password_hash) VALUES ('ada', 'Ada', 'admin', '')")
    with books.begin() as connection:
        before = callers.calling_user(connection, "ada")

    ask("UPDATE users SET active = false")

    with books.begin() as connection:
        assert before == callers.KnownUser("ada", "admin", None)
        assert callers.calling_user(connection, "ada") is None


def test_clearing_away_keeps_what_could_still_come_again(books: Database, ask: Ask) -> None:
    spent(books, Once("late", LATER), Once("old", dt.datetime.now(dt.UTC)))

    with books.begin() as connection:
        tokens.clear_away(connection)

    assert ask("SELECT jti FROM spent_tokens") == [("late",)]


def test_two_who_clear_away_at_once_do_not_wait_for_each_other(books: Database) -> None:
    spent(books, Once("old", dt.datetime.now(dt.UTC)))

    with books.begin() as one, books.begin() as other:
        other.execute(text("SET LOCAL lock_timeout = '1s'"))
        tokens.clear_away(one)
        tokens.clear_away(other)
