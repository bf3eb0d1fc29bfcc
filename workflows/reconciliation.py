"""Reconciliation: everything a till sold while the office was away, posted in one go."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import attributes, steps
    from workflows.steps import Backlog, BacklogPosted


@workflow.defn
class Reconciliation:
    """Post a till's backlog up to one head, chunk by chunk, until nothing is left."""

    @workflow.init
    def __init__(self, backlog: Backlog) -> None:
        self._so_far = BacklogPosted()
        self._finished = False

    @workflow.run
    async def run(self, backlog: Backlog) -> BacklogPosted:
        """Post all of it; a broken-off attempt goes on where the ledger stands."""
        while not self._finished:
            posted = await workflow.execute_activity(
                steps.post_backlog, backlog, **steps.POST_BACKLOG
            )
            self._so_far = _sum(self._so_far, posted)
            self._finished = not posted.more
            workflow.set_current_details(_story(self._so_far))
        workflow.upsert_search_attributes([attributes.STATE.value_set(_state(self._so_far))])
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._so_far

    @workflow.update
    async def commit(self) -> BacklogPosted:
        """Wait until every sale of the backlog is accounted for."""
        await workflow.wait_condition(lambda: self._finished)
        return self._so_far


def _sum(before: BacklogPosted, now: BacklogPosted) -> BacklogPosted:
    return BacklogPosted(
        recorded=before.recorded + now.recorded,
        already=before.already + now.already,
        conflicts=before.conflicts + now.conflicts,
        refused=before.refused + now.refused,
        more=now.more,
    )


def _story(so_far: BacklogPosted) -> str:
    return (
        f"{so_far.recorded} sales recorded, {so_far.already} were there before, "
        f"{so_far.conflicts} in conflict, {so_far.refused} refused."
    )


def _state(posted: BacklogPosted) -> str:
    if posted.conflicts or posted.refused:
        return attributes.State.CONFLICT.value
    return attributes.State.POSTED.value
