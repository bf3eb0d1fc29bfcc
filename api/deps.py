"""What every route works with, opened once per process."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, Request
from temporalio.client import Client

from activities.db.engine import Database
from activities.db.standing import Desk
from activities.db.users import Acting
from activities.keys import OfficeKey, PinPepper
from activities.settings import Settings
from activities.temporal import payload_keys, temporal_server
from activities.token_keys import TokenKeys
from api.clients import Clients
from api.issuer import ExternalIssuer
from domain.audit import Actor
from domain.errors import DomainError
from workflows.client import client_for_requests
from workflows.codec import EncryptionCodec

CONNECTIONS = 16
"""Requests that speak to PostgreSQL at a time; as many threads, so that none waits for a pool."""


class NoDatabase(DomainError):
    """The office was not told where its database is."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "TILLFLOW_DATABASE_URL is not set. `tillflow up` starts PostgreSQL and gives its "
            "address to the programs it starts; set it to a PostgreSQL of your own otherwise."
        )


@dataclass(frozen=True)
class Office:
    """PostgreSQL, Temporal, the office's keys, and the programs that may act for users."""

    database: Database
    temporal: Client
    key: OfficeKey
    pepper: PinPepper
    codec: EncryptionCodec
    token_keys: TokenKeys
    clients: Clients
    issuer: ExternalIssuer | None = None

    @property
    def issuer_name(self) -> str:
        """What the external issuer is called, empty when there is none."""
        return self.issuer.name if self.issuer else ""

    def acting(self, actor: Actor) -> Acting:
        """Let somebody act, with the office's signature under what they do."""
        return Acting(self.key, actor)

    def desk(self) -> Desk:
        """Return what tills' papers are signed with, at the office's time."""
        return Desk(self.key, self.pepper.office, dt.datetime.now(dt.UTC))


def _issuer(settings: Settings) -> ExternalIssuer | None:
    if settings.oidc_issuer is None:
        return None
    secret_file = settings.oidc_client_secret_file
    return ExternalIssuer(settings.oidc_issuer, settings.oidc_client_id, secret_file)


@asynccontextmanager
async def open_office(settings: Settings) -> AsyncIterator[Office]:
    """Open everything lazily: PostgreSQL and Temporal may come up later, go and come back."""
    if settings.database_url is None:
        raise NoDatabase
    current_default_thread_limiter().total_tokens = CONNECTIONS
    keys = payload_keys(settings)
    database = Database(
        settings.database_url, most_connections=CONNECTIONS, heads=settings.audit_heads_file
    )
    try:
        yield Office(
            database=database,
            temporal=await client_for_requests(temporal_server(settings), keys),
            key=OfficeKey.at(settings.office_key_file),
            pepper=PinPepper.at(settings.pin_pepper_file),
            codec=EncryptionCodec(keys),
            token_keys=TokenKeys(settings.token_keys_dir),
            clients=Clients(settings.oauth_clients),
            issuer=_issuer(settings),
        )
    finally:
        database.close()


def _office(request: Request) -> Office:
    office = request.app.state.office
    assert isinstance(office, Office)
    return office


OpenOffice = Annotated[Office, Depends(_office)]
