"""Checkout: one finished sale on its way into the ledger."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from domain.ledger import Posted
    from domain.sale import Sale
    from workflows import attributes, steps


@workflow.defn
class Checkout:
    """Post a sale; whoever sends the update `commit` gets the ledger's word on it."""

    @workflow.init
    def __init__(self, sale: Sale) -> None:
        self._posted: Posted | None = None

    @workflow.run
    async def run(self, sale: Sale) -> Posted:
        """Post the sale, say how it went, and leave once everybody who asked is answered."""
        self._posted = await self._post(sale)
        workflow.upsert_search_attributes(
            [attributes.STATE.value_set(attributes.state_of(self._posted))]
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._posted

    @workflow.update
    async def commit(self) -> Posted:
        """Wait until the ledger has the sale or has said why it does not take it."""
        await workflow.wait_condition(lambda: self._posted is not None)
        assert self._posted is not None
        return self._posted

    async def _post(self, sale: Sale) -> Posted:
        try:
            return await workflow.execute_local_activity(steps.post_sale, sale, **steps.POST_SALE)
        except FailureError:
            workflow.set_current_details("The ledger is away: trying until it is back.")
            posted = await workflow.execute_activity(
                steps.post_sale, sale, **steps.POST_SALE_PATIENTLY
            )
            workflow.set_current_details("")
            return posted
