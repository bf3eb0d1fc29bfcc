"""Sabotaged workflows: the same steps as the real ones, in another order."""

from __future__ import annotations

from temporalio import workflow

from domain.ledger import Posted
from domain.sale import Sale
from workflows import attributes, steps
from workflows.steps import Backlog, BacklogPosted

POSTED = attributes.STATE.value_set("posted")


@workflow.defn
class Checkout:
    """Tries the patient step before the quick one."""

    def __init__(self) -> None:
        self._posted: Posted | None = None

    @workflow.run
    async def run(self, sale: Sale) -> Posted:
        await workflow.execute_activity(steps.post_sale, sale, **steps.POST_SALE_PATIENTLY)
        self._posted = await workflow.execute_local_activity(
            steps.post_sale, sale, **steps.POST_SALE
        )
        workflow.upsert_search_attributes([POSTED])
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._posted

    @workflow.update
    async def commit(self) -> Posted | None:
        await workflow.wait_condition(lambda: self._posted is not None)
        return self._posted


@workflow.defn
class Reconciliation:
    """Says that the backlog is posted before it is."""

    def __init__(self) -> None:
        self._posted: BacklogPosted | None = None

    @workflow.run
    async def run(self, backlog: Backlog) -> BacklogPosted:
        workflow.upsert_search_attributes([POSTED])
        self._posted = await workflow.execute_activity(
            steps.post_backlog, backlog, **steps.POST_BACKLOG
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._posted

    @workflow.update
    async def commit(self) -> BacklogPosted | None:
        await workflow.wait_condition(lambda: self._posted is not None)
        return self._posted
