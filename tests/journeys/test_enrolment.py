"""A device becomes a till by a code, over the real API, whatever breaks off on the way."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from offices import RunningOffice
from quiet_ports import quiet_port

from activities.db import shop
from domain.catalog import Shop, Till
from domain.lease import Standing
from till_kivy import till as tills
from till_kivy.clock import SystemClock
from till_kivy.enrolling import CodeRefused, OfficeNotReached, enrol, is_till
from till_kivy.errors import KeysUnusable, TillOccupied
from till_kivy.keystore import FileKeyStore
from till_kivy.occupied import Occupied
from till_kivy.permission import LeasedPermission
from till_kivy.till import open_journal

_names = itertools.count(1)


@pytest.fixture
def till_id(office: RunningOffice) -> str:
    """A till that no device is yet."""
    name = f"E{next(_names)}"
    with office.database.begin() as connection:
        shop.load_shop(connection, Shop(tills=(Till(name, "S1", name),)))
    return name


@pytest.fixture
def code(office: RunningOffice, till_id: str) -> str:
    answer = office.http.post(f"/tills/{till_id}/enrolment-code")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


@pytest.fixture
def device(tmp_path: Path) -> Path:
    return tmp_path / "device"


def test_a_device_becomes_a_till_that_may_sell_at_once(
    office: RunningOffice, till_id: str, code: str, device: Path
) -> None:
    enrolled = enrol(device, office.settings.api_url, code)

    journal = open_journal(device)
    named = tills.identity(device)
    LeasedPermission(journal, SystemClock()).insist()
    journal.close()
    assert (named.id, named.series) == (enrolled.till_id, enrolled.series) == (till_id, till_id)
    assert FileKeyStore(device).pin_pepper().hex() == enrolled.pin_pepper
    assert enrolled.lease.lease.standing is Standing.TRADING


def test_what_a_device_was_given_differs_from_store_to_store_and_is_no_secret_of_the_office(
    office: RunningOffice, code: str, device: Path
) -> None:
    enrol(device, office.settings.api_url, code)

    pepper = FileKeyStore(device).pin_pepper().hex()
    assert len(pepper) == 64
    assert pepper != office.settings.pin_pepper_file.read_text().strip()


@pytest.mark.parametrize("left", ["till.key", "pin.pepper", "journal.sqlite"])
def test_an_enrolment_that_broke_off_is_begun_again_with_the_same_code(
    office: RunningOffice, till_id: str, code: str, device: Path, left: str
) -> None:
    """As after a power cut: everything written after `left` is not there."""
    enrol(device, office.settings.api_url, code)
    first = FileKeyStore(device).signer().public_key
    order = ["till.key", "journal.key", "pin.pepper", "journal.sqlite", "till.json"]
    for name in order[order.index(left) + 1 :]:
        for file in device.glob(f"{name}*"):
            file.unlink()

    again = enrol(device, office.settings.api_url, code)

    assert again.till_id == till_id
    assert FileKeyStore(device).signer().public_key == first
    assert is_till(device)
    open_journal(device).close()


def test_a_used_code_makes_no_second_till_and_leaves_the_device_as_it_was(
    office: RunningOffice, code: str, device: Path, tmp_path: Path
) -> None:
    enrol(tmp_path / "first", office.settings.api_url, code)

    with pytest.raises(CodeRefused, match="another device"):
        enrol(device, office.settings.api_url, code)

    assert not is_till(device)
    assert {file.name for file in device.iterdir()} == {
        "till.key",
        "journal.key",
        "till.lock",
    }


def test_a_wrong_code_is_refused_in_the_offices_words(office: RunningOffice, device: Path) -> None:
    with pytest.raises(CodeRefused, match="not good"):
        enrol(device, office.settings.api_url, "K7QM-4T9X-2HRP")


def test_a_text_that_is_no_code_is_told_what_one_looks_like(
    office: RunningOffice, device: Path
) -> None:
    with pytest.raises(CodeRefused, match="K7QM-4T9X-2HRP"):
        enrol(device, office.settings.api_url, "hello")


def test_an_office_that_is_away_is_said_to_be_away(device: Path) -> None:
    with pytest.raises(OfficeNotReached, match="the same code again"):
        enrol(device, f"http://127.0.0.1:{quiet_port()}", "K7QM-4T9X-2HRP")

    assert not is_till(device)


def test_two_programs_do_not_enrol_one_device_at_once(device: Path) -> None:
    device.mkdir()
    with closing(Occupied(device)), pytest.raises(TillOccupied):
        enrol(device, f"http://127.0.0.1:{quiet_port()}", "K7QM-4T9X-2HRP")


def test_a_disk_that_takes_no_keys_is_said_to_be_full(device: Path) -> None:
    device.write_text("a file where the folder should be")

    with pytest.raises(KeysUnusable, match="Make room"):
        enrol(device, f"http://127.0.0.1:{quiet_port()}", "K7QM-4T9X-2HRP")


def test_a_till_is_not_enrolled_over(office: RunningOffice, code: str, device: Path) -> None:
    enrol(device, office.settings.api_url, code)

    with pytest.raises(KeysUnusable, match="already"):
        enrol(device, office.settings.api_url, code)


def test_the_program_takes_the_code_from_its_environment_and_never_as_a_word(
    office: RunningOffice, till_id: str, code: str, device: Path
) -> None:
    program = [sys.executable, "-P", "-m", "till_kivy", "enrol"]
    place = ["--dir", str(device), "--office", office.settings.api_url]

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*program, *place, *more],
            env=os.environ | {"TILLFLOW_ENROLMENT_CODE": code},
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    as_a_word = run("--code", code)
    done = run()

    assert as_a_word.returncode != 0
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["till_id"] == till_id
