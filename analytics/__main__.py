"""`python -m analytics`: ask the warehouse, list its columns, count its sales."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analytics import dictionary, warehouse
from analytics.checks import broken_promises
from analytics.reports import FileFormat, QueryRefused, Question
from analytics.tally import tally as tally_of
from domain.money import Money

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)
_MOST_ROWS_SHOWN = 1_000


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


Folder = Annotated[
    Path | None,
    typer.Option("--export-dir", help="The export folder (default: TILLFLOW_DATA_DIR/export)."),
]
DataFolder = Annotated[Path, typer.Option("--data-dir", envvar="TILLFLOW_DATA_DIR")]
_DATA_DIR = Path.home() / ".local/share/tillflow"


@app.command()
def query(
    sql: Annotated[str | None, typer.Argument(help="One SELECT.")] = None,
    file: Annotated[Path | None, typer.Option(help="Read the SELECT from a file.")] = None,
    form: Annotated[Format, typer.Option("--format")] = Format.TABLE,
    limit: Annotated[int | None, typer.Option(min=0, help="At most so many rows.")] = None,
    export_dir: Folder = None,
    data_dir: DataFolder = _DATA_DIR,
) -> None:
    """Answer one SELECT over the exported sales; exit code 2 when it cannot be answered."""
    text = _question(sql, file)
    if form is Format.TABLE and limit is None:
        limit = _MOST_ROWS_SHOWN
    try:
        warehouse.steadily(
            _export_of(export_dir, data_dir),
            lambda connection: _answer(Question(connection, text, limit), form),
        )
    except QueryRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(2) from refused


def _export_of(export_dir: Path | None, data_dir: Path) -> Path:
    """Find the export of an office, which has none before its first sales, but has its keys."""
    folder = export_dir or data_dir / "export"
    if not (folder.is_dir() or (export_dir is None and (data_dir / "keys").is_dir())):
        raise QueryRefused(
            f"There is no office and no export in {export_dir or data_dir}. Name the folder of an "
            "office: `query --dir FOLDER …`, or --export-dir for one with exported files."
        )
    return folder


def _question(sql: str | None, file: Path | None) -> str:
    if (sql is None) == (file is None):
        raise typer.BadParameter("Give either a SELECT or --file with one, not both or neither.")
    if file is None:
        return str(sql)
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}.") from error


def _answer(question: Question, form: Format) -> None:
    if form is Format.TABLE:
        _print(question.as_table())
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer"
        question.write(path, FileFormat[form.name])
        with path.open("rb") as answer:
            shutil.copyfileobj(answer, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _print(table: Table) -> None:
    """Print for the terminal's width, or as wide as the table is when nobody looks."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.measure(table).maximum, 80))
    console.print(table)
    rows = "row" if table.row_count == 1 else "rows"
    shown = f"{table.row_count} {rows}"
    if table.row_count == _MOST_ROWS_SHOWN:
        shown += " shown; --limit shows more"
    typer.echo(shown, err=True)


@app.command()
def tally(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="A list for programs.")] = False,
    export_dir: Folder = None,
    data_dir: DataFolder = _DATA_DIR,
) -> None:
    """Count the exported sales and add up their totals, per till and currency."""
    found = warehouse.steadily(export_dir or data_dir / "export", tally_of)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found]))
        return
    for one in found:
        money = Money(one.total_minor, one.currency)
        typer.echo(f"{one.till_id}  {one.sales} sales  {money}")


@app.command()
def models() -> None:
    """List every model and column with type and meaning."""
    for model in dictionary.models():
        typer.echo(f"\n{model.name}: {model.about}")
        for column in model.columns:
            typer.echo(f"  {column.name:<22}{column.type:<26}{column.about}")


@app.command()
def check(export_dir: Folder = None, data_dir: DataFolder = _DATA_DIR) -> None:
    """Hold the exported rows to what the documentation promises; exit code 1 when they differ."""
    broken = warehouse.steadily(
        export_dir or data_dir / "export",
        lambda connection: list(broken_promises(connection, dictionary.models())),
    )
    for sentence in broken:
        typer.echo(sentence)
    if broken:
        raise typer.Exit(1)
    typer.echo("Every column is as documented and every check holds.")


@app.command()
def views(export_dir: Folder = None, data_dir: DataFolder = _DATA_DIR) -> None:
    """Print the SQL that makes the same views in your own DuckDB."""
    typer.echo(warehouse.script(export_dir or data_dir / "export"), nl=False)


if __name__ == "__main__":
    app()
