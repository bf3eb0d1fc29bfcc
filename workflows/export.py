"""Export: what the ledger holds, day by day, into the analysts' files."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import attributes, steps
    from workflows.steps import ExportAsked, ExportedDay, StoreDay

AT_ONCE = 4
DAYS_A_RUN = 500
"""A history of 500 days has about 3,000 events; the rest goes on in a fresh one."""


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

    def plus(self, day: ExportedDay) -> ExportTotals:
        """Count one more day."""
        totals = {total.currency: total.total_minor for total in self.totals}
        if day.currency:
            totals[day.currency] = totals.get(day.currency, 0) + day.total_minor
        return ExportTotals(
            days=self.days + 1,
            sales=self.sales + day.sales,
            lines=self.lines + day.lines,
            totals=tuple(CurrencyTotal(*total) for total in sorted(totals.items())),
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
        for chunk in _chunks(days[:DAYS_A_RUN]):
            for day in await asyncio.gather(*(_export(day) for day in chunk)):
                totals = totals.plus(day)
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


def _chunks(days: tuple[StoreDay, ...]) -> list[tuple[StoreDay, ...]]:
    return [days[start : start + AT_ONCE] for start in range(0, len(days), AT_ONCE)]


async def _export(day: StoreDay) -> ExportedDay:
    summary = f"{day.store_id} {day.business_date.isoformat()}"
    settings: workflow.ActivityConfig = {**steps.EXPORT_DAY, "summary": summary}
    return await workflow.execute_activity(steps.export_day, day, **settings)
