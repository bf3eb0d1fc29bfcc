"""Workflows of today replay what those of yesterday did; a reordered one does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import reordered
from loops import Loop
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from activities.worker import WORKFLOWS, sandbox

HISTORIES = Path(__file__).resolve().parents[2] / "histories"


def history(name: str) -> WorkflowHistory:
    recorded = (HISTORIES / f"{name}.json").read_text(encoding="utf-8")
    return WorkflowHistory.from_json(name, recorded)


def names() -> list[str]:
    return sorted(path.stem for path in HISTORIES.glob("*.json"))


@pytest.mark.parametrize("name", names())
def test_a_recorded_history_is_replayed_by_todays_workflows(name: str, loop: Loop) -> None:
    replayer = Replayer(
        workflows=WORKFLOWS, workflow_runner=sandbox(), data_converter=pydantic_data_converter
    )

    loop.run(replayer.replay_workflow(history(name)))


def test_every_workflow_has_a_recorded_history() -> None:
    firsts = [history(name).events[0] for name in names()]
    started = [first.workflow_execution_started_event_attributes for first in firsts]

    assert {one.workflow_type.name for one in started} == {one.__name__ for one in WORKFLOWS}


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("checkout", reordered.Checkout),
        ("reconciliation", reordered.Reconciliation),
    ],
)
def test_a_workflow_with_its_steps_in_another_order_fails_the_replay(
    name: str, changed: type, loop: Loop
) -> None:
    replayer = Replayer(
        workflows=[changed],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=pydantic_data_converter,
    )

    with pytest.raises(NondeterminismError):
        loop.run(replayer.replay_workflow(history(name)))
