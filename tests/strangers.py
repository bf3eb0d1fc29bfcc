"""Somebody of the office's machine who reaches Temporal's port and has no key of the office."""

from __future__ import annotations

import asyncio

from offices import RunningOffice
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from workflows import ids

LIE = {"sale_id": "00000000-0000-0000-0000-000000000000", "outcome": "recorded", "content_hash": ""}


async def start_plainly(office: RunningOffice, name: str, told: object, workflow_id: str) -> None:
    """Start a workflow as Temporal's own documentation teaches, and wait for its end."""
    client = await Client.connect(f"127.0.0.1:{office.settings.temporal_port}")
    handle = await client.start_workflow(name, told, id=workflow_id, task_queue=ids.TASK_QUEUE)
    async with asyncio.timeout(20):
        await handle.result()


@workflow.defn(name="Checkout", sandboxed=False)
class Liar:
    """Says of every sale that it is in the ledger."""

    @workflow.run
    async def run(self, _: RawValue) -> dict[str, str]:
        return LIE

    @workflow.update
    async def commit(self) -> dict[str, str]:
        return LIE


async def answer_plainly(office: RunningOffice) -> Worker:
    """Work on the office's queue; the caller shuts it down."""
    client = await Client.connect(f"127.0.0.1:{office.settings.temporal_port}")
    runner = UnsandboxedWorkflowRunner()
    liar = Worker(client, task_queue=ids.TASK_QUEUE, workflows=[Liar], workflow_runner=runner)
    return await liar.__aenter__()
