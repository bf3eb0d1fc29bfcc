"""What a till's journal tells becomes a task for a person as soon as the API takes it in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from builders import AT, new_id
from offices import RunningOffice
from papers import enrolled, send
from sqlalchemy import text

from activities.db import standing
from activities.keys import OfficeKey
from domain.events import LineVoided, StandingLearned
from domain.lease import Lease, Standing
from domain.money import Money
from domain.quantity import Quantity


def tasks(office: RunningOffice, till_id: str) -> list[tuple[str, str]]:
    query = text("SELECT kind, subject FROM exception_tasks WHERE till_id = :till_id")
    with office.database.begin() as connection:
        return [(row.kind, row.subject) for row in connection.execute(query, {"till_id": till_id})]


def test_a_sale_after_the_end_of_the_tills_lease_is_a_task(
    office: RunningOffice, tmp_path: Path
) -> None:
    till = enrolled(office, tmp_path)
    hour = dt.timedelta(hours=1)
    lease = Lease(till.id, Standing.TRADING, AT - 72 * hour, AT - hour)
    key = OfficeKey.at(office.settings.office_key_file)
    learned = StandingLearned.of(standing.signed(key, lease))

    answer = send(office, till, learned, till.next_sale())

    assert answer.json()["refused"] == [], answer.text
    assert tasks(office, till.id) == [("sold_without_lease", f"{till.id} on {AT.date()}")]


def test_a_void_and_a_sale_by_nobody_of_the_store_are_tasks(
    office: RunningOffice, tmp_path: Path
) -> None:
    till = enrolled(office, tmp_path)
    tea = Quantity.pieces(1)
    void = LineVoided(new_id(), new_id(), "TEA", tea, "eve", Money(100, "EUR"))

    answer = send(office, till, void, replace(till.next_sale(), cashier_id="eve"))

    assert answer.json()["refused"] == [], answer.text
    assert sorted(tasks(office, till.id)) == [
        ("approval_invalid", f"{till.id}/1/1"),
        ("unknown_person", f"{till.id}/eve/{AT.date()}"),
    ]
