"""A device killed at any write of its enrolment becomes the till all the same, by the same code."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from faults.tills_found import strace
from offices import RunningOffice
from sqlalchemy import text

from activities.db import shop
from domain.catalog import Shop, Till
from till_kivy.clock import SystemClock
from till_kivy.enrolling import enrol, is_till
from till_kivy.journal_verify import verify_journal
from till_kivy.keystore import FileKeyStore
from till_kivy.permission import LeasedPermission
from till_kivy.till import open_journal

pytestmark = pytest.mark.timeout(300)
_names = itertools.count(1)


def new_code(office: RunningOffice) -> tuple[str, str]:
    """Add a till, and have a code made for it."""
    name = f"K{next(_names)}"
    with office.database.begin() as connection:
        shop.load_shop(connection, Shop(tills=(Till(name, "S1", name),)))
    return name, str(office.http.post(f"/tills/{name}/enrolment-code").json()["code"])


def killed_at(call: str, nth: int, device: Path, office: RunningOffice, code: str) -> bool:
    """Run the program and kill it at its n-th system call; tell whether it came that far."""
    program = [sys.executable, "-P", "-m", "till_kivy", "enrol"]
    done = subprocess.run(
        [
            *(strace(), "-f", "-qqq", "-o", os.devnull, "-e", f"trace={call}"),
            *("-e", f"inject={call}:signal=KILL:when={nth}"),
            *(*program, "--dir", str(device), "--office", office.settings.api_url),
        ],
        env=os.environ | {"TILLFLOW_ENROLMENT_CODE": code},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode != 0


def problems(device: Path, till_id: str, office: RunningOffice) -> list[str]:
    """Hold what is on the device against what the office knows, as far as it is the till."""
    found = []
    asked = text("SELECT public_key FROM tills WHERE id = :till")
    with office.database.begin() as connection:
        known = connection.scalar(asked, {"till": till_id})
    if FileKeyStore(device).signer().public_key != known:
        found.append("the office knows another key")
    if len(FileKeyStore(device).pin_pepper()) != 32:
        found.append("there is no pepper")
    with closing(open_journal(device)) as journal:
        LeasedPermission(journal, SystemClock()).insist()
        if bad := verify_journal(journal).first_bad:
            found.append(f"the journal is not sound: {bad.why}")
    return found


@pytest.mark.parametrize(("call", "at_least"), [("fsync", 10), ("rename", 4)])
def test_whenever_it_is_killed_the_same_code_makes_it_the_same_till(
    office: RunningOffice, tmp_path: Path, call: str, at_least: int
) -> None:
    found, half_made = [], 0
    for nth in itertools.count(1):
        device = tmp_path / str(nth)
        till_id, code = new_code(office)
        if not killed_at(call, nth, device, office, code):
            break
        if not is_till(device):
            half_made += 1
            enrol(device, office.settings.api_url, code)
        found += [f"{call} {nth}: {problem}" for problem in problems(device, till_id, office)]

    assert found == []
    assert half_made >= at_least - 2
    assert nth > at_least
