"""`tillflow`: the whole shop from one command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from activities.db.operators import account
from activities.settings import BadSettings, Settings, read_settings
from api import programs
from api.auth.commands import CommandToken
from api.demo import DemoAsked, display_there, run_demo
from api.doctor import run_doctor
from api.engines.postgres import PostgresProblem
from api.engines.temporal import TemporalFailed
from api.ports import with_free_ports
from api.programs import ProgramFailed
from api.replaying import ReplayAsked, ReplayFailed, run_replay
from api.running import CannotStart, running_office
from api.up import run_up, say_on
from api.verify import run_verify, with_books
from domain.roles import Role

app = typer.Typer(
    help="A point of sale: durable workflows in the office, tills that go on selling alone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()
_FORWARDED = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
_TOLD = (
    BadSettings, CannotStart, PostgresProblem, ProgramFailed, ReplayFailed, TemporalFailed,
)  # fmt: skip

Folder = Annotated[
    Path | None, typer.Option("--dir", help="The data folder (default: TILLFLOW_DATA_DIR).")
]


@app.command()
def up(directory: Folder = None) -> None:
    """Run the office until Ctrl-C: PostgreSQL, Temporal, worker and API; the data stays."""
    run_up(_settings(directory), say_on(console))


@app.command()
def demo(
    *,
    sales: Annotated[int, typer.Option(min=0, help="How many sales in all; 0: no end.")] = 0,
    leave: Annotated[bool, typer.Option("--exit", help="End and compare the books.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same customers.")] = 1,
    directory: Annotated[Path, typer.Option("--dir")] = Path(".tillflow-demo"),
    window: Annotated[bool | None, typer.Option(help="Open a till (default: if possible).")] = None,
) -> None:
    """Run a demo shop whose cashiers sell by themselves; with --exit 1 means books differ."""
    if leave and not sales:
        raise typer.BadParameter("--exit needs --sales, or it would never come to an end.")
    wanted = display_there() and not leave if window is None else window
    settings = with_free_ports(_settings(directory))
    raise typer.Exit(run_demo(settings, DemoAsked(sales, leave, seed, wanted), console))


@app.command()
def replay(  # noqa: PLR0913 -- one parameter per option of the command line
    file: Annotated[Path | None, typer.Argument(help="A Parquet or CSV file of lines.")] = None,
    *,
    dataset: Annotated[str | None, typer.Option(help="`completejourney`, fetched once.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first invoices.")] = None,
    tills: Annotated[int, typer.Option(min=1, max=99, help="Tills that share a file.")] = 4,
    workers: Annotated[int, typer.Option(min=0, help="Programs; 0: one per core.")] = 0,
    currency: Annotated[str, typer.Option(help="Of the file's prices.")] = "GBP",
    timezone: Annotated[str, typer.Option(help="Of the file's dates.")] = "Europe/London",
    directory: Annotated[Path, typer.Option("--dir")] = Path(".tillflow-replay"),
) -> None:
    """Sell again what a file says was sold, through real tills; repeat it to go on after a stop."""
    if (file is None) == (dataset is None):
        raise typer.BadParameter("Name a file, or a data set with --dataset.")
    if dataset not in {None, "completejourney"}:
        raise typer.BadParameter(f"There is no data set {dataset}; there is completejourney.")
    source = dataset or str(file)
    asked = ReplayAsked(source, limit, tills, workers, currency, timezone)
    raise typer.Exit(run_replay(with_free_ports(_settings(directory)), asked, console))


@app.command(context_settings=_FORWARDED, add_help_option=False)
def load(context: typer.Context) -> None:
    """Insert or update stores, tills, people, taxes and goods: `load --dir FOLDER shop.json`."""
    _act(context, "load")


@app.command(context_settings=_FORWARDED, add_help_option=False)
def owner(context: typer.Context) -> None:
    """Make an admin, or let one in again who forgot the password; asks on the terminal."""
    _act(context, "owner")


@app.command("enrolment-code", context_settings=_FORWARDED, add_help_option=False)
def enrolment_code(context: typer.Context) -> None:
    """Print a code with which one device becomes a till: `enrolment-code --dir FOLDER TILL`."""
    _act(context, "enrolment-code")


@app.command(context_settings=_FORWARDED, add_help_option=False)
def enrol(context: typer.Context) -> None:
    """Register a till's key that was carried by hand: `enrol --dir FOLDER TILL PUBLIC_KEY`."""
    _act(context, "enrol")


@app.command(context_settings=_FORWARDED, add_help_option=False)
def export(context: typer.Context) -> None:
    """Write what has been sold to Parquet now (the running office also does it by itself)."""
    _forward("activities", "export", context, needs_office="--help" not in context.args)


@app.command(context_settings=_FORWARDED, add_help_option=False)
def query(context: typer.Context) -> None:
    """Answer one SELECT over the exported sales: `query "select …"` or `query --file F`."""
    _forward("analytics", "query", context)


@app.command("rotate-keys", context_settings=_FORWARDED, add_help_option=False)
def rotate_keys(context: typer.Context) -> None:
    """Replace a key while everything goes on: `rotate-keys tokens`."""
    _forward("activities", "rotate-keys", context)


@app.command("replace-lost-keys", context_settings=_FORWARDED, add_help_option=False)
def replace_lost_keys(context: typer.Context) -> None:
    """Make anew each key that no backup has any more: `replace-lost-keys --dir FOLDER`."""
    _act(context, "replace-lost-keys")


@app.command()
def token(
    *,
    role: Annotated[Role, typer.Option(help="What the token is for.")] = Role.OPS,
    directory: Folder = None,
) -> None:
    """Print a header that lets you ask the API for ten minutes: `tillflow token | curl -H @- …`."""
    if role is Role.TILL:
        raise typer.BadParameter(
            "A till proves itself by its own key on each request; a token that is bound to no key "
            "would read every till's PIN hashes. Name the role of a person."
        )
    settings = _settings(directory)
    if not settings.token_keys_dir.exists():
        raise CannotStart(f"There are no token keys in {settings.token_keys_dir}. Name the folder.")
    made = CommandToken(settings, f"command of {account()}", role)
    typer.echo(f"Authorization: {made.header}")


@app.command()
def verify(directory: Folder = None) -> None:
    """Check every invariant and journal, and compare the books; 1 when something is broken."""
    raise typer.Exit(run_verify(_settings(directory), console))


@app.command(context_settings=_FORWARDED, add_help_option=False)
def audit(context: typer.Context) -> None:
    """Write who did what in the office: `audit export`, as JSON Lines or CSV, with hashes."""
    _act(context, "audit")


@app.command()
def doctor(directory: Folder = None) -> None:
    """Say what this machine lacks and what to do; 1 when the office could not run."""
    raise typer.Exit(run_doctor(_settings(directory), console))


def main() -> None:
    """Run one command; what a person can mend is one sentence, not a traceback."""
    try:
        app()
    except _TOLD as error:
        Console(stderr=True, highlight=False).print(str(error), soft_wrap=True, markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _settings(directory: Path | None) -> Settings:
    settings = read_settings()
    if directory is None:
        return settings
    return settings.model_copy(update={"data_dir": directory.absolute()})


def _act(context: typer.Context, name: str) -> None:
    """Hand the words on with the books of the folder that they name, running or stopped."""
    settings, words = _told_folder(context)
    if "--help" in words:
        raise typer.Exit(programs.forward(settings, "activities", name, *words))
    with with_books(settings) as found:
        raise typer.Exit(programs.forward(found, "activities", name, *words))


def _told_folder(context: typer.Context) -> tuple[Settings, list[str]]:
    """Take a leading `--dir FOLDER` off the words that are to be handed on."""
    words = list(context.args)
    if words[:1] == ["--dir"] and len(words) > 1:
        return _settings(Path(words[1])), words[2:]
    return _settings(None), words


def _forward(module: str, name: str, context: typer.Context, *, needs_office: bool = False) -> None:
    """Hand the words on; a leading `--dir` names the data folder."""
    settings, words = _told_folder(context)
    found = running_office(settings)
    if needs_office and found is None and settings.temporal_address is None:
        raise CannotStart(
            f"No office runs in {settings.data_dir}, and only a running one exports. Start it with "
            "`tillflow up`, or name its folder: `--dir FOLDER` as the first words."
        )
    raise typer.Exit(programs.forward(found or settings, module, name, *words))


if __name__ == "__main__":
    main()
