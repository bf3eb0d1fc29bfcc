"""Revoked, copied, reinstated: the office says so, and the till stops or goes on (15, 23)."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from books import corner_shop
from offices import RunningOffice
from sqlalchemy import text
from waiting import until

from activities.db import shop
from activities.keys import PinPepper
from activities.secrets import hash_pin
from domain.catalog import Employee, Person, Shop
from domain.catalog import Till as KnownTill
from domain.sale import Sale
from till_kivy.enrolling import enrol
from till_kivy.errors import OfficeRefused
from till_kivy.office import HttpOffice
from till_kivy.permission import NotTrading
from till_kivy.till import Till

TEA = "4006381333931"
PIN = "135791"
_names = itertools.count(1)
Open = Callable[[Path], Till]


@pytest.fixture
def device(office: RunningOffice, tmp_path: Path) -> Path:
    """A folder that has become a till of the corner shop, where Ada works."""
    name = f"X{next(_names)}"
    pepper = PinPepper.at(office.settings.pin_pepper_file)
    hashed = hash_pin(pepper.of_store("S1"), PIN)
    ada = Employee("S1", Person("ada", "Ada", "cashier", hashed))
    with office.database.begin() as connection:
        shop.load_shop(connection, corner_shop())
        shop.load_shop(connection, Shop(tills=(KnownTill(name, "S1", name),), people=(ada,)))
    code = office.http.post(f"/tills/{name}/enrolment-code").json()["code"]
    enrol(tmp_path / name, office.settings.api_url, code)
    return tmp_path / name


@pytest.fixture
def open_till(office: RunningOffice) -> Iterator[Open]:
    with ExitStack() as opened:

        def one(folder: Path) -> Till:
            till = Till.open(folder, office.settings.api_url)
            opened.callback(till.close)
            assert till.uplink is not None
            assert till.uplink.sync.wait(20)
            till.register.log_in("ada", PIN)
            return till

        yield one


def sell(till: Till) -> Sale:
    till.register.scan(TEA)
    sale = till.register.pay(till.register.view().quick_cash[0])
    till.nudge()
    return sale


def stand(office: RunningOffice, folder: Path, standing: str, why: str) -> None:
    answer = office.http.put(
        f"/tills/{folder.name}/standing", json={"standing": standing, "why": why}
    )
    assert answer.status_code == 200, answer.text


def refuses_to_sell(till: Till) -> bool:
    try:
        till.register.permission.insist()
    except NotTrading:
        return True
    return False


def test_a_revoked_till_is_refused_on_its_next_request_and_stops(
    office: RunningOffice, device: Path, open_till: Open
) -> None:
    till = open_till(device)
    sell(till)
    assert till.drain(20)

    stand(office, device, "revoked", "It was stolen.")
    with (
        HttpOffice(office.settings.api_url, device.name, till.journal.signer) as next_request,
        pytest.raises(OfficeRefused, match=r"403.*stolen"),
    ):
        next_request.snapshot(0)
    sell(till)  # it cannot know yet; telling the office is its next request

    until(lambda: refuses_to_sell(till), 20)
    with pytest.raises(NotTrading, match="It was stolen"):
        till.register.scan(TEA)


def test_a_till_stays_revoked_after_a_restart_without_the_office(
    office: RunningOffice, device: Path, open_till: Open
) -> None:
    till = open_till(device)
    stand(office, device, "revoked", "It was stolen.")
    sell(till)
    until(lambda: refuses_to_sell(till), 20)
    till.close()

    alone = Till.open(device)

    assert refuses_to_sell(alone)
    alone.close()


def test_a_reinstated_till_sells_again_and_brings_what_it_had(
    office: RunningOffice, device: Path, open_till: Open
) -> None:
    till = open_till(device)
    stand(office, device, "revoked", "It was lost.")
    unsent = sell(till)
    until(lambda: refuses_to_sell(till), 20)

    stand(office, device, "trading", "It was found.")

    until(lambda: not refuses_to_sell(till), 40)
    sell(till)
    assert till.drain(40)
    assert office.http.get(f"/transactions/{unsent.id}").is_success


@dataclass
class Pair:
    """A till and its copy, both stopped since the office saw that they are two."""

    genuine: Till
    copy: Till


@pytest.fixture
def pair(office: RunningOffice, device: Path, open_till: Open, tmp_path: Path) -> Pair:
    genuine = open_till(device)
    sell(genuine)
    assert genuine.drain(20)
    genuine.close()
    copied = tmp_path / "copy" / device.name
    shutil.copytree(device, copied)
    genuine = open_till(device)
    sell(genuine)
    assert genuine.drain(20)
    copy = open_till(copied)  # its first entry is a second one of that number
    until(lambda: refuses_to_sell(copy), 40)
    genuine.register.log_out()
    genuine.nudge()
    until(lambda: refuses_to_sell(genuine), 40)
    return Pair(genuine, copy)


def tasks_of(office: RunningOffice, till_id: str) -> list[tuple[str, str]]:
    asked = text("SELECT kind, owner_role FROM exception_tasks WHERE till_id = :till")
    with office.database.begin() as connection:
        return [(kind, role) for kind, role in connection.execute(asked, {"till": till_id})]


def ask_for_lease(till: Till) -> None:
    """Let a till ask now instead of within its fifteen seconds."""
    assert till.uplink is not None
    till.uplink.renewal.nudge()


FORKED = ("till_forked", "manager")


@pytest.mark.timeout(180)
def test_a_copied_till_stops_at_the_first_fork_and_the_genuine_one_goes_on_when_it_may(
    office: RunningOffice, device: Path, pair: Pair
) -> None:
    found = tasks_of(office, device.name)
    pair.copy.close()

    stand(office, device, "trading", "The copy was wiped.")
    ask_for_lease(pair.genuine)

    until(lambda: not refuses_to_sell(pair.genuine), 40)
    pair.genuine.register.log_in("ada", PIN)
    sold = sell(pair.genuine)
    assert pair.genuine.drain(40)
    assert found == tasks_of(office, device.name) == [FORKED]
    assert office.http.get(f"/transactions/{sold.id}").is_success


@pytest.mark.timeout(180)
def test_a_copy_that_was_not_switched_off_stops_the_till_again(
    office: RunningOffice, device: Path, pair: Pair
) -> None:
    stand(office, device, "trading", "It was thought to be wiped.")
    ask_for_lease(pair.copy)

    until(lambda: tasks_of(office, device.name) == [FORKED, FORKED], 60)
    until(lambda: refuses_to_sell(pair.copy), 40)
