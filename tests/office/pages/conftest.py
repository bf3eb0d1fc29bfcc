"""An office in which an admin, a manager, a cashier and an analyst may log in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import PASSWORD, Visitor, make_user
from chromium import PHONE, Browser, browser
from offices import RunningOffice

from activities.db import shop
from activities.db.users import User
from domain.catalog import Shop, Store
from domain.roles import Role

USERS = (
    User("olga", "Olga", Role.ADMIN),
    User("mia", "Mia", Role.MANAGER, "S1"),
    User("max", "Max", Role.MANAGER, "S9"),
    User("ana", "Ana", Role.ANALYST),
)


@pytest.fixture(scope="module")
def staffed(office: RunningOffice) -> RunningOffice:
    with office.database.begin() as connection:
        shop.load_shop(connection, Shop(stores=(Store("S9", "Other shop", "EUR"),)))
    for user in USERS:
        make_user(office, user)
    return office


@pytest.fixture
def visitor(staffed: RunningOffice) -> Iterator[Visitor]:
    """Somebody in front of a browser who has not logged in."""
    with Visitor(staffed) as opened:
        yield opened


@pytest.fixture
def manager(visitor: Visitor) -> Visitor:
    assert visitor.log_in("mia").is_success
    return visitor


@pytest.fixture
def admin(staffed: RunningOffice) -> Iterator[Visitor]:
    with Visitor(staffed) as opened:
        assert opened.log_in("olga").is_success
        yield opened


@pytest.fixture(scope="module")
def manager_at(staffed: RunningOffice) -> Iterator[Browser]:
    """A manager who has logged in on a phone."""
    with browser(staffed.settings.api_url) as opened:
        opened.size(*PHONE)
        opened.open("/log-in?next=/people")
        opened.fill(login="mia", password=PASSWORD)
        opened.press("Log in")
        opened.until_at("/people")
        yield opened
