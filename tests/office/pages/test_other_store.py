"""Every page × whoever works for another store: nothing of this one is seen, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from browsing import Visitor, form_key, make_user
from offices import RunningOffice
from sqlalchemy import text
from walking import PAGES, Page

from activities.db import people, shop
from activities.db.people import Member
from activities.db.tasks import NewTask, open_task
from activities.db.users import Acting, User
from activities.keys import OfficeKey
from domain.audit import Actor
from domain.catalog import Shop, Till
from domain.roles import Role

OWN, OTHER = "S1", "S9"
PERSON, TILL, TASK = "canary-person", "canary-till", "A canary was copied."
MARKS = (PERSON, TILL, TASK, "Corner shop")
ROLES = (Role.SUPERVISOR, Role.MANAGER, Role.ANALYST)
CHANGED = ("people", "tills", "enrolment_codes", "exception_tasks", "users", "stores")
TYPED = {
    "store_id": OWN,
    "id": "new-1",
    "series": "NEW",
    "name": "New",
    "role": "cashier",
    "pin": "135791",
    "standing": "revoked",
    "why": "It is mine now.",
    "resolution": "It is mine now.",
    "active": "yes",
}
"""What some form of the pages needs, so that the store alone is in the way."""


@pytest.fixture(scope="module")
def filled(staffed: RunningOffice) -> dict[str, str]:
    """What the paths' names mean in the store that others must not see."""
    acting = Acting(OfficeKey.at(staffed.settings.office_key_file), Actor("olga", Role.ADMIN.value))
    with staffed.database.begin() as connection:
        shop.load_shop(connection, Shop(tills=(Till(TILL, OWN, "CAN"),)))
        people.add(connection, acting, Member(OWN, PERSON, "Canary", "cashier"), "hash")
        open_task(connection, NewTask(OWN, "till_forked", TASK, TASK))
        task = connection.execute(
            text("SELECT id FROM exception_tasks WHERE why = :why"), {"why": TASK}
        )
        return {
            "store_id": OWN,
            "person_id": PERSON,
            "till_id": TILL,
            "task_id": str(task.scalar_one()),
            "user_id": "mia",
        }


@pytest.fixture(scope="module")
def strangers(staffed: RunningOffice) -> Iterator[dict[Role, Visitor]]:
    """Each role that may be one store's, at work in the other store."""
    with ExitStack() as opened:
        found = {}
        for role in ROLES:
            make_user(staffed, User(f"other-{role.value}", "Other", role, OTHER))
            found[role] = opened.enter_context(Visitor(staffed))
            assert found[role].log_in(f"other-{role.value}").is_success
        yield found


def rows(office: RunningOffice) -> dict[str, list[Any]]:
    with office.database.begin() as connection:
        return {
            table: sorted(connection.exec_driver_sql(f"SELECT * FROM {table}").all(), key=repr)  # noqa: S608 -- ours
            for table in CHANGED
        }


def named(method: str) -> list[Page]:
    return [page for page in PAGES if page.method == method]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", named("GET"), ids=str)
def test_a_page_shows_nothing_of_a_store_that_is_not_ones_own(
    strangers: dict[Role, Visitor], filled: dict[str, str], page: Page, role: Role
) -> None:
    answer = strangers[role].http.get(page.at(filled))

    assert "{" not in page.path or answer.status_code == 403, answer.text
    assert [mark for mark in MARKS if mark in answer.text] == []


def test_what_must_not_be_seen_is_there_to_be_seen(
    filled: dict[str, str], manager: Visitor
) -> None:
    seen = "".join(manager.http.get(page.at(filled)).text for page in named("GET"))

    assert [mark for mark in MARKS if mark not in seen] == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", [page for page in PAGES if page.method != "GET"], ids=str)
def test_no_form_changes_anything_of_a_store_that_is_not_ones_own(
    staffed: RunningOffice,
    strangers: dict[Role, Visitor],
    filled: dict[str, str],
    page: Page,
    role: Role,
) -> None:
    before = rows(staffed)
    http = strangers[role].http

    key = form_key(http.get("/nothing"))
    answer = http.request(page.method, page.at(filled), data={"form_key": key, **TYPED})

    assert answer.status_code == 403, answer.text
    assert rows(staffed) == before
