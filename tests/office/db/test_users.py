"""Users of the office: counted tries, roles that may be given, and log-ins that end with them."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from books import Ask
from builders import AT
from waiting import until

from activities.db import sessions, users
from activities.db.checks import BadId, NoSuchStore
from activities.db.engine import Connection, Database
from activities.db.users import (
    Acting,
    BadName,
    LastAdmin,
    MayNotGrant,
    NoSuchUser,
    SubjectTaken,
    User,
    UserExists,
    WholeShop,
)
from activities.keys import OfficeKey
from domain.audit import Actor
from domain.roles import Role

MINUTE = dt.timedelta(minutes=1)
OLGA = User("olga", "Olga", Role.ADMIN)
MIA = User("mia", "Mia", Role.MANAGER, "S1")


@pytest.fixture
def acting(tmp_path: Path) -> Acting:
    return Acting(OfficeKey.at(tmp_path / "office"), Actor("olga", "admin", "192.0.2.7"))


@pytest.fixture
def connection(books: Database, acting: Acting) -> Iterator[Connection]:
    """A transaction over books that know an admin and a manager."""
    with books.begin() as opened:
        users.add(opened, acting, OLGA, "hash of olga")
        users.add(opened, acting, MIA, "hash of mia")
        yield opened


def as_manager(acting: Acting) -> Acting:
    return Acting(acting.signer, Actor("mia", "manager"))


def test_a_user_is_found_by_the_log_in_name_in_any_case(connection: Connection) -> None:
    assert users.user(connection, "MIA") == MIA
    assert users.users(connection) == [MIA, OLGA]
    assert users.users(connection, "S1") == [MIA]


def test_a_log_in_name_is_taken_once(connection: Connection, acting: Acting) -> None:
    with pytest.raises(UserExists, match="another"):
        users.add(connection, acting, User("Mia", "Another Mia", Role.MANAGER))


@pytest.mark.parametrize(("user_id", "name"), [("", "Nobody"), ("x" * 101, "Long"), ("short", " ")])
def test_names_have_a_length(
    connection: Connection, acting: Acting, user_id: str, name: str
) -> None:
    with pytest.raises(BadName):
        users.add(connection, acting, User(user_id, name, Role.ANALYST))


@pytest.mark.parametrize("user_id", ["a/b", "..", "a b", "a\0b", "İx", "ä", "a?b", "-a"])
def test_a_log_in_name_is_one_that_pages_can_link_to(
    connection: Connection, acting: Acting, user_id: str
) -> None:
    with pytest.raises(BadId, match="letter or digit"):
        users.add(connection, acting, User(user_id, "Odd", Role.ANALYST))


def test_a_user_works_for_a_store_that_is_there(connection: Connection, acting: Acting) -> None:
    with pytest.raises(NoSuchStore, match="S8"):
        users.add(connection, acting, User("ben", "Ben", Role.MANAGER, "S8"))
    with pytest.raises(NoSuchStore, match="S8"):
        users.change(connection, acting, replace(MIA, store_id="S8"))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPS])
def test_an_admin_or_ops_works_for_every_store(
    connection: Connection, acting: Acting, role: Role
) -> None:
    with pytest.raises(WholeShop, match=f"The role {role} is for every store"):
        users.add(connection, acting, User("ben", "Ben", role, "S1"))
    with pytest.raises(WholeShop, match=f"The role {role} is for every store"):
        users.change(connection, acting, replace(MIA, role=role))

    users.change(connection, acting, replace(MIA, role=role, store_id=None))

    assert users.user(connection, "mia").role is role


def test_a_subject_is_one_user(connection: Connection, acting: Acting) -> None:
    users.link(connection, acting, "olga", "subject of olga")

    with pytest.raises(SubjectTaken, match="subject of olga"):
        users.link(connection, acting, "mia", "subject of olga")

    linked = users.user_of_subject(connection, "subject of olga")
    assert linked is not None
    assert linked.id == "olga"


def test_a_link_is_changed_and_taken_away_and_the_audit_says_from_what_to_what(
    connection: Connection, acting: Acting, ask: Ask
) -> None:
    for subject in ("sub-1", "sub-1", "sub-2", ""):
        users.link(connection, acting, "mia", subject)
    linked = users.subjects(connection)
    connection.commit()

    assert linked == {}
    told = ask(
        "SELECT before, after FROM audit_entries WHERE action = 'user_linked' ORDER BY sequence"
    )
    assert [tuple(json.loads(text)["subject"] for text in pair) for pair in told] == [
        ("", "sub-1"),
        ("sub-1", "sub-2"),
        ("sub-2", ""),
    ]


def test_who_was_let_in_by_a_link_that_is_no_more_is_logged_out(
    connection: Connection, acting: Acting
) -> None:
    by_password = sessions.begin(connection, "mia", AT)
    users.link(connection, acting, "mia", "sub-1")
    stays = sessions.find(connection, by_password, AT)

    users.link(connection, acting, "mia", "")

    assert stays is not None
    assert sessions.find(connection, by_password, AT) is None


def test_a_subject_has_a_length(connection: Connection, acting: Acting) -> None:
    with pytest.raises(BadName, match="The subject"):
        users.link(connection, acting, "mia", "x" * 101)


def test_two_admins_who_take_each_other_out_leave_one(books: Database, acting: Acting) -> None:
    one, two = (User(name, name, Role.ADMIN) for name in ("one", "two"))
    with books.begin() as opened:
        users.add(opened, acting, one)
        users.add(opened, acting, two)

    def take_out_two() -> None:
        with books.begin() as second:
            users.change(second, acting, replace(two, active=False))

    with ThreadPoolExecutor(1) as pool:
        with books.begin() as first:
            users.change(first, acting, replace(one, active=False))
            taking = pool.submit(take_out_two)
            until(lambda: taking.done() or somebody_waits(books))
        with pytest.raises(LastAdmin, match="two is the last admin"):
            taking.result(20)

    with books.begin() as opened:
        assert users.has_admin(opened)


def somebody_waits(books: Database) -> bool:
    """Tell whether a transaction waits for another one to end."""
    with books.begin() as looking:
        return bool(
            looking.exec_driver_sql(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = current_database())"
            ).scalar()
        )


def test_fifty_tries_at_once_are_five(books: Database, acting: Acting) -> None:
    with books.begin() as opened:
        users.add(opened, acting, MIA, "hash of mia")
    together = threading.Barrier(50)

    def is_looked_at(_: int) -> bool:
        together.wait(20)
        with books.begin() as opened:
            found = users.count_try(opened, "mia", AT)
        assert found is not None
        return found.locked_until is None

    with ThreadPoolExecutor(50) as pool:
        looked_at = list(pool.map(is_looked_at, range(50)))

    assert looked_at.count(True) == 5


def test_five_wrong_passwords_lock_for_half_an_hour_and_then_there_are_five_again(
    connection: Connection,
) -> None:
    for _ in range(5):
        tried = users.count_try(connection, "mia", AT)
        assert tried is not None
        assert tried.locked_until is None

    locked = users.count_try(connection, "mia", AT + 29 * MINUTE)
    free = [users.count_try(connection, "mia", AT + 31 * MINUTE) for _ in range(5)]
    again = users.count_try(connection, "mia", AT + 31 * MINUTE)

    assert locked is not None
    assert locked.locked_until == AT + 30 * MINUTE
    assert all(one is not None and one.locked_until is None for one in free)
    assert again is not None
    assert again.locked_until == AT + 61 * MINUTE


def test_a_try_while_locked_does_not_make_the_lock_longer(connection: Connection) -> None:
    for _ in range(50):
        users.count_try(connection, "mia", AT)

    tried = users.count_try(connection, "mia", AT + 30 * MINUTE)

    assert tried is not None
    assert tried.locked_until is None


def test_a_right_password_is_forgiven_all(connection: Connection) -> None:
    for _ in range(4):
        users.count_try(connection, "mia", AT)
    users.forgive(connection, "mia")

    tries = [users.count_try(connection, "mia", AT) for _ in range(5)]

    assert all(tried is not None and tried.locked_until is None for tried in tries)


def test_nobody_is_counted_for_a_name_that_nobody_has(connection: Connection) -> None:
    assert users.count_try(connection, "stranger", AT) is None


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.OPS, Role.ANALYST])
def test_a_manager_makes_no_user_of_the_office(
    connection: Connection, acting: Acting, role: Role
) -> None:
    with pytest.raises(MayNotGrant, match=role.value):
        users.add(connection, as_manager(acting), User("new", "New", role))


def test_a_manager_cannot_take_an_admin_out(connection: Connection, acting: Acting) -> None:
    out = User("olga", "Olga", Role.CASHIER, active=False)

    with pytest.raises(MayNotGrant):
        users.change(connection, as_manager(acting), out)

    assert users.user(connection, "olga") == OLGA


def test_the_last_admin_stays(connection: Connection, acting: Acting) -> None:
    with pytest.raises(LastAdmin):
        users.change(connection, acting, User("olga", "Olga", Role.OPS))

    users.change(connection, acting, User("mia", "Mia", Role.ADMIN))
    users.change(connection, acting, User("olga", "Olga", Role.OPS))

    assert users.user(connection, "olga").role is Role.OPS


def test_who_may_not_log_in_any_more_is_logged_out_everywhere(
    connection: Connection, acting: Acting
) -> None:
    cookie = sessions.begin(connection, "mia", AT)

    users.change(connection, acting, User("mia", "Mia", Role.MANAGER, "S1", active=False))

    assert sessions.find(connection, cookie, AT) is None


def test_another_password_ends_every_log_in_and_the_lock(
    connection: Connection, acting: Acting
) -> None:
    cookie = sessions.begin(connection, "mia", AT)
    for _ in range(6):
        users.count_try(connection, "mia", AT)

    users.set_password(connection, acting, "mia", "another hash")

    tried = users.count_try(connection, "mia", AT)
    assert tried is not None
    assert (tried.password_hash, tried.locked_until) == ("another hash", None)
    assert sessions.find(connection, cookie, AT) is None


def test_the_issuers_word_counts_for_who_was_linked_and_for_no_stranger(
    connection: Connection, acting: Acting
) -> None:
    users.link(connection, acting, "mia", "sub-1")

    assert users.user_of_subject(connection, "sub-1") == MIA
    assert users.user_of_subject(connection, "sub-2") is None
    assert users.user_of_subject(connection, "") is None


def test_nobody_changes_somebody_who_is_not_there(connection: Connection, acting: Acting) -> None:
    with pytest.raises(NoSuchUser, match="stranger"):
        users.set_password(connection, acting, "stranger", "hash")


def test_each_act_is_in_the_audit_without_any_hash(
    connection: Connection, acting: Acting, books: Database, ask: Ask
) -> None:
    users.set_password(connection, acting, "mia", "secret hash")
    connection.commit()

    acts = ask(
        "SELECT action, subject, actor, before || after FROM audit_entries ORDER BY sequence"
    )
    assert [act[:3] for act in acts] == [
        ("user_added", "olga", "olga"),
        ("user_added", "mia", "olga"),
        ("password_set", "mia", "olga"),
    ]
    assert "hash" not in repr(acts)
