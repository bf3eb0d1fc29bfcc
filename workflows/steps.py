"""Every side effect a workflow may have: what it takes, what it promises, how long it may run.

The bodies of the same names are in `activities/`; each is safe to repeat.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

from domain.ledger import Posted
from domain.sale import Sale


@dataclass(frozen=True, slots=True)
class Backlog:
    """The sales among a till's journal entries of one epoch, up to and with sequence `up_to`."""

    till_id: str
    epoch: int
    up_to: int


@dataclass(frozen=True, slots=True)
class BacklogPosted:
    """How many sales of a backlog were posted; with `more` the next call goes on."""

    recorded: int = 0
    already: int = 0
    conflicts: int = 0
    refused: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class ExportAsked:
    """Which days to export: everything, the last `since_days`, or (neither) what has changed."""

    since_days: int | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True, order=True)
class StoreDay:
    """One business day of one store: what one set of export files holds."""

    store_id: str
    business_date: dt.date


@dataclass(frozen=True, slots=True)
class DaysToExport:
    """The days whose files are missing or older than the ledger."""

    days: tuple[StoreDay, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportedDay:
    """What was written for one business day of one store."""

    store_id: str
    business_date: dt.date
    sales: int
    lines: int
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class DaysExported:
    """What was written for each day of a chunk, in its order."""

    days: tuple[ExportedDay, ...]


@activity.defn
def post_sale(sale: Sale) -> Posted:
    """Record a sale with stock and postings in one transaction, or say why not (once, for ever)."""
    raise NotImplementedError


# A cashier waits for this one: it runs in the workflow's own task and is given up after three
# tries, when `POST_SALE_PATIENTLY` takes over.
POST_SALE = workflow.LocalActivityConfig(
    summary="post",
    start_to_close_timeout=timedelta(seconds=3),
    retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=3),
)
POST_SALE_PATIENTLY = workflow.ActivityConfig(
    summary="post once the ledger is back",
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=250), maximum_interval=timedelta(seconds=5)
    ),
)


@activity.defn
def post_backlog(backlog: Backlog) -> BacklogPosted:
    """Record a till's stored but unposted sales in chunks, oldest first; heartbeats each chunk."""
    raise NotImplementedError


POST_BACKLOG = workflow.ActivityConfig(
    summary="post chunks",
    start_to_close_timeout=timedelta(minutes=10),
    heartbeat_timeout=timedelta(seconds=20),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=250), maximum_interval=timedelta(seconds=5)
    ),
)


@activity.defn
def days_to_export(asked: ExportAsked) -> DaysToExport:
    """Find the business days whose files are to be written, oldest first."""
    raise NotImplementedError


DAYS_TO_EXPORT = workflow.ActivityConfig(
    summary="find days",
    start_to_close_timeout=timedelta(minutes=2),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=30)),
)


@activity.defn
def export_chunk(chunk: DaysToExport) -> DaysExported:
    """Write some days' Parquet files aside and rename them into place; same day, same files."""
    raise NotImplementedError


EXPORT_CHUNK = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(minutes=10),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=30)),
)
