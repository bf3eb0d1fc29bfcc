"""`python -m till_kivy replay`: the till's part of `tillflow replay`, in two steps."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from domain.canonical import canonical
from domain.pins import PIN_DIGITS
from till_kivy.replay.completejourney import cache_folder, open_completejourney
from till_kivy.replay.folder import Folder
from till_kivy.replay.plan import NO_LIMIT, Plan
from till_kivy.replay.prepare import prepare
from till_kivy.replay.sell import sell_share
from till_kivy.replay.shop import shop_of
from till_kivy.replay.source import Source, open_file
from till_kivy.till import create

app = typer.Typer(
    help="Turn lines of a file into sales of real tills.",
    no_args_is_help=True,
    add_completion=False,
)
COMPLETE_JOURNEY = "completejourney"

PlanFolder = Annotated[Path, typer.Option("--dir", help="Where the plan is kept.")]
TillsFolder = Annotated[Path, typer.Option("--tills-dir", help="Where the tills keep theirs.")]


@app.command("prepare")
def prepare_replay(  # noqa: PLR0913 -- one parameter per option of the command line
    file: Annotated[str, typer.Argument(help="A Parquet or CSV file, or `completejourney`.")],
    *,
    directory: PlanFolder,
    tills_dir: TillsFolder,
    tills: Annotated[int, typer.Option(min=1, max=99)] = 4,
    limit: Annotated[int, typer.Option(min=1, help="Only the first invoices.")] = NO_LIMIT,
    currency: str = "GBP",
    timezone: str = "Europe/London",
) -> None:
    """Read the file, list what is no sale, make the tills, and write the shop for the office."""
    folder = Folder(directory)
    source = _source(file, currency, timezone)
    asked = Plan(
        source=source.name,
        source_id=source.id,
        currency=source.currency,
        timezone=source.timezone,
        tills=0 if source.by_store else tills,
        limit=limit,
        pin=f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}",
    )
    plan, found = prepare(folder, asked, source)
    planned = folder.tills()
    keys = {till.id: create(tills_dir / till.id, till.id, till.id).public_key for till in planned}
    shop = shop_of(plan, found, planned, keys, folder.code_numbers())
    (directory / "shop.json").write_text(canonical(shop), encoding="utf-8")
    typer.echo(json.dumps({**asdict(plan), "by_till": [[t.id, t.lines] for t in planned]}))


@app.command("sell")
def sell(
    *,
    directory: PlanFolder,
    tills_dir: TillsFolder,
    office: Annotated[str, typer.Option(help="The office's address.")],
    till: Annotated[list[str], typer.Option(help="A till whose share to sell; repeatable.")],
) -> None:
    """Sell the shares of some tills and print a line of JSON for every invoice."""
    for progress in sell_share(Folder(directory), tills_dir, office, till):
        typer.echo(json.dumps(asdict(progress)))


def _source(file: str, currency: str, timezone: str) -> Source:
    if file == COMPLETE_JOURNEY:
        return open_completejourney(cache_folder())
    return open_file(Path(file), currency, timezone)
