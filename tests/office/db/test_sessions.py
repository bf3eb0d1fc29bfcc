"""A browser stays logged in while it is used, and not longer than a working day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from books import Ask
from builders import AT

from activities.db import sessions, users
from activities.db.engine import Connection, Database
from activities.db.users import Acting, User
from activities.keys import OfficeKey
from domain.audit import Actor
from domain.roles import Role

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def connection(books: Database, tmp_path: Path) -> Iterator[Connection]:
    acting = Acting(OfficeKey.at(tmp_path / "office"), Actor("operator", "admin"))
    with books.begin() as opened:
        users.add(opened, acting, User("mia", "Mia", Role.MANAGER, "S1"))
        yield opened


def test_the_cookie_says_who_it_is(connection: Connection) -> None:
    session = sessions.find(connection, sessions.begin(connection, "mia", AT), AT)

    assert session is not None
    assert (session.user_id, session.role, session.store_id) == ("mia", Role.MANAGER, "S1")
    assert len(session.form_key) > 40


def test_any_other_cookie_says_nothing(connection: Connection) -> None:
    sessions.begin(connection, "mia", AT)

    assert sessions.find(connection, "guessed", AT) is None


def test_who_does_nothing_for_half_an_hour_is_logged_out(connection: Connection) -> None:
    cookie = sessions.begin(connection, "mia", AT)

    used = sessions.find(connection, cookie, AT + 29 * MINUTE)
    used_again = sessions.find(connection, cookie, AT + 58 * MINUTE)
    idle = sessions.find(connection, cookie, AT + 89 * MINUTE)

    assert used is not None
    assert used_again is not None
    assert idle is None


def test_nobody_stays_longer_than_twelve_hours(connection: Connection) -> None:
    cookie = sessions.begin(connection, "mia", AT)

    found = [sessions.find(connection, cookie, AT + n * 20 * MINUTE) for n in range(37)]

    assert all(found[:36])
    assert found[36] is None


def test_a_session_that_was_ended_is_over(connection: Connection) -> None:
    cookie = sessions.begin(connection, "mia", AT)

    sessions.end(connection, cookie)

    assert sessions.find(connection, cookie, AT) is None


def test_the_books_hold_no_cookie(connection: Connection, ask: Ask) -> None:
    cookie = sessions.begin(connection, "mia", AT)
    connection.commit()

    assert cookie not in repr(ask("SELECT * FROM web_sessions"))


def test_what_is_over_is_forgotten_with_the_next_log_in(connection: Connection, ask: Ask) -> None:
    sessions.begin(connection, "mia", AT)

    sessions.begin(connection, "mia", AT + 31 * MINUTE)
    connection.commit()

    assert ask("SELECT count(*) FROM web_sessions") == [(1,)]
