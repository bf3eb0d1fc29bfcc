"""The till's own commands; each brings in its body only when it is asked for."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import DomainError
from domain.money import Money
from till_kivy.hardware.protocols import Devices

if TYPE_CHECKING:
    from till_kivy.journal import Journal

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)

Folder = Annotated[Path, typer.Option("--dir", help="The till's folder.")]
Folders = Annotated[Path, typer.Option("--dir", help="A till's folder, or the folder of several.")]
SIMULATED_GRAMS = 734
HANDED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command()
def init(
    folder: Folder,
    till: Annotated[str, typer.Option(help="The till's name, as the office knows it.")],
    series: Annotated[str, typer.Option(help="What its receipt numbers start with.")] = "",
) -> None:
    """Make a till's keys and print its public key, which the office has to be told."""
    from till_kivy.till import create

    typer.echo(json.dumps({"till_id": till, "public_key": create(folder, till, series).public_key}))


@app.command()
def enrol(
    folder: Folder, office: Annotated[str, typer.Option(help="The office's address.")]
) -> None:
    """Make this device a till; the code is asked for, or taken from TILLFLOW_ENROLMENT_CODE."""
    from till_kivy import enrolling

    # No option: what stands on a command line can be read by everybody on the machine.
    code = os.environ.get("TILLFLOW_ENROLMENT_CODE") or typer.prompt(
        "Enrolment code, from the manager's page"
    )
    enrolled = enrolling.enrol(folder, office, code)
    until = enrolled.lease.lease.until.isoformat()
    told = {"till_id": enrolled.till_id, "store_id": enrolled.store_id, "sells_until": until}
    typer.echo(json.dumps(told))


@app.command()
def window(
    folder: Folder,
    office: Annotated[str, typer.Option(help="The office's address.")] = "",
    *,
    fullscreen: Annotated[bool, typer.Option(help="Take the whole screen.")] = False,
    simulated: Annotated[bool, typer.Option(help="Pretend that there are devices.")] = False,
    lock_after: Annotated[float, typer.Option(min=0.1, help="Minutes untouched until locked.")] = 5,
) -> None:
    """Open the till's window and sell; a device that is no till yet asks for its code first."""
    from till_kivy import logs
    from till_kivy.window import prepare

    logs.begin()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    prepare(folder / "kivy", where="fullscreen" if fullscreen else "window")
    from till_kivy.app import run

    devices = _simulated_devices() if simulated else Devices()
    run(folder, office or None, devices, lock_after * 60)


@app.command()
def screenshots(out: Annotated[Path, typer.Argument(help="Where the pictures go.")]) -> None:
    """Draw every screen of the till, in two sizes, without a display."""
    from till_kivy.album import draw_all

    for picture in draw_all(out):
        typer.echo(picture)


@app.command()
def tally(
    folder: Folders,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Count the sales in a till's journal, or in every till's, and what they come to."""
    tallies = [tally for journal in _journals(folder) for tally in journal.tally()]
    if as_json:
        typer.echo(json.dumps([asdict(tally) for tally in tallies]))
        return
    for found in tallies:
        typer.echo(
            f"{found.till_id}: {found.sales} sales {Money(found.total_minor, found.currency)}"
        )


@app.command()
def verify(folder: Folders) -> None:
    """Check every entry of a till's journal, or of every till's: chain, signatures, numbers."""
    from till_kivy.journal_verify import verify_journal

    sound = True
    for journal in _journals(folder):
        verified = verify_journal(journal)
        entries, head = verified.entries, verified.head
        typer.echo(f"Till {head.till_id}: {entries} entries are sound, up to {head.hash[:16]}.")
        if bad := verified.first_bad:
            typer.echo(f"Entry {bad.sequence} is not: {bad.why}", err=True)
            sound = False
    if not sound:
        raise typer.Exit(1)


@app.command()
def entries(
    folder: Folder,
    after: Annotated[int, typer.Option(min=0, help="The last entry that is not wanted.")] = 0,
) -> None:
    """Print a till's journal, one entry as JSON a line: to read, or to save what was not sent."""
    from domain.canonical import canonical

    for journal in _journals(folder):
        while batch := journal.entries(after):
            for entry in batch:
                typer.echo(canonical(entry))
            after = batch[-1].sequence


@app.command()
def countersigned(folder: Folders) -> None:
    """Print, as JSON, the last entry that the office signed for, of a till or of every till.

    The office's `verify` holds its own books against that: a till is its witness.
    """
    from domain.canonical import canonical

    chains = [journal.chain for journal in _journals(folder)]
    typer.echo(canonical([chain.witnessed for chain in chains if chain.countersignature]))


@app.command(context_settings=HANDED_ON, add_help_option=False)
def simulate(context: typer.Context) -> None:
    """Sell like a cashier, without a window."""
    from till_kivy import logs
    from till_kivy.simulate import simulate as body

    logs.begin()
    alone = typer.Typer(add_completion=False)
    alone.command()(body)
    alone(context.args, prog_name="python -m till_kivy simulate")


@app.command(context_settings=HANDED_ON, add_help_option=False)
def replay(context: typer.Context) -> None:
    """Turn lines of a file into sales of real tills."""
    from till_kivy import logs
    from till_kivy.replay.command import app as body

    logs.begin()
    body(context.args, prog_name="python -m till_kivy replay")


def _simulated_devices() -> Devices:
    """Give a till without hardware a drawer, paper, and a scale with something on it."""
    from till_kivy.hardware import simulated

    return Devices(
        printer=simulated.SimulatedPrinter(),
        drawer=simulated.SimulatedDrawer(),
        display=simulated.SimulatedDisplay(),
        scale=simulated.SimulatedScale(grams=SIMULATED_GRAMS),
        sound=simulated.SimulatedSound(),
    )


def _journals(folder: Path) -> Iterator[Journal]:
    """Open the journals one after the other: of the till in a folder, or of the tills below it."""
    from till_kivy.till import IDENTITY, open_journal

    one = (folder / IDENTITY).exists()
    for place in [folder] if one else sorted(path.parent for path in folder.glob(f"*/{IDENTITY}")):
        journal = open_journal(place)
        try:
            yield journal
        finally:
            journal.close()


def main() -> None:
    """Run one command; what a person can mend is one sentence, not a traceback."""
    try:
        app()
    except DomainError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
