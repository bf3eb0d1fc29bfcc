"""Export: the days that were found are written, a few at a time; the totals add up."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta

import pytest
from loops import Loop
from temporalio import activity
from temporalio.client import (
    Client,
    ScheduleActionExecutionStartWorkflow,
    ScheduleOverlapPolicy,
)

import workflows.export
from activities.worker import office_worker
from api.engines.temporal import EmbeddedTemporal
from workflows import ids
from workflows.client import TemporalServer, connect, export
from workflows.codec import PayloadKeys
from workflows.export import CurrencyTotal, Export, ExportTotals
from workflows.schedules import schedule_export
from workflows.steps import DaysExported, DaysToExport, ExportAsked, ExportedDay, StoreDay

KEYS = PayloadKeys("test", {"test": b"k" * 32})
FIRST = dt.date(2026, 1, 1)


class Files:
    """An export folder that counts; every second day is of a shop with yen."""

    def __init__(self, days: int) -> None:
        self.days = tuple(StoreDay("S1", FIRST + timedelta(days=n)) for n in range(days))
        self.written: list[StoreDay] = []

    @activity.defn
    def days_to_export(self, asked: ExportAsked) -> DaysToExport:
        return DaysToExport(self.days)

    @activity.defn
    def export_chunk(self, chunk: DaysToExport) -> DaysExported:
        self.written.extend(chunk.days)
        return DaysExported(tuple(written(day) for day in chunk.days))


def written(day: StoreDay) -> ExportedDay:
    currency = "JPY" if day.business_date.day % 2 else "EUR"
    return ExportedDay(day.store_id, day.business_date, 2, 5, 100, currency)


@pytest.fixture
def client(temporal: EmbeddedTemporal, loop: Loop) -> Client:
    return loop.run(connect(TemporalServer(temporal.address), KEYS))


async def export_with(client: Client, files: Files, name: str) -> ExportTotals:
    async with office_worker(client, [files.days_to_export, files.export_chunk]):
        return await export(client, ExportAsked(everything=True), name)


def test_an_export_writes_every_day_once_and_adds_up_by_currency(
    client: Client, loop: Loop
) -> None:
    files = Files(days=6)

    totals = loop.run(export_with(client, files, "six"))

    assert sorted(files.written) == list(files.days)
    assert totals == ExportTotals(
        days=6, sales=12, lines=30, totals=(CurrencyTotal("EUR", 300), CurrencyTotal("JPY", 300))
    )


def test_a_large_export_goes_on_in_a_fresh_history(
    client: Client, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows.export, "DAYS_A_RUN", 8)
    monkeypatch.setattr(workflows.export, "DAYS_A_CHUNK", 3)
    files = Files(days=20)

    totals = loop.run(export_with(client, files, "twenty"))

    assert totals.days == 20
    assert sorted(files.written) == list(files.days)
    first = client.get_workflow_handle(ids.export("twenty"))
    described = loop.run(first.describe())
    assert described.run_id != described.raw_description.workflow_execution_info.first_run_id


def test_the_schedule_is_made_once_and_follows_its_setting(client: Client, loop: Loop) -> None:
    loop.run(schedule_export(client, timedelta(minutes=5)))
    loop.run(schedule_export(client, timedelta(minutes=7)))

    described = loop.run(client.get_schedule_handle(ids.EXPORT_SCHEDULE).describe())

    assert [spec.every for spec in described.schedule.spec.intervals] == [timedelta(minutes=7)]
    assert described.schedule.policy.overlap is ScheduleOverlapPolicy.SKIP


def test_the_schedule_starts_an_export(client: Client, loop: Loop) -> None:
    files = Files(days=1)
    loop.run(schedule_export(client, timedelta(minutes=5)))

    async def triggered() -> ExportTotals:
        handle = client.get_schedule_handle(ids.EXPORT_SCHEDULE)
        async with office_worker(client, [files.days_to_export, files.export_chunk]):
            await handle.trigger()
            while not (running := (await handle.describe()).info.recent_actions):
                pass
            action = running[-1].action
            assert isinstance(action, ScheduleActionExecutionStartWorkflow)
            started = action.workflow_id
            return await client.get_workflow_handle_for(Export.run, started).result()

    totals = loop.run(triggered())

    assert totals.days == 1
