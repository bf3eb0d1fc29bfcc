"""People of the tills, changed in the office: audited, kept to roles, and told to the tills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from books import Ask

from activities.db import people, queries
from activities.db.checks import BadId, NoSuchStore
from activities.db.engine import Connection, Database
from activities.db.people import Member, NoRoleAtTills, NoSuchPerson, PersonExists
from activities.db.users import Acting, BadName, MayNotGrant
from activities.keys import OfficeKey
from domain.audit import Actor

ADA = Member("S1", "7", "Ada", "cashier")
MARK = "a" * 64


@pytest.fixture
def acting(tmp_path: Path) -> Acting:
    return Acting(OfficeKey.at(tmp_path / "office"), Actor("mia", "manager", "192.0.2.7"))


@pytest.fixture
def connection(books: Database, acting: Acting) -> Iterator[Connection]:
    """A transaction over books in which Ada works in the store."""
    with books.begin() as opened:
        people.add(opened, acting, ADA, "hash")
        yield opened


def version(connection: Connection) -> int:
    return queries.snapshot_version(connection, "T1")


def test_somebody_added_is_known_to_the_stores_tills(connection: Connection) -> None:
    known = queries.snapshot(connection, "T1").people

    assert ("7", "Ada", "cashier") in [(person.id, person.name, person.role) for person in known]
    assert replace(ADA, has_pin=True) in people.members(connection, "S1")
    assert people.members(connection, "S2") == []


def test_each_change_is_heard_by_the_tills(connection: Connection, acting: Acting) -> None:
    before = version(connection)

    people.change(connection, acting, replace(ADA, name="Ada Lovelace"))
    people.set_pin(connection, acting, ADA, "another")
    people.set_badge(connection, acting, ADA, MARK)

    assert version(connection) == before + 3


def test_who_works_here_no_more_is_unknown_to_the_tills_and_stays_in_the_books(
    connection: Connection, acting: Acting
) -> None:
    people.change(connection, acting, replace(ADA, active=False))

    assert "7" not in {person.id for person in queries.snapshot(connection, "T1").people}
    assert people.member(connection, "S1", "7").name == "Ada"


def test_a_number_is_given_once(connection: Connection, acting: Acting) -> None:
    with pytest.raises(PersonExists, match="'7'"):
        people.add(connection, acting, replace(ADA, name="Ben"), "hash")


def test_a_manager_makes_no_manager_and_changes_none(
    connection: Connection, acting: Acting
) -> None:
    admin = Acting(acting.signer, Actor("olga", "admin"))
    boss = Member("S1", "8", "Boss", "manager")
    people.add(connection, admin, boss, "hash")

    acts: list[Callable[[], None]] = [
        partial(people.add, connection, acting, replace(boss, id="9"), "hash"),
        partial(people.change, connection, acting, replace(ADA, role="manager")),
        partial(people.change, connection, acting, replace(boss, role="cashier")),
        partial(people.set_pin, connection, acting, boss, "hash"),
        partial(people.set_badge, connection, acting, boss, MARK),
    ]
    for act in acts:
        with pytest.raises(MayNotGrant):
            act()


@pytest.mark.parametrize("role", ["admin", "analyst", "king", ""])
def test_a_role_without_a_till_is_refused(
    connection: Connection, acting: Acting, role: str
) -> None:
    with pytest.raises(NoRoleAtTills, match="cashier"):
        people.add(connection, acting, Member("S1", "8", "Ben", role), "hash")


@pytest.mark.parametrize(("number", "name"), [("8", " "), ("8", "x" * 101), ("", "Ben")])
def test_names_and_numbers_have_a_length(
    connection: Connection, acting: Acting, number: str, name: str
) -> None:
    with pytest.raises(BadName):
        people.add(connection, acting, Member("S1", number, name, "cashier"), "hash")


@pytest.mark.parametrize("number", ["a/b", "..", "a b", "a?b", "a#b", "a%2Fb", "a\0b"])
def test_a_number_is_one_that_pages_can_link_to(
    connection: Connection, acting: Acting, number: str
) -> None:
    with pytest.raises(BadId, match="letter or digit"):
        people.add(connection, acting, Member("S1", number, "Odd", "cashier"), "hash")


def test_nobody_works_in_a_store_that_is_not_there(connection: Connection, acting: Acting) -> None:
    with pytest.raises(NoSuchStore, match="S8"):
        people.add(connection, acting, Member("S8", "8", "Ben", "cashier"), "hash")


def test_nobody_is_found_who_is_not_there(connection: Connection) -> None:
    with pytest.raises(NoSuchPerson, match="404"):
        people.member(connection, "S1", "404")


def test_each_act_is_in_the_audit_without_pin_or_badge(
    connection: Connection, acting: Acting, ask: Ask
) -> None:
    people.set_pin(connection, acting, ADA, "secret")
    people.set_badge(connection, acting, ADA, MARK)
    people.set_badge(connection, acting, ADA, "")
    connection.commit()

    acts = ask(
        "SELECT action, subject, actor, before || after FROM audit_entries ORDER BY sequence"
    )
    assert [act[:3] for act in acts] == [
        ("person_added", "7", "mia"),
        ("pin_set", "7", "mia"),
        ("badge_set", "7", "mia"),
        ("badge_taken", "7", "mia"),
    ]
    assert "secret" not in repr(acts)
    assert MARK not in repr(acts)
