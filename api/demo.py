"""`tillflow demo`: a whole shop on one machine, with cashiers who sell by themselves."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from pydantic import TypeAdapter
from rich.console import Console

from activities.demo_shop import DEMO_PIN, DEMO_TILLS, demo_badge
from activities.settings import Settings
from api import books, programs
from api.board import Board, tills
from api.owner import Owner, make_owner
from api.running import CannotStart
from api.supervisor import Child
from api.up import LOOK_EVERY_S, Office, addresses, opened_office, say_on
from domain.catalog import Till

PACE_S = 3.0
DEMO_OWNER = Owner("demo", "Demo owner", "demo-demo-demo")
"""The owner of the demo shop; the password protects nothing."""
_TILL = TypeAdapter(Till)


@dataclass(frozen=True, slots=True)
class DemoAsked:
    """How the demo is to run: `sales` 0 means until Ctrl-C; `leave` ends it by itself."""

    sales: int = 0
    leave: bool = False
    seed: int = 1
    window: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """What one simulated cashier has to do; `sales` 0 means until told to stop."""

    till_id: str
    sales: int
    seed: int


def display_there() -> bool:
    """Tell whether a window could be opened here."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_demo(settings: Settings, asked: DemoAsked, console: Console) -> int:
    """Run the demo and return the exit code."""
    with opened_office(settings, say_on(console)) as office:
        office.start()
        till_ids = _set_up_tills(office)
        office.say(addresses(office))
        if asked.window:
            _open_window(office, till_ids.pop(0))
        cashiers = [_start_cashier(office, shift, asked) for shift in _shifts(till_ids, asked)]
        _watch(office, cashiers, asked, console)
        return _close_day(office, cashiers) if asked.leave else 0


def _set_up_tills(office: Office) -> list[str]:
    """Load the demo shop once, and make its tills that are not there yet as a shop would: by code.

    A shop that was begun before goes on as people left it.
    """
    settings = office.settings
    unowned = bool(programs.run_json(settings, "activities", "owner", "--needed"))
    _insist_on_demo(settings, unowned=unowned)
    if unowned:
        programs.run(settings, "activities", "load", "--demo")
        make_owner(settings, DEMO_OWNER, office.say)
    office.say(
        f"Demo: everybody's PIN is {DEMO_PIN}, their badges are {demo_badge('…')}, the password is "
        f"{DEMO_OWNER.password}, until somebody changes them. Not for real."
    )
    missing = [one for one in DEMO_TILLS if not (settings.tills_dir / one / "till.json").exists()]
    with ThreadPoolExecutor() as pool:
        list(pool.map(partial(_enrol, settings), missing))
    return list(DEMO_TILLS)


def _insist_on_demo(settings: Settings, *, unowned: bool) -> None:
    """Raise `CannotStart` in the folder of another shop, where no demo's cashier may sell."""
    there = {_TILL.validate_python(state["till"]).id for state in tills(settings)}
    is_new = unowned and not there
    if not is_new and not there.issuperset(DEMO_TILLS):
        raise CannotStart(
            f"{settings.data_dir} holds another shop. The demo sells by itself and its password is "
            "known to everybody: give it a folder of its own with --dir. Nothing was changed."
        )


def _enrol(settings: Settings, till_id: str) -> None:
    code = programs.run_json(settings, "activities", "enrolment-code", till_id)["code"]
    programs.run(
        settings,
        *("till_kivy", "enrol"),
        *("--dir", settings.tills_dir / till_id, "--office", settings.api_url),
        TILLFLOW_ENROLMENT_CODE=code,
    )


def _open_window(office: Office, till_id: str) -> None:
    """Let a person sell at one till; who closes the window has finished with it."""
    place = ("--dir", office.settings.tills_dir / till_id, "--office", office.settings.api_url)
    window = office.child("window", "till_kivy", "window", "--simulated", *place)
    office.supervisor.start("window", window, again=False)


def _shifts(till_ids: list[str], asked: DemoAsked) -> list[Shift]:
    """Divide the sales over the tills; a till with nothing to sell stays closed."""
    each, left = divmod(asked.sales, len(till_ids))
    shifts = [
        Shift(till_id, each + (number < left), asked.seed + number)
        for number, till_id in enumerate(till_ids)
    ]
    return [shift for shift in shifts if shift.sales or not asked.sales]


def _start_cashier(office: Office, shift: Shift, asked: DemoAsked) -> Child:
    name = f"cashier at {shift.till_id}"
    settings = office.settings
    cashier = office.child(
        name,
        "till_kivy",
        "simulate",
        *("--dir", settings.tills_dir / shift.till_id, "--office", settings.api_url),
        *("--sales", shift.sales, "--seed", shift.seed),
        *("--pace", 0 if asked.sales else PACE_S),
    )
    office.supervisor.start(name, cashier, again=not shift.sales)
    return cashier


def _watch(office: Office, cashiers: list[Child], asked: DemoAsked, console: Console) -> None:
    """Show what is sold until Ctrl-C, or until all cashiers have finished."""
    with Board(office.settings, console) as board:
        try:
            while not (asked.leave and all(cashier.pid is None for cashier in cashiers)):
                office.supervisor.look()
                board.look()
                time.sleep(LOOK_EVERY_S)
        except KeyboardInterrupt:
            office.say("Stopping …")
            if asked.leave:
                raise


def _close_day(office: Office, cashiers: list[Child]) -> int:
    """Export the day and compare the books; 1 when they differ or a cashier failed."""
    failed = [cashier for cashier in cashiers if cashier.exit_code]
    for cashier in failed:
        office.say(f"A cashier failed: {cashier.last_words}\n(all of it in {cashier.log})")
    office.say(programs.run(office.settings, "activities", "export").strip())
    found = books.compare(office.settings)
    office.say(books.verdict(found))
    return 0 if found.balanced and not failed else 1
