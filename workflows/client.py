"""How the office's programs reach Temporal: connect, post a sale, post a backlog, export.

Every call has a deadline and raises `WorkflowsAway` when it passes: what was started is durable
and goes on, and the same call again meets it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypedDict, TypeVar

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import GrpcCompression, KeepAliveConfig, RetryConfig, RPCError

from domain.errors import DomainError
from domain.ledger import Posted
from domain.sale import Sale
from workflows import attributes, ids
from workflows.attributes import Covered
from workflows.checkout import Checkout
from workflows.codec import CannotDecrypt, KeyRing, NotEncrypted, data_converter
from workflows.export import Export, ExportRun, ExportTotals
from workflows.reconciliation import Reconciliation
from workflows.steps import Backlog, BacklogPosted, ExportAsked

# A dead worker's task goes to another one after this; a cashier may be waiting.
TASK_TIMEOUT = timedelta(seconds=3)
GIVE_UP_MS = 3_000
SUMMARY_BYTES = 150
FAIRNESS_BYTES = 64
LIVE, OFFICE, BULK = 1, 3, 5

_NOT_SAID = Covered()

Answer = TypeVar("Answer")


class WorkflowsAway(DomainError):
    """Temporal or its worker does not answer now; repeating is safe."""

    status = 503

    def __init__(self, why: str) -> None:
        super().__init__(f"The office's workflows are away ({why}). Repeat later.")


class _ListTooLong(Exception):
    """The server was not told `attributes.LIST_LIMIT`."""


class BrokenOff(Exception):
    """A workflow that ended without an answer of the office's; `next_id` may try again."""

    def __init__(self, workflow_id: str, next_id: str) -> None:
        super().__init__(f"Workflow {workflow_id} was broken off.")
        self.next_id = next_id


@dataclass(frozen=True, slots=True)
class Word(Generic[Answer]):
    """What a workflow said, and the next one to start should the ledger know nothing of it."""

    said: Answer
    next_id: str


@dataclass(frozen=True, slots=True)
class TemporalServer:
    """Where Temporal is; TLS and API key of a `shared` one come from Temporal's own environment."""

    address: str
    namespace: str = "default"
    shared: bool = False


async def connect(server: TemporalServer, ring: KeyRing) -> Client:
    """Connect to Temporal, for a program that works as long as Temporal does."""
    return await Client.connect(
        **_config(server),
        data_converter=data_converter(ring),
        grpc_compression=_compression(server),
    )


async def client_for_requests(server: TemporalServer, ring: KeyRing) -> Client:
    """Make a client that connects with its first call and gives a lost server up in seconds."""
    return await Client.connect(
        **_config(server),
        data_converter=data_converter(ring),
        grpc_compression=_compression(server),
        lazy=True,
        retry_config=RetryConfig(max_elapsed_time_millis=GIVE_UP_MS, max_interval_millis=500),
        keep_alive_config=KeepAliveConfig(interval_millis=5_000, timeout_millis=5_000),
    )


def _config(server: TemporalServer) -> ClientConnectConfig:
    config: ClientConnectConfig = {}
    if server.shared:
        config = ClientConfigProfile.load().to_client_connect_config()
    config |= {"target_host": server.address, "namespace": server.namespace}
    return config


def _compression(server: TemporalServer) -> GrpcCompression:
    return GrpcCompression.GZIP if server.shared else GrpcCompression.NONE


async def commit_sale(
    client: Client, sale: Sale, *, workflow_id: str = "", wait_s: float = 10.0
) -> Word[Posted]:
    """Start or join the sale's Checkout and wait for its word; raises `BrokenOff`.

    A Checkout that ended before gives its word again.
    """
    start = WithStartWorkflowOperation(
        Checkout.run,
        sale,
        id=workflow_id or ids.sale(sale.id),
        search_attributes=attributes.of_sale(sale),
        priority=_priority(LIVE, sale.store_id),
        **_once(f"{sale.receipt_number}: {len(sale.lines)} lines, {sale.total}, {sale.store_id}"),
    )
    answer = client.execute_update_with_start_workflow(
        Checkout.commit, start_workflow_operation=start, id=ids.COMMIT
    )
    return await _within(wait_s, answer, start)


async def reconcile(
    client: Client,
    store_id: str,
    backlog: Backlog,
    covered: Covered = _NOT_SAID,
    *,
    workflow_id: str = "",
    wait_s: float = 12.0,
) -> Word[BacklogPosted]:
    """Start or join the till's Reconciliation up to a head; raises `BrokenOff`.

    `covered` is what operators find it by; a server that takes no lists so long does without.
    """
    workflow_id = workflow_id or ids.reconcile(backlog)
    try:
        return await _reconcile(client, store_id, backlog, covered, workflow_id, wait_s)
    except _ListTooLong:
        return await _reconcile(client, store_id, backlog, _NOT_SAID, workflow_id, wait_s)


async def _reconcile(
    client: Client,
    store_id: str,
    backlog: Backlog,
    covered: Covered,
    workflow_id: str,
    wait_s: float,
) -> Word[BacklogPosted]:
    start = WithStartWorkflowOperation(
        Reconciliation.run,
        backlog,
        id=workflow_id,
        search_attributes=attributes.of_backlog(store_id, backlog.till_id, covered),
        priority=_priority(BULK, backlog.till_id),
        **_once(f"Till {backlog.till_id}: everything up to entry {backlog.up_to}"),
    )
    answer = client.execute_update_with_start_workflow(
        Reconciliation.commit, start_workflow_operation=start, id=ids.COMMIT
    )
    return await _within(wait_s, answer, start)


class _Once(TypedDict):
    task_queue: str
    id_conflict_policy: WorkflowIDConflictPolicy
    id_reuse_policy: WorkflowIDReusePolicy
    task_timeout: timedelta
    memo: dict[str, str]
    static_summary: str


def _once(told: str) -> _Once:
    """Run a workflow once for its id, for ever, and let `told` stand beside it in the list."""
    summary = attributes.shortened(told, SUMMARY_BYTES)
    return _Once(
        task_queue=ids.TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        task_timeout=TASK_TIMEOUT,
        memo={"summary": summary},
        static_summary=summary,
    )


def _priority(key: int, fairness: str) -> Priority:
    return Priority(priority_key=key, fairness_key=attributes.shortened(fairness, FAIRNESS_BYTES))


async def export(
    client: Client, asked: ExportAsked, asked_at: str, *, wait_s: float = 3600.0
) -> ExportTotals:
    """Start an export on demand, or join the one asked at the same moment, and wait for it."""
    summary = "Export on demand"
    handle = await client.start_workflow(
        Export.run,
        ExportRun(asked),
        id=ids.export(asked_at),
        task_queue=ids.TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        search_attributes=attributes.of_export(),
        memo={"summary": summary},
        static_summary=summary,
        priority=Priority(priority_key=OFFICE),
    )
    async with asyncio.timeout(wait_s):
        return await handle.result()


async def _within(
    wait_s: float, answer: Awaitable[Answer], start: WithStartWorkflowOperation[Any, Any]
) -> Word[Answer]:
    """Await an answer and turn all that may happen on the way into two errors."""
    try:
        async with asyncio.timeout(wait_s):
            said = await answer
            return Word(said, await _next_id(start))
    except WorkflowAlreadyStartedError as error:
        next_id = ids.after(error.workflow_id, error.run_id or "")
        raise BrokenOff(error.workflow_id, next_id) from error
    except (WorkflowUpdateFailedError, NotEncrypted, CannotDecrypt) as error:
        raise BrokenOff("that was to answer", await _next_id(start)) from error
    except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError) as error:
        raise WorkflowsAway(f"no answer within {wait_s:.0f} s; it goes on by itself") from error
    except (RPCError, RuntimeError) as error:
        if "exceeds size limit" in str(error):
            raise _ListTooLong from error
        # A client that cannot connect says so by a bare RuntimeError.
        raise WorkflowsAway(str(error)) from error
    finally:
        await _look_at(start)


async def _next_id(start: WithStartWorkflowOperation[Any, Any]) -> str:
    handle = await start.workflow_handle()
    return ids.after(handle.id, handle.result_run_id or "")


async def _look_at(start: WithStartWorkflowOperation[Any, Any]) -> None:
    """Look at how the start went, or asyncio complains about an error that nobody looked at."""
    handle = asyncio.ensure_future(start.workflow_handle())
    done, _ = await asyncio.wait({handle}, timeout=0.01)
    if not done:
        handle.cancel()
    elif not handle.cancelled():
        handle.exception()
