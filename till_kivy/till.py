"""One whole till put together: keys, journal, catalogue, register, and the road to the office."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from domain import catalog as shop
from domain.journal import Signer
from domain.lease import SignedLease
from till_kivy.catalog import SqliteCatalog
from till_kivy.clock import Clock, SystemClock
from till_kivy.errors import JournalUnusable, KeysUnusable
from till_kivy.hardware.protocols import Devices
from till_kivy.journal import Journal
from till_kivy.keystore import key_store, write_durably
from till_kivy.loop import Loop
from till_kivy.occupied import Occupied
from till_kivy.office import HttpOffice
from till_kivy.outbox import Outbox, OutboxStatus
from till_kivy.permission import LeasedPermission
from till_kivy.register import Register
from till_kivy.renewal import Renewal
from till_kivy.sync import CatalogSync
from till_kivy.view import RegisterView

IDENTITY = "till.json"
JOURNAL = "journal.sqlite"
CATALOG = "catalog.sqlite"
_NO_DEVICES = Devices()
_SYSTEM_CLOCK = SystemClock()


class Uplink:
    """The threads that speak to the office: entries go up, catalogue and lease come down."""

    def __init__(
        self,
        url: str,
        journal: Journal,
        catalog: SqliteCatalog,
        clock: Clock,
        permission: LeasedPermission,
    ) -> None:
        self._permission = permission
        told = (self._told, self._told, permission.learn)
        self._offices = tuple(
            HttpOffice(url, journal.till_id, journal.signer, told=one) for one in told
        )
        self.outbox = Outbox(journal, self._offices[0], clock)
        self.sync = CatalogSync(self._offices[1], catalog, self.outbox.heard)
        self.renewal = Renewal(self._offices[2], permission, clock, self.outbox.resume)

    def start(self) -> None:
        """Begin to send and to ask."""
        self.outbox.start()
        self.sync.start()
        self.renewal.start()

    def _told(self, word: SignedLease) -> None:
        """Take the office's word that the till may not trade, and ask when it may again."""
        self._permission.learn(word)
        self.renewal.nudge()

    def close(self) -> None:
        """End all threads; what is unsent stays in the journal."""
        self.renewal.stop()
        self.sync.stop()
        self.outbox.stop()
        for office in self._offices:
            office.close()


class Till:
    """A till in its folder; `uplink` is `None` for one that works without an office."""

    def __init__(
        self,
        journal: Journal,
        catalog: SqliteCatalog,
        register: Register,
        clock: Clock,
        uplink: Uplink | None = None,
    ) -> None:
        self._clock = clock
        self._opened = ExitStack()
        self.journal = journal
        self.catalog = catalog
        self.register = register
        self.uplink = uplink

    @classmethod
    def open(
        cls,
        folder: Path,
        office_url: str | None = None,
        devices: Devices = _NO_DEVICES,
        clock: Clock = _SYSTEM_CLOCK,
    ) -> Self:
        """Open the till in a folder and set it to work; raises a `DomainError` when it must not."""
        till = identity(folder)
        with ExitStack() as opened:
            opened.callback(Occupied(folder).close)
            journal = open_journal(folder, clock)
            opened.callback(journal.close)
            keys = key_store(folder)
            catalog = SqliteCatalog(folder / CATALOG, keys.journal_key(), keys.pin_pepper())
            opened.callback(catalog.close)
            register = Register(till, catalog, journal, devices, clock, uuid7)
            register.start(version("tillflow"))
            uplink = None
            if office_url or journal.lease():
                register.permission = permission = LeasedPermission(journal, clock)
                timekeeper = Loop("time", permission.note_time)
                opened.callback(timekeeper.stop)
                timekeeper.start()
                if office_url:
                    uplink = Uplink(office_url, journal, catalog, clock, permission)
            own = cls(journal, catalog, register, clock, uplink)
            own._opened = opened.pop_all()
        if uplink:
            uplink.start()
        return own

    def view(self) -> RegisterView:
        """Return what screens show, the office's state included."""
        status = self.status()
        return self.register.view(online=status is not None and status.online)

    def time_of_day(self) -> str:
        """Return the time on the store's own clock, as in `14:05`."""
        zone = ZoneInfo(self.catalog.store.timezone) if self.catalog.version else dt.UTC
        return self._clock.now().astimezone(zone).strftime("%H:%M")

    def status(self) -> OutboxStatus | None:
        """Return how things stand with the office, `None` for a till without one."""
        return self.uplink.outbox.status() if self.uplink else None

    def nudge(self) -> None:
        """Say that there is something new for the office."""
        if self.uplink:
            self.uplink.outbox.nudge()

    def drain(self, deadline_s: float) -> bool:
        """Wait until the office holds everything; tell whether it did before the deadline."""
        return self.uplink.outbox.drain(deadline_s) if self.uplink else False

    def close(self) -> None:
        """Stop all threads and let go of the files; nothing that was sold is lost by this."""
        if self.uplink:
            self.uplink.close()
        self.register.stop()
        self._opened.close()


def create(folder: Path, till_id: str, series: str = "") -> Signer:
    """Make a till's folder: keys, journal, name; what is there already stays as it is.

    `series` starts its receipt numbers; without one they start with the till's own name.
    """
    keys = key_store(folder)
    keys.create()
    if not (folder / IDENTITY).exists():
        begin_journal(folder, till_id, _SYSTEM_CLOCK).close()
        write_identity(folder, till_id, series or till_id.upper())
    found = identity(folder)
    if found.id != till_id or (series and found.series != series):
        raise KeysUnusable(
            f"{folder} is till {found.id}, series {found.series}, and was left as it is: choose"
            f" another folder for till {till_id}."
        )
    return keys.signer()


def begin_journal(folder: Path, till_id: str, clock: Clock) -> Journal:
    """Open the journal of a till that is being made, for which it may be begun."""
    keys = key_store(folder)
    return Journal.open(folder / JOURNAL, keys.journal_key(), keys.signer(), till_id, clock)


def write_identity(folder: Path, till_id: str, series: str) -> None:
    """Write down whose folder this is; from then on it is a till."""
    named = {"id": till_id, "series": series}
    write_durably(folder / IDENTITY, json.dumps(named).encode())


def open_journal(folder: Path, clock: Clock = _SYSTEM_CLOCK) -> Journal:
    """Open the journal that was made with the till; a lost one is never begun again.

    A second journal of one till would repeat its receipt numbers and fork its chain.
    """
    named = identity(folder)
    if not (folder / JOURNAL).exists():
        raise JournalUnusable(
            f"The journal of till {named.id} is gone from {folder}. Put it back from where it was "
            "moved or saved; if it is lost, set up a new till with a name of its own."
        )
    return begin_journal(folder, named.id, clock)


def identity(folder: Path) -> shop.Till:
    """Return whose folder this is; its store comes with the catalogue."""
    try:
        named = json.loads((folder / IDENTITY).read_text("utf-8"))
        return shop.Till(id=named["id"], store_id="", series=named["series"])
    except FileNotFoundError as error:
        message = (
            f"There is no till in {folder}: enrol it with a code from the manager's page "
            f"(`enrol --office ADDRESS --dir {folder}`), or create one with"
            f" `init --till NAME --dir {folder}`."
        )
        raise KeysUnusable(message) from error
    except (ValueError, KeyError, TypeError) as error:
        message = f"{folder / IDENTITY} is damaged ({error}): write its id and series again."
        raise KeysUnusable(message) from error
