"""Names of workflows, queues and updates: the same thing asked twice meets itself by its id."""

from __future__ import annotations

from uuid import UUID

from workflows.steps import Backlog

TASK_QUEUE = "tillflow"
COMMIT = "commit"
EXPORT_SCHEDULE = "export"


def sale(sale_id: UUID) -> str:
    """Name the Checkout of a sale."""
    return f"sale-{sale_id}"


def reconcile(backlog: Backlog) -> str:
    """Name the Reconciliation of a till's entries up to one head."""
    return f"reconcile-{backlog.till_id}-{backlog.epoch}-{backlog.up_to}"


def export(asked_at: str) -> str:
    """Name an export that somebody asked for, by a UUIDv7 or a moment."""
    return f"export-{asked_at}"


def after(workflow_id: str, run_id: str) -> str:
    """Name the next attempt when a run ended but the ledger lacks what it was to post.

    That is so after a run was terminated by hand or PostgreSQL came back from an older backup;
    named by the ended run, so that everybody who finds out meets in the same next attempt.
    """
    return f"{workflow_id.partition('-after-')[0]}-after-{run_id}"
