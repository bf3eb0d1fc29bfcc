"""The worker: runs the shop's workflows and their steps until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.settings import Settings
from activities.temporal import payload_keys, temporal_server
from workflows import ids
from workflows.checkout import Checkout
from workflows.client import connect
from workflows.export import Export
from workflows.reconciliation import Reconciliation
from workflows.schedules import schedule_export

THREADS = 16
"""Steps at a time; the database pool has as many connections."""

STOP_WITHIN = timedelta(seconds=20)
TRY_AGAIN_S = 1.0
# Fewer than the workflows in flight, and every task replays its whole history.
CACHED_WORKFLOWS = 2_000
WORKFLOWS = (Checkout, Reconciliation, Export)

_log = logging.getLogger(__name__)


def sandbox() -> SandboxedWorkflowRunner:
    """Keep clocks and randomness from workflows; what is pure or promised is not loaded again."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules("domain", "workflows")
    return SandboxedWorkflowRunner(restrictions=restrictions)


def office_worker(client: Client, steps: Sequence[Callable[..., Any]]) -> Worker:
    """Build the worker of every workflow with the given bodies of its steps."""
    return Worker(
        client,
        task_queue=ids.TASK_QUEUE,
        workflows=WORKFLOWS,
        activities=steps,
        activity_executor=ThreadPoolExecutor(THREADS, thread_name_prefix="step"),
        workflow_runner=sandbox(),
        max_cached_workflows=CACHED_WORKFLOWS,
        max_concurrent_activities=THREADS,
        max_concurrent_local_activities=THREADS,
        graceful_shutdown_timeout=STOP_WITHIN,
    )


async def work(
    settings: Settings, steps: Sequence[Callable[..., Any]], stop: asyncio.Event
) -> None:
    """Work until `stop` is set; what is running then gets 20 seconds to end."""
    client = await _connected(settings, stop)
    if client is None:
        return
    async with office_worker(client, steps):
        _log.info("The worker is at work on queue %s.", ids.TASK_QUEUE)
        await stop.wait()


async def _connected(settings: Settings, stop: asyncio.Event) -> Client | None:
    """Connect and set the schedules up, trying until Temporal is there or nobody wants it."""
    server = temporal_server(settings)
    keys = payload_keys(settings)
    while not stop.is_set():
        try:
            client = await connect(server, keys)
            await schedule_export(client, timedelta(seconds=settings.export_every_s))
        except (RuntimeError, RPCError) as error:
            _log.warning("Temporal at %s does not answer yet: %s", server.address, error)
            await _pause(stop)
        else:
            return client
    return None


async def _pause(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), TRY_AGAIN_S)
    except TimeoutError:
        return
