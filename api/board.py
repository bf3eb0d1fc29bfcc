"""The live table of a demo: what each till has sold, as the ledger knows it."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

import httpx
from rich.console import Console
from rich.live import Live
from rich.table import Table

from activities.settings import Settings
from api.auth.commands import CommandToken
from domain.money import Money
from domain.roles import Role

EVERY_S = 1.0
PLAIN_EVERY_S = 5.0
_ANSWER_WITHIN_S = 5.0


class Board:
    """A table that redraws itself in a terminal, and a plain line now and then elsewhere."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings = settings
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._next_at = 0.0

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last table standing."""
        if self._live:
            self._live.stop()

    def look(self) -> None:
        """Draw what is new, if it is time."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + (EVERY_S if self._live else PLAIN_EVERY_S)
        try:
            states = tills(self._settings)
        except httpx.HTTPError:
            return  # the office is being restarted; the supervisor says so
        if self._live:
            self._live.update(_table(states), refresh=True)
        else:
            self._console.print(_line(states), soft_wrap=True, highlight=False)


def tills(settings: Settings) -> list[dict[str, Any]]:
    """Ask the office for its tills and what they sold; raises `httpx.HTTPError`."""
    url = f"{settings.api_url}/api/v1/tills"
    token = CommandToken(settings, "tillflow demo", Role.OPS)
    answer = httpx.get(url, auth=token, timeout=_ANSWER_WITHIN_S, trust_env=False)
    states: list[dict[str, Any]] = answer.raise_for_status().json()
    return states


def _table(states: list[dict[str, Any]]) -> Table:
    table = Table("store", "till", title="Sold so far")
    for title in ("sales", "total", "journal entries"):
        table.add_column(title, justify="right")
    for state in states:
        till, head = state["till"], state["head"]["sequence"]
        table.add_row(till["store_id"], till["id"], str(state["sales"]), _total(state), str(head))
    return table


def _line(states: list[dict[str, Any]]) -> str:
    return "   ".join(f"{s['till']['id']}: {s['sales']} sales {_total(s)}" for s in states)


def _total(state: dict[str, Any]) -> str:
    return str(Money(**state["total"]))
