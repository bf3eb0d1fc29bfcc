"""`python -m activities`: the worker, and what an operator does to the office's books."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from uuid_utils.compat import uuid7

from activities.bodies import bodies
from activities.db import audit, invariants, migrate, queries, shop, tally
from activities.db.engine import Database
from activities.demo_shop import demo_shop
from activities.keys import OfficeKey
from activities.settings import BadSettings, Settings, read_settings, spare_the_collector
from activities.temporal import payload_keys, temporal_server
from activities.token_keys import TokenKeys
from activities.worker import THREADS, work
from domain.audit import Act, Actor
from domain.catalog import Shop
from domain.errors import DomainError
from domain.money import Money
from workflows.client import connect, export
from workflows.export import ExportTotals
from workflows.steps import ExportAsked

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
rotating = typer.Typer(no_args_is_help=True, help="Replace a key while everything goes on.")
app.add_typer(rotating, name="rotate-keys")


class NoDatabase(DomainError):
    """The office was not told where its database is."""

    def __init__(self) -> None:
        super().__init__(
            "TILLFLOW_DATABASE_URL is not set. `tillflow up` starts PostgreSQL and prints its "
            "address; set it to that, or to the address of a PostgreSQL of your own."
        )


@app.command("work")
def work_until_stopped() -> None:
    """Run workflows and their steps until Ctrl-C or SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = read_settings()
    spare_the_collector()
    database = Database(_database_url(settings), most_connections=THREADS)
    try:
        asyncio.run(_work(settings, database))
    finally:
        database.close()


@app.command("migrate")
def migrate_schema() -> None:
    """Create the database when it is missing and bring its schema up to date."""
    migrate.migrate(_database_url(read_settings()))


@app.command("load")
def load_shop(
    file: Annotated[Path | None, typer.Argument(help="A shop as JSON.", exists=True)] = None,
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo shop.")] = False,
) -> None:
    """Insert or update stores, tills, people, taxes, products and prices."""
    if (file is None) is not demo:
        message = "Name one shop file, or say --demo."
        raise typer.BadParameter(message)
    loaded = demo_shop() if file is None else TypeAdapter(Shop).validate_json(file.read_bytes())
    with _database().begin() as connection:
        shop.load_shop(connection, loaded)
    typer.echo(f"{len(loaded.stores)} stores, {len(loaded.products)} products loaded.")


@app.command("enrol")
def enrol_till(till_id: str, public_key: str) -> None:
    """Register a till's public key (hex), with which its journal entries are verified."""
    with _database().begin() as connection:
        till = shop.enrol(connection, till_id, public_key)
    typer.echo(f"Till {till.id} of store {till.store_id} is enrolled.")


@app.command("tally")
def print_tally(*, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Count and add up what the ledger holds, per till and currency."""
    with _database().begin() as connection:
        tallies = tally.ledger_tally(connection)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in tallies]))
        return
    for one in tallies:
        typer.echo(f"{one.till_id}: {one.sales} sales {Money(one.total_minor, one.currency)}")


@app.command("enrolled")
def print_enrolled() -> None:
    """Print, as a JSON list, the tills that have a key: those whose sales come by a journal."""
    with _database().begin() as connection:
        typer.echo(json.dumps(queries.enrolled_tills(connection)))


@app.command("verify")
def verify_books() -> None:
    """Check every invariant of the books; exit code 1 when one is broken."""
    with _database().begin() as connection:
        found = invariants.inspect(connection)
    for violation in found.violations:
        typer.echo(str(violation))
    counted = ", ".join(f"{count:,} {what}" for what, count in found.checked.items())
    if found.violations:
        typer.echo(f"Checked: {counted}.")
        raise typer.Exit(1)
    typer.echo(f"Every invariant holds: {counted}.")


@rotating.command("tokens")
def rotate_token_keys(
    *,
    after: Annotated[
        float, typer.Option(min=0, help="Seconds until it signs: longer than copying keys/ takes.")
    ] = 60,
    retire_others: Annotated[
        bool, typer.Option(help="After a theft: no token made so far is good any more.")
    ] = False,
) -> None:
    """Make a new key for access tokens; tokens of the others stay good until they end."""
    settings = read_settings()
    with _database().begin() as connection:
        made = TokenKeys(settings.token_keys_dir).rotate(
            0 if retire_others else after, retire_others=retire_others
        )
        act = Act("token_key_made", made, after={"others_retired": retire_others})
        signer = OfficeKey.at(settings.office_key_file)
        audit.record(connection, signer, Actor("rotate-keys", "program"), act)
    typer.echo(f"Token key {made} signs {'now' if retire_others else f'in {after:g} s'}.")


@app.command("export")
def export_days(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Write every day again.")] = False,
    since_days: Annotated[
        int | None, typer.Option(min=0, help="Write the last days again.")
    ] = None,
) -> None:
    """Export to Parquet what has changed (or what is asked) and print the totals."""
    totals = asyncio.run(_export(read_settings(), ExportAsked(since_days, everything)))
    money = ", ".join(str(Money(one.total_minor, one.currency)) for one in totals.totals)
    typer.echo(
        f"{totals.days} days, {totals.sales} sales, {totals.lines} lines exported: "
        f"{money or 'nothing'}"
    )


async def _work(settings: Settings, database: Database) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await work(settings, bodies(database, settings.export_dir), stop)


async def _export(settings: Settings, asked: ExportAsked) -> ExportTotals:
    client = await connect(temporal_server(settings), payload_keys(settings))
    return await export(client, asked, str(uuid7()))


def _database_url(settings: Settings) -> str:
    if settings.database_url is None:
        raise NoDatabase
    return settings.database_url


def _database() -> Database:
    return Database(_database_url(read_settings()), most_connections=1)


def main() -> int:
    """Run one command; what went wrong is told in a sentence."""
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        code = 130
    except (DomainError, BadSettings, ValidationError) as error:
        typer.echo(str(error), err=True)
        code = 1
    return code or 0


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A Temporal client with a call under way may hang the interpreter's own way out.
    os._exit(exit_code)
