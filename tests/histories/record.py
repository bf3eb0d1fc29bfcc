"""Record the histories that later versions of the workflows must be able to replay.

`PYTHONPATH=.:tests python tests/histories/record.py [STORY …]` writes one JSON file per story,
never encrypted (the tills and sales in them are invented). Record only new stories: an old file
is what old workflows look like, and stays.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from builders import AT, basket, line, product, sale
from fixtures_temporal import a_temporal
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError

from activities.worker import office_worker
from domain.canonical import content_hash
from domain.ledger import Outcome, Posted
from domain.sale import Sale
from workflows import ids
from workflows.client import commit_sale, export, reconcile
from workflows.steps import (
    Backlog,
    BacklogPosted,
    DaysExported,
    DaysToExport,
    ExportAsked,
    ExportedDay,
    StoreDay,
)

HERE = Path(__file__).resolve().parent


class Books:
    """The office's books, as far as a story needs them; `away` counts the tries that fail."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.calls = 0

    @activity.defn
    def post_sale(self, sale: Sale) -> Posted:
        self.calls += 1
        if self.calls <= self.away:
            message = "the ledger is away"
            raise ApplicationError(message)
        return Posted(sale.id, Outcome.RECORDED, content_hash(sale))

    @activity.defn
    def post_backlog(self, backlog: Backlog) -> BacklogPosted:
        self.calls += 1
        return BacklogPosted(recorded=backlog.up_to // 2, more=self.calls == 1)

    @activity.defn
    def days_to_export(self, asked: ExportAsked) -> DaysToExport:
        return DaysToExport(tuple(StoreDay(f"S{n}", AT.date()) for n in range(105)))

    @activity.defn
    def export_chunk(self, chunk: DaysToExport) -> DaysExported:
        return DaysExported(tuple(written(day) for day in chunk.days))


def written(day: StoreDay) -> ExportedDay:
    return ExportedDay(day.store_id, day.business_date, 2, 5, 1_000, "EUR")


async def checkout(client: Client) -> str:
    """Post a sale of two lines."""
    sold = sale(of=basket(line(product("Tea")), line(product("Milk", "1.20"), 2)))
    await commit_sale(client, sold)
    return ids.sale(sold.id)


async def reconciliation(client: Client) -> str:
    """Post a backlog in two calls."""
    backlog = Backlog("T1", 1, 400)
    await reconcile(client, "S1", backlog)
    return ids.reconcile(backlog)


async def export_of_many_days(client: Client) -> str:
    """Export the days of 105 stores: two chunks."""
    await export(client, ExportAsked(), "story")
    return ids.export("story")


STORIES: dict[str, tuple[int, Callable[[Client], Awaitable[str]]]] = {
    "checkout": (0, checkout),
    "checkout_ledger_away": (4, checkout),
    "reconciliation": (0, reconciliation),
    "export": (0, export_of_many_days),
}


async def record(folder: Path, only: set[str]) -> None:
    """Play each story on a server of its own and write its history."""
    with tempfile.TemporaryDirectory() as kept, a_temporal(Path(kept)) as server:
        client = await Client.connect(server.address, data_converter=pydantic_data_converter)
        for name, (away, story) in STORIES.items():
            if only and name not in only:
                continue
            books = Books(away)
            bodies: list[Callable[..., object]] = [
                books.post_sale,
                books.post_backlog,
                books.days_to_export,
                books.export_chunk,
            ]
            async with office_worker(client, bodies):
                workflow_id = await story(client)
                await client.get_workflow_handle(workflow_id).result()
            history = await client.get_workflow_handle(workflow_id).fetch_history()
            (folder / f"{name}.json").write_text(without_traces(history.to_json()), "utf-8")


def without_traces(history: str) -> str:
    """Leave out stack traces: they name folders of this machine, and no replay looks at them."""
    return re.sub(r'"stackTrace": "(?:[^"\\]|\\.)*"', '"stackTrace": ""', history) + "\n"


if __name__ == "__main__":
    asyncio.run(record(HERE, set(sys.argv[1:])))
    # A Temporal client with a call under way may hang the interpreter's own way out.
    os._exit(0)
