"""What commands on the office's machine act with: its database and its own keys, never others.

A key that was made beside an existing office would sign what nobody can verify, and pepper PINs
that no till could check. All keys are made once, by `begin`, which signs the first entry of the
audit in the same step; whoever comes later has to have the key that signed the last one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from activities import audit_heads
from activities.db import address, audit, beginnings
from activities.db.engine import Connection, Database, DatabaseAway
from activities.db.operators import operator
from activities.db.standing import Desk
from activities.keys import OfficeKey, PayloadKey, PinPepper, verify
from activities.settings import Settings
from activities.token_keys import TokenKeys
from domain.audit import Act
from domain.errors import DomainError

_REMEDY = (
    "Name the office's data folder: `--dir FOLDER` behind a command of `tillflow`, "
    "TILLFLOW_DATA_DIR for `python -m activities`."
)


class NoDatabase(DomainError):
    """The office was not told where its database is."""

    def __init__(self) -> None:
        super().__init__(
            "TILLFLOW_DATABASE_URL is not set. `tillflow up` starts PostgreSQL and prints its "
            "address; set it to that, or to the address of a PostgreSQL of your own."
        )


class BadAddress(DomainError):
    """An address that would be told in parts if it were used, its password among them."""

    def __init__(self) -> None:
        super().__init__(
            "TILLFLOW_DATABASE_URL cannot be read. Expected postgresql://user:password@host/name, "
            "with an @ of the password written as %40, a : as %3A and a / as %2F."
        )


class KeyNotHere(DomainError):
    """A folder without a key of the office that is to be acted on; another folder has it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The office's key {path.name} is not in {path.parent}; none was made and nothing "
            f"changed. {_REMEDY} Only a new office gets keys: by `tillflow up`, or by `python -m "
            "activities begin` with a PostgreSQL of your own."
        )


class KeyLost(DomainError):
    """A folder that has the office's own key, and not another one that belongs beside it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The office's key {path.name} is not in {path.parent}, where its own signing key is; "
            "no other was made. Copy it from another machine of the office or from a backup. If "
            "it is lost, `tillflow replace-lost-keys --dir FOLDER` (with a PostgreSQL of your own "
            "`python -m activities replace-lost-keys`) makes a new one and says what that costs."
        )


class NotBegun(DomainError):
    """A database whose audit has no first entry, which only `begin` signs."""

    def __init__(self) -> None:
        super().__init__(
            "This office has not begun: nothing of its audit is signed, so no key is known to be "
            "its own. Nothing was changed. Begin it by `tillflow up`, or by `python -m activities "
            "begin` with a PostgreSQL of your own."
        )


class OtherOffice(DomainError):
    """A key that is not the one of the office that is to be acted on."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The key in {path.parent} did not sign the end of the audit in this database: it is "
            f"another office's. Nothing was changed. {_REMEDY}"
        )


def database(settings: Settings, most_connections: int = 1) -> Database:
    """Open the office's database; raises `NoDatabase` or `BadAddress`."""
    url, heads = database_url(settings), settings.audit_heads_file
    return Database(url, most_connections=most_connections, heads=heads)


@contextmanager
def books(settings: Settings) -> Iterator[Connection]:
    """One transaction on the office's database, which is closed afterwards."""
    opened = database(settings)
    try:
        with opened.begin() as connection:
            yield connection
    finally:
        opened.close()


def database_url(settings: Settings) -> str:
    """Return where the office's database is; raises `NoDatabase` or `BadAddress`."""
    if settings.database_url is None:
        raise NoDatabase
    if not address.is_readable(settings.database_url):
        raise BadAddress
    return settings.database_url


def desk(connection: Connection, settings: Settings) -> Desk:
    """Open the keys of the office that this database is; nothing is made or written.

    Raises `KeyNotHere`, `NotBegun`, `OtherOffice` or `KeyLost`.
    """
    key = own_key(connection, settings)
    insist_on_key(settings, settings.pin_pepper_file)
    pepper = PinPepper.at(settings.pin_pepper_file)
    return Desk(key, pepper.office, dt.datetime.now(dt.UTC))


def own_key(connection: Connection, settings: Settings) -> OfficeKey:
    """Open the key that signed the end of the audit.

    Raises `KeyNotHere`, `NotBegun` or `OtherOffice`.
    """
    insist_on_key(settings, settings.office_key_file)
    key = OfficeKey.at(settings.office_key_file)
    last = audit.last_entry(connection) if beginnings.has_audit(connection) else None
    if last is None:
        raise NotBegun
    if not verify(key.public_key, bytes.fromhex(last.hash), last.signature):
        raise OtherOffice(settings.office_key_file)
    return key


def insist_on_key(settings: Settings, path: Path) -> None:
    """Raise `KeyNotHere` or `KeyLost` unless the file is there."""
    if not settings.office_key_file.exists():
        raise KeyNotHere(settings.office_key_file)
    if path in _lost(settings):
        raise KeyLost(path)


def insist_on_all_keys(settings: Settings) -> None:
    """Raise `KeyNotHere` or `KeyLost` unless everything that `begin` makes is there."""
    for path in _makers(settings):
        insist_on_key(settings, path)


def insist_on_own_keys(settings: Settings, database: Database) -> None:
    """Raise what `desk` does, for a program: it works with every key, on any machine.

    A database that is away is not waited for: the files alone are looked at then.
    """
    with suppress(DatabaseAway), database.begin() as connection:
        own_key(connection, settings)
    insist_on_all_keys(settings)


def begin(connection: Connection, settings: Settings) -> None:
    """Make the keys of a new office and sign that it has begun; any other has to have its own.

    An older office gets the keys here that its programs made when they first needed them, and a
    pepper that nothing was ever mixed with is made again. Raises `KeyNotHere` or `OtherOffice`.
    """
    beginnings.wait_for_others(connection)
    key, makers = _first_key(connection, settings), _makers(settings)
    if not beginnings.has_peppered(connection):
        makers[settings.pin_pepper_file]()
    if not beginnings.is_told(connection):
        makers[settings.payload_key_file]()
        makers[settings.token_keys_dir]()
        act = Act(beginnings.BEGUN, "office", after={"public_key": key.public_key})
        audit.record(connection, key, operator(), act)


def replace_lost(connection: Connection, settings: Settings) -> list[Path]:
    """Make anew what is lost beside the office's own key, each with an act; return what that was.

    Raises `KeyNotHere`, `NotBegun` or `OtherOffice`.
    """
    key, lost = own_key(connection, settings), _lost(settings)
    for path in lost:
        audit.record(connection, key, operator(), Act("lost_key_replaced", path.name))
        _makers(settings)[path]()
    return lost


def _makers(settings: Settings) -> dict[Path, Callable[[], object]]:
    """Say how each key beside the office's own is made, unless it is there."""
    pepper, payload = settings.pin_pepper_file, settings.payload_key_file
    return {
        pepper: lambda: PinPepper.at(pepper),
        payload: lambda: PayloadKey.at(payload),
        settings.token_keys_dir: TokenKeys(settings.token_keys_dir).signing,
    }


def _lost(settings: Settings) -> list[Path]:
    tokens = settings.token_keys_dir
    files = [path for path in _makers(settings) if path != tokens and not path.exists()]
    return files if TokenKeys(tokens).are_there() else [*files, tokens]


def _first_key(connection: Connection, settings: Settings) -> OfficeKey:
    """Open the key that signs the first entry, or has signed the last one.

    Journals from before there was an audit are no new office's: their key has to be here, and its
    folder has noted no end of another audit.
    """
    if audit.last_entry(connection) is not None:
        return own_key(connection, settings)
    if audit.has_begun(connection):
        insist_on_key(settings, settings.office_key_file)
        if audit_heads.noted(settings.audit_heads_file):
            raise OtherOffice(settings.office_key_file)
    return OfficeKey.at(settings.office_key_file)
