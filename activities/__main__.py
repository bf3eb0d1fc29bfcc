"""`python -m activities`: the worker, and what an operator does to the office's books."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from uuid_utils.compat import uuid7

from activities import audit_export, audit_heads, keyring, logs, operating, secrets
from activities.bodies import bodies
from activities.db import (
    audit,
    devices,
    invariants,
    loading,
    migrate,
    owners,
    queries,
    standing,
    tally,
    users,
    witnesses,
)
from activities.db.engine import Connection, Database
from activities.db.operators import operator
from activities.db.standing import Desk
from activities.db.users import Acting, User
from activities.demo_shop import DEMO_PIN, demo_badge, demo_shop
from activities.keys import BadKeyFile, OfficeKey, PinPepper
from activities.settings import BadSettings, Settings, read_settings, spare_the_collector
from activities.temporal import payload_keys, temporal_server
from activities.token_keys import TokenKeys
from activities.worker import THREADS, work
from domain.audit import Act
from domain.catalog import Shop
from domain.errors import DomainError
from domain.journal import Acknowledgement
from domain.money import Money
from domain.roles import Role
from workflows.client import connect, export
from workflows.export import ExportTotals
from workflows.steps import ExportAsked

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
rotating = typer.Typer(no_args_is_help=True, help="Replace a key while everything goes on.")
app.add_typer(rotating, name="rotate-keys")
auditing = typer.Typer(no_args_is_help=True, help="Who did what in the office.")
app.add_typer(auditing, name="audit")


_HELD = TypeAdapter(list[Acknowledgement])
_COPY = "Copy keys/ to the office's other machines, and start its programs again."


@dataclass(frozen=True, slots=True)
class Owner:
    """Whoever lets the others in; told by standard input, which nobody else sees."""

    id: str
    name: str
    password: str


_OWNER = TypeAdapter(Owner)


@app.command("work")
def work_until_stopped() -> None:
    """Run workflows and their steps until Ctrl-C or SIGTERM."""
    settings = read_settings()
    database = operating.database(settings, THREADS)
    try:
        operating.insist_on_own_keys(settings, database)
        logs.begin()
        logs.begin_temporal()
        spare_the_collector()
        asyncio.run(_work(settings, database))
    finally:
        database.close()


@app.command("migrate")
def migrate_schema() -> None:
    """Create the database when it is missing and bring its schema up to date."""
    migrate.migrate(operating.database_url(read_settings()))


@app.command("begin")
def begin_office() -> None:
    """Do what `migrate` does, and make all keys of a new office; refuse the folder of another."""
    settings = read_settings()
    migrate.migrate(operating.database_url(settings))
    with _books() as connection:
        operating.begin(connection, settings)
    operating.insist_on_all_keys(settings)


@app.command("replace-lost-keys")
def replace_lost_keys() -> None:
    """Make anew each key that no machine or backup has any more, but for the office's own."""
    settings = read_settings()
    with _books() as connection:
        replaced = operating.replace_lost(connection, settings)
    costs = {
        settings.pin_pepper_file: (
            "every PIN, badge and password has to be given anew, the owner's first (command "
            "`owner`). A till checks PINs by what it got when it was enrolled: make each device a "
            "new till."
        ),
        settings.payload_key_file: (
            "what Temporal keeps under the lost one cannot be read any more, nor the workflows "
            "that were under way go on."
        ),
        settings.token_keys_dir: "tokens made so far are refused; programs ask for new ones.",
    }
    for path in replaced:
        typer.echo(f"{path.name} is new: {costs[path]}")
    typer.echo(_COPY if replaced else "No key is lost. Nothing was changed.")


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
    told = TypeAdapter(Shop).validate_json(file.read_bytes()) if file else None
    with _books() as connection:
        desk = _desk(connection)
        loaded = told or demo_shop(PinPepper(desk.pepper))
        loading.load(connection, Acting(desk.signer, operator()), loaded, desk.at)
    typer.echo(f"{len(loaded.stores)} stores, {len(loaded.products)} products loaded.")
    if demo:
        badge = demo_badge("…")
        typer.echo(f"Demo: everybody's PIN is {DEMO_PIN}, their badges are {badge}. Not for real.")


@app.command("enrol")
def enrol_till(till_id: str, public_key: str) -> None:
    """Register a till's public key (hex), with which its journal entries are verified."""
    with _books() as connection:
        desk = _desk(connection)
        acting = Acting(desk.signer, operator())
        till = devices.register(connection, acting, till_id, public_key, desk.at)
    typer.echo(f"Till {till.id} of store {till.store_id} is enrolled.")


@app.command("owner")
def make_owner(
    *, needed: Annotated[bool, typer.Option("--needed", help="Only tell if nobody is one.")] = False
) -> None:
    """Make an admin, or let one in again who forgot the password; asks on the terminal.

    A program tells log-in name, name and password as JSON on standard input.
    """
    with _books() as connection:
        if needed:
            typer.echo(json.dumps(not users.has_admin(connection)))
            return
        desk = _desk(connection)
        told = _asked_owner() if sys.stdin.isatty() else _OWNER.validate_json(sys.stdin.read())
        hashed = secrets.hash_password(desk.pepper, told.password)
        acting = Acting(desk.signer, operator(Role.ADMIN))
        owners.let_in(connection, acting, User(told.id, told.name, Role.ADMIN), hashed)
    typer.echo(f"{told.name} may log in as {told.id.lower()}.")


@app.command("enrolment-code")
def print_enrolment_code(till_id: str) -> None:
    """Print, as JSON, a code with which one device becomes a till within ten minutes."""
    with _books() as connection:
        made = standing.make_code(connection, _desk(connection), operator(), till_id)
    typer.echo(json.dumps(asdict(made), default=str))


@app.command("tally")
def print_tally(*, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Count and add up what the ledger holds, per till and currency."""
    with _books() as connection:
        tallies = tally.ledger_tally(connection)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in tallies]))
        return
    for one in tallies:
        typer.echo(f"{one.till_id}: {one.sales} sales {Money(one.total_minor, one.currency)}")


@app.command("enrolled")
def print_enrolled() -> None:
    """Print, as a JSON list, the tills that have a key: those whose sales come by a journal."""
    with _books() as connection:
        typer.echo(json.dumps(queries.enrolled_tills(connection)))


@app.command("verify")
def verify_books(
    held: Annotated[
        Path | None,
        typer.Option(help="What tills hold: the output of `python -m till_kivy countersigned`."),
    ] = None,
) -> None:
    """Check every invariant of the books, the audit, and what tills hold; 1 when one is broken."""
    settings = read_settings()
    acknowledgements = _HELD.validate_json(held.read_bytes()) if held else []
    noted = audit_heads.noted(settings.audit_heads_file)
    with _books() as connection:
        found = invariants.inspect(connection)
        violations = [
            *found.violations,
            *witnesses.all_broken(connection, _office_key(settings), noted, acknowledgements),
        ]
    for violation in violations:
        typer.echo(str(violation))
    checked = {**found.checked, "countersignatures held by tills": len(acknowledgements)}
    counted = ", ".join(f"{count:,} {what}" for what, count in checked.items())
    if violations:
        typer.echo(f"Checked: {counted}.")
        raise typer.Exit(1)
    typer.echo(f"Every invariant holds: {counted}.")


@auditing.command("export")
def export_audit(
    *,
    form: Annotated[audit_export.Form, typer.Option("--format")] = audit_export.Form.JSONL,
    out: Annotated[Path | None, typer.Option(help="A file; without it, the terminal.")] = None,
) -> None:
    """Write every entry of the audit with its hash and signature, for whoever wants to check it."""
    with ExitStack() as closing, _books() as connection:
        # Line ends as they are: a hash is over bytes.
        opened = out.open("w", encoding="utf-8", newline="") if out else sys.stdout
        file = closing.enter_context(opened) if out else opened
        written = audit_export.write(audit.entries(connection), form, file)
    key = _office_key(read_settings()) or "not on this machine"
    typer.echo(
        f"{written.entries} entries, the last sealed by {written.last or 'nothing'}. "
        f"The office's public key is {key}.",
        err=True,
    )


@rotating.command("payload")
def rotate_payload_key(
    *,
    after: Annotated[
        float, typer.Option(min=0, help="Seconds until it writes: longer than copying keys/ takes.")
    ] = 60,
) -> None:
    """Add a key that encrypts what Temporal stores from then on; older ones still decrypt."""
    with _books() as connection:
        acting = _rotating(connection)
        key = keyring.rotate(read_settings().payload_key_file, after)
        acting.record(connection, Act("payload_key_made", key.id))
    typer.echo(
        f"Payload key {key.id} writes in {after:g} s. Keep the older ones: histories need them."
    )


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
    with _books() as connection:
        acting = _rotating(connection)
        made = TokenKeys(settings.token_keys_dir).rotate(
            0 if retire_others else after, retire_others=retire_others
        )
        act = Act("token_key_made", made, after={"others_retired": retire_others})
        acting.record(connection, act)
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
    settings = read_settings()
    operating.insist_on_key(settings, settings.payload_key_file)
    totals = asyncio.run(_export(settings, ExportAsked(since_days, everything)))
    money = ", ".join(str(Money(one.total_minor, one.currency)) for one in totals.totals)
    typer.echo(
        f"{totals.days} days, {totals.sales} sales, {totals.lines} lines exported: "
        f"{money or 'nothing'}"
    )


def _asked_owner() -> Owner:
    login = typer.prompt("Log-in name", default="owner")
    name = typer.prompt("Name", default=login)
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return Owner(login, name, password)


def _desk(connection: Connection) -> Desk:
    return operating.desk(connection, read_settings())


def _rotating(connection: Connection) -> Acting:
    """Act on keys that are there: what is lost is not rotated."""
    desk = _desk(connection)
    operating.insist_on_all_keys(read_settings())
    return Acting(desk.signer, operator())


async def _work(settings: Settings, database: Database) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await work(settings, bodies(database, settings.export_dir), stop)


async def _export(settings: Settings, asked: ExportAsked) -> ExportTotals:
    client = await connect(temporal_server(settings), payload_keys(settings))
    return await export(client, asked, str(uuid7()))


def _office_key(settings: Settings) -> str:
    """Return the office's public key; empty where there is none, for checking makes no keys."""
    path = settings.office_key_file
    return OfficeKey.at(path).public_key if path.exists() else ""


def _books() -> AbstractContextManager[Connection]:
    return operating.books(read_settings())


def main() -> int:
    """Run one command; what went wrong is told in a sentence."""
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        code = 130
    except (DomainError, BadKeyFile, BadSettings, ValidationError) as error:
        typer.echo(str(error), err=True)
        code = 1
    return code or 0


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A Temporal client with a call under way may hang the interpreter's own way out.
    os._exit(exit_code)
