"""Is the office well? Asked by `tillflow doctor`, by load balancers and by people."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError

from activities.db.engine import DatabaseAway
from api.callers import EVERYBODY
from api.deps import Office, OpenOffice
from workflows import ids

ANSWER_WITHIN = timedelta(seconds=2)
WELL = "ok"

router = APIRouter(tags=["health"])


@dataclass(frozen=True, slots=True)
class Health:
    """`ok`, or for each part a sentence about what is wrong with it."""

    postgresql: str
    temporal: str
    worker: str

    @property
    def well(self) -> bool:
        """Tell whether everything works."""
        return {self.postgresql, self.temporal, self.worker} == {WELL}


@router.get(
    "/health",
    summary="Ask how the office is",
    dependencies=[EVERYBODY],
    responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Health, "description": "Not well."}},
)
async def health(office: OpenOffice, response: Response) -> Health:
    """200 when PostgreSQL, Temporal and a worker answer, 503 otherwise; never takes long."""
    postgresql, (temporal, worker) = await asyncio.gather(
        run_in_threadpool(_postgresql, office), _temporal(office)
    )
    found = Health(postgresql, temporal, worker)
    if not found.well:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return found


def _postgresql(office: Office) -> str:
    try:
        # The pool asks PostgreSQL for a sign of life before it lends a connection.
        with office.database.begin():
            return WELL
    except DatabaseAway as error:
        return str(error)


async def _temporal(office: Office) -> tuple[str, str]:
    request = DescribeTaskQueueRequest(
        namespace=office.temporal.namespace,
        task_queue=TaskQueue(name=ids.TASK_QUEUE),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    service = office.temporal.workflow_service
    try:
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            queue = await service.describe_task_queue(request, timeout=ANSWER_WITHIN)
    except (RPCError, RuntimeError, TimeoutError) as error:
        return f"Temporal does not answer: {error}", "not known while Temporal is away"
    return (
        WELL,
        WELL if queue.pollers else "No worker asks for work: start `python -m activities work`.",
    )
