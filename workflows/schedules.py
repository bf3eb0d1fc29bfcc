"""What the office does by the clock."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import Priority

from workflows import attributes, ids
from workflows.client import OFFICE
from workflows.export import Export, ExportRun
from workflows.steps import ExportAsked


async def schedule_export(client: Client, every: timedelta) -> None:
    """Export what has changed again and again; never two at once."""
    schedule = _export_schedule(every)
    try:
        await client.create_schedule(ids.EXPORT_SCHEDULE, schedule)
    except ScheduleAlreadyRunningError:

        def renew(_: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(schedule)

        await client.get_schedule_handle(ids.EXPORT_SCHEDULE).update(renew)


def _export_schedule(every: timedelta) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            Export.run,
            ExportRun(ExportAsked()),
            id=ids.export("schedule"),
            task_queue=ids.TASK_QUEUE,
            typed_search_attributes=attributes.of_export(),
            static_summary="Export of what has changed",
            priority=Priority(priority_key=OFFICE),
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        # After an outage one run catches up with everything, so that none is made up for.
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(seconds=10)
        ),
    )
