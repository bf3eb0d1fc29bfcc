"""What commands on the office's machine act with: its database and its own keys, never others.

A key that was made beside an existing office would sign what nobody can verify, and pepper PINs
that no till could check. Keys are made once, by `begin`, for an office that has signed nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from activities.db import address, audit
from activities.db.engine import Connection, Database
from activities.db.standing import Desk
from activities.keys import OfficeKey, PinPepper, verify
from activities.settings import Settings
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
    """A folder without a key of the office that is to be acted on."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The office's key {path.name} is not in {path.parent}; none was made and nothing "
            f"changed. {_REMEDY} Only a new office gets keys: by `tillflow up`, or by `python -m "
            "activities begin` with a PostgreSQL of your own."
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

    Raises `KeyNotHere` or `OtherOffice`.
    """
    for path in (settings.office_key_file, settings.pin_pepper_file):
        insist_on_key(path)
    key = OfficeKey.at(settings.office_key_file)
    last = audit.last_entry(connection)
    if last and not verify(key.public_key, bytes.fromhex(last.hash), last.signature):
        raise OtherOffice(settings.office_key_file)
    pepper = PinPepper.at(settings.pin_pepper_file)
    return Desk(key, pepper.office, dt.datetime.now(dt.UTC))


def insist_on_key(path: Path) -> None:
    """Raise `KeyNotHere` unless the file is there."""
    if not path.exists():
        raise KeyNotHere(path)


def begin(connection: Connection, settings: Settings) -> None:
    """Make the keys of an office that has signed nothing yet; any other has to have its own."""
    if not audit.has_begun(connection):
        OfficeKey.at(settings.office_key_file)
        PinPepper.at(settings.pin_pepper_file)
    desk(connection, settings)


def insist_on_own_folder(connection: Connection, settings: Settings) -> None:
    """Raise `KeyNotHere` or `OtherOffice` where a key would be made beside an existing office."""
    if audit.has_begun(connection):
        desk(connection, settings)
