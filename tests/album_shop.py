"""The shop that the pictures of the manager's pages show: the demo's, on an ordinary morning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from browsing import PASSWORD, Visitor, code_on
from commands import OWNER, OWNER_PASSWORD, Tillflow, place, settings_in
from offices import run_program
from sqlalchemy import text

from activities.db.engine import Database
from activities.db.tasks import NewTask, open_task
from activities.settings import Settings
from api.running import running_office
from domain.money import Money

OWNER_LOGIN = OWNER["TILLFLOW_OWNER_LOGIN"]
ANALYST = "ana"
READY = "Ctrl-C stops everything"
SOLD_AT = "berlin-1"
_STOLEN = "berlin-2"
_SALES = 40
_USERS = (
    {"id": "mia", "name": "Mia Weber", "role": "manager", "store_id": "berlin"},
    {"id": "omar", "name": "Omar Haddad", "role": "ops", "store_id": ""},
    {"id": ANALYST, "name": "Ana Souza", "role": "analyst", "store_id": ""},
)
_TASKS = (
    NewTask(
        "berlin",
        "till_forked",
        "berlin-2 epoch 1 entry 41",
        "Till berlin-2 signed a second entry 41; the office holds another journal up to entry 63. "
        "Both devices stopped. Find out which one is genuine and switch the other off before the "
        "till may trade again; the other's entry is in quarantine.",
        till_id=_STOLEN,
    ),
    NewTask(
        "vancouver",
        "approval_missing",
        "vancouver-1/1/17",
        "Till vancouver-1, entry 17 (line_voided): a cashier took 12.50 CAD off a ticket, and "
        "nobody approved it.",
        till_id="vancouver-1",
        amount=Money(1250, "CAD"),
    ),
)
_HOURS_AGO = text("UPDATE exception_tasks SET opened_at = opened_at - interval '200 minutes'")


@dataclass(frozen=True, slots=True)
class MorningShop:
    """An office with the demo's goods and people; all it does, it does as its people would."""

    settings: Settings

    def work(self) -> None:
        """Let people in, sell at one till, lose another, and leave two things to decide."""
        with Visitor(self) as owner:
            owner.log_in(OWNER_LOGIN, OWNER_PASSWORD)
            for user in _USERS:
                owner.send("/users", **user, password=PASSWORD)
            for till_id in (SOLD_AT, _STOLEN):
                self._enrol(owner, till_id)
            self.run("till_kivy", "simulate", *self._at(SOLD_AT), "--sales", str(_SALES))
            page, why = f"/tills/{_STOLEN}", "It was stolen over the weekend."
            owner.send(page, f"{page}/standing", standing="revoked", why=why)
        self._leave_decisions()

    def run(self, module: str, *words: str, **more: str) -> None:
        done = run_program(module, *words, settings=self.settings, **more)
        assert done.returncode == 0, done.stderr

    def _enrol(self, owner: Visitor, till_id: str) -> None:
        page = f"/tills/{till_id}"
        code = code_on(owner.send(page, f"{page}/code"))
        self.run("till_kivy", "enrol", *self._at(till_id), TILLFLOW_ENROLMENT_CODE=code)

    def _at(self, till_id: str) -> tuple[str, ...]:
        folder = self.settings.tills_dir / till_id
        return ("--dir", str(folder), "--office", self.settings.api_url)

    def _leave_decisions(self) -> None:
        assert self.settings.database_url is not None
        with (
            closing(Database(self.settings.database_url, as_owner=True)) as database,
            database.begin() as connection,
        ):
            for task in _TASKS:
                open_task(connection, task)
            connection.execute(_HOURS_AGO)


@contextmanager
def opened_shop() -> Iterator[str]:
    """Run the shop until the end of the block; yield where its pages are."""
    with place() as folder:
        settings = settings_in(folder)
        with Tillflow(settings, "up") as office:
            office.until_it_says(READY)
            running = running_office(settings)
            assert running is not None, office.text
            shop = MorningShop(running)
            shop.run("activities", "load", "--demo")
            shop.work()
            yield running.api_url
