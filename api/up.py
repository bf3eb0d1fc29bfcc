"""The office of one machine: its engines, its worker and its API, started in one folder."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import httpx
from rich.console import Console

from activities.db import address
from activities.db.operators import machine
from activities.settings import Settings
from api import programs
from api.engines.postgres import EmbeddedPostgres
from api.engines.temporal import EmbeddedTemporal, TemporalPorts
from api.owner import insist_on_owner, insist_on_terminal, owner_told
from api.ports import refuse_taken_port
from api.running import CannotStart, OneAtATime
from api.supervisor import Child, Say, Supervisor

READY_WITHIN_S = 90.0
LOOK_EVERY_S = 0.2


@contextmanager
def opened_office(settings: Settings, say: Say) -> Iterator[Office]:
    """Take a folder for an office, to be started in the block; its end stops everything."""
    settings = settings.model_copy(update={"data_dir": settings.data_dir.absolute()})
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    # A shell starts background jobs with Ctrl-C switched off; `kill -INT` must still be heard.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with (
        OneAtATime(settings.data_dir) as lock,
        Supervisor(say, holds=(lock.fileno(),)) as supervisor,
    ):
        office = Office(settings, supervisor, say)
        lock.tell(settings)
        try:
            yield office
        finally:
            # A second Ctrl-C must not leave half of it running.
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(number: int, _: object) -> None:
    raise SystemExit(128 + number)


class Office:
    """Starts what the settings do not place elsewhere; `settings` then holds every address."""

    def __init__(self, settings: Settings, supervisor: Supervisor, say: Say) -> None:
        self.settings = settings
        self.supervisor = supervisor
        self.say = say
        self.temporal_ui = ""

    def start(self) -> None:
        """Start everything in order and return once the API answers."""
        self.start_books()
        self.start_programs()

    def start_books(self) -> None:
        """Start PostgreSQL alone, with every table, and see to the office's keys."""
        refuse_taken_port(self.settings.api_port, "TILLFLOW_API_PORT")
        self._start_postgres()
        programs.run(self.settings, "activities", "begin")

    def start_programs(self) -> None:
        """Start what works on the books and return once the API answers."""
        self._start_temporal()
        self._start_program("worker", "activities", "work")
        self._start_program("API", "api")
        self._wait_for_api()

    def child(self, name: str, module: str, *arguments: object) -> Child:
        """Make a program of ours that has the office's settings and a log of its own."""
        log = self.settings.data_dir / "logs" / f"{name.lower().replace(' ', '-')}.log"
        line = programs.command(module, *arguments)
        return Child(line, self.settings.as_environment(), log)

    def _start_postgres(self) -> None:
        if self.settings.database_url is not None:
            return
        postgres = EmbeddedPostgres(self.settings.postgres_dir)
        self.supervisor.start("PostgreSQL", postgres)
        self._learn(database_url=postgres.url())
        self.say("PostgreSQL is up.")

    def _start_temporal(self) -> None:
        if self.settings.temporal_address is not None:
            return
        ports = TemporalPorts(self.settings.temporal_port, self.settings.temporal_ui_port)
        codec = f"{page_url(self.settings)}/codec"
        temporal = EmbeddedTemporal(self.settings.temporal_file, ports, codec_url=codec)
        self.supervisor.start("Temporal", temporal)
        self.temporal_ui = temporal.ui_url
        self.say("Temporal is up.")

    def _learn(self, **addresses: str) -> None:
        self.settings = self.settings.model_copy(update=addresses)

    def _start_program(self, name: str, module: str, *arguments: object) -> None:
        self.supervisor.start(name, self.child(name, module, *arguments))

    def _wait_for_api(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not answers(self.settings):
            self.supervisor.look()
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"The API did not answer within {READY_WITHIN_S:.0f} s. Why stands in "
                    f"{self.settings.data_dir / 'logs'}; `tillflow doctor` may know more."
                )
            time.sleep(LOOK_EVERY_S)
        self.say("Worker and API are up.")


def answers(settings: Settings) -> bool:
    """Tell whether the API says that it is well."""
    try:
        url = f"{settings.api_url}/api/v1/health"
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def run_up(settings: Settings, say: Say) -> None:
    """Run the office until Ctrl-C; one that nobody owns starts nothing that others could reach."""
    told = owner_told()
    if told is None and is_new(settings):
        insist_on_terminal()
    with opened_office(settings, say) as office:
        office.start_books()
        insist_on_owner(office.settings, told, say)
        office.start_programs()
        say(addresses(office))
        say("Ctrl-C stops everything; the data stays.")
        try:
            while True:
                office.supervisor.look()
                time.sleep(LOOK_EVERY_S)
        except KeyboardInterrupt:
            say("Stopping …")


def is_new(settings: Settings) -> bool:
    """Tell, without starting anything, that the office cannot have an owner yet."""
    return settings.database_url is None and not settings.postgres_dir.exists()


def say_on(console: Console) -> Say:
    """Speak in plain lines: not wrapped, not coloured, nothing read as markup."""
    return lambda words: console.print(words, soft_wrap=True, highlight=False, markup=False)


def page_url(settings: Settings) -> str:
    """Return the address at which a browser of this machine finds the manager's page."""
    host = settings.api_host
    if _is_everywhere(host):
        host = "[::1]" if ":" in host else "127.0.0.1"
    return f"http://{host}:{settings.api_port}"


def addresses(office: Office) -> str:
    """Say where everything is; a database's password is masked."""
    settings = office.settings
    places = {
        "Manager's page": f"{page_url(settings)}{_elsewhere(settings)}",
        "API and its documentation": f"{page_url(settings)}/docs",
        "Temporal UI": office.temporal_ui or f"see {settings.temporal_address}",
        "Data folder": str(settings.data_dir),
        "PostgreSQL": address.shown(settings.database_url or ""),
    }
    return "\n".join(f"  {name + ':':<27}{place}" for name, place in places.items())


def _elsewhere(settings: Settings) -> str:
    """Say how other machines reach a page that listens at every address of this one."""
    if not _is_everywhere(settings.api_host):
        return ""
    return f" (from other machines http://{machine()}:{settings.api_port})"


def _is_everywhere(host: str) -> bool:
    """Tell whether a host stands for each address of this machine; a name does not."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False
