"""Export: what the ledger holds, day by day, into the analysts' files."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import attributes, steps
    from workflows.steps import DaysToExport, ExportAsked, ExportedDay, StoreDay

Part = TypeVar("Part")

DAYS_A_CHUNK = 100
"""Days are read together: one query for 100 of them is hardly dearer than for one."""

CHUNKS_AT_ONCE = 2
DAYS_A_RUN = 20_000
"""A history of 200 chunks has about 1,200 events; the rest goes on in a fresh one."""


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """What was exported in one currency."""

    currency: str
    total_minor: int


@dataclass(frozen=True, slots=True)
class ExportTotals:
    """What an export wrote."""

    days: int = 0
    sales: int = 0
    lines: int = 0
    totals: tuple[CurrencyTotal, ...] = ()

    def plus(self, written: Sequence[ExportedDay]) -> ExportTotals:
        """Count some more days."""
        totals = Counter({total.currency: total.total_minor for total in self.totals})
        for day in written:
            totals[day.currency] += day.total_minor
        return ExportTotals(
            days=self.days + len(written),
            sales=self.sales + sum(day.sales for day in written),
            lines=self.lines + sum(day.lines for day in written),
            totals=tuple(CurrencyTotal(*total) for total in sorted(totals.items()) if total[0]),
        )


@dataclass(frozen=True, slots=True)
class ExportRun:
    """What was asked, and for a continued run what is left and what was written so far."""

    asked: ExportAsked
    left: tuple[StoreDay, ...] | None = None
    so_far: ExportTotals = ExportTotals()


@workflow.defn
class Export:
    """Write every day that was asked for; returns the totals that must equal the ledger's."""

    @workflow.run
    async def run(self, asked: ExportRun) -> ExportTotals:
        """Find the days, write a few at a time, and say what was written."""
        days = await _days(asked)
        totals = asked.so_far
        for chunks in _cut(_cut(days[:DAYS_A_RUN], DAYS_A_CHUNK), CHUNKS_AT_ONCE):
            for written in await asyncio.gather(*(_export(chunk) for chunk in chunks)):
                totals = totals.plus(written)
            workflow.set_current_details(f"{totals.days} days, {totals.sales} sales written.")
        if left := days[DAYS_A_RUN:]:
            workflow.continue_as_new(ExportRun(asked.asked, left, totals))
        workflow.upsert_search_attributes(
            [attributes.STATE.value_set(attributes.State.EXPORTED.value)]
        )
        return totals


async def _days(asked: ExportRun) -> tuple[StoreDay, ...]:
    if asked.left is not None:
        return asked.left
    found = await workflow.execute_activity(
        steps.days_to_export, asked.asked, **steps.DAYS_TO_EXPORT
    )
    return found.days


def _cut(whole: Sequence[Part], size: int) -> list[Sequence[Part]]:
    return [whole[start : start + size] for start in range(0, len(whole), size)]


async def _export(days: Sequence[StoreDay]) -> Sequence[ExportedDay]:
    chunk = DaysToExport(tuple(days))
    summary = f"{len(days)} days from {days[0].store_id} {days[0].business_date.isoformat()}"
    settings: workflow.ActivityConfig = {**steps.EXPORT_CHUNK, "summary": summary}
    written = await workflow.execute_activity(steps.export_chunk, chunk, **settings)
    return written.days
