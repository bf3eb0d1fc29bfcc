"""A running office for tests: API and worker on real engines, in this process or in their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import uvicorn
from fastapi import FastAPI
from loops import START_S, Loop
from quiet_ports import quiet_port
from temporalio.client import Client
from temporalio.worker import Worker
from waiting import until

from activities import operating
from activities.bodies import bodies
from activities.db.engine import Database
from activities.settings import Settings
from activities.temporal import payload_keys, temporal_server
from activities.worker import office_worker
from api.app import create_app
from api.auth.commands import CommandToken
from domain.journal import Signer
from domain.roles import Role
from till_kivy.proofs import TillProofs
from workflows.client import connect


def settings_for(data_dir: Path, database_url: str, temporal_port: int) -> Settings:
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        temporal_port=temporal_port,
        api_port=quiet_port(),
    )


def begin(settings: Settings) -> None:
    """Begin an office as an operator does: programs of their own want its keys and its audit."""
    with operating.books(settings) as connection:
        operating.begin(connection, settings)


@dataclass
class RunningOffice:
    """API and worker in this process; `http` speaks to the API as an admin.

    `database` is the owner's, for what tests do by hand; the programs have their own.
    """

    settings: Settings
    loop: Loop
    temporal: Client
    database: Database
    steps: Database
    http: httpx.Client
    _worker: Worker | None
    _server: uvicorn.Server
    _serving: Any
    _clients: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def open(cls, settings: Settings, loop: Loop) -> Self:
        assert settings.database_url is not None
        database = Database(settings.database_url, as_owner=True)
        steps = Database(settings.database_url)
        client = loop.run(connect(temporal_server(settings), payload_keys(settings)))
        config = uvicorn.Config(
            create_app(settings),
            port=settings.api_port,
            log_level="error",
            ws="none",
            proxy_headers=False,
        )
        server = uvicorn.Server(config)
        serving = loop.start(server.serve())
        http = api_client(settings)
        office = cls(settings, loop, client, database, steps, http, None, server, serving)
        try:
            until(lambda: server.started, START_S)
            office.start_worker()
        except BaseException:
            office.close()
            raise
        return office

    @property
    def app(self) -> FastAPI:
        """The API's application."""
        app = self._server.config.app
        assert isinstance(app, FastAPI)
        return app

    def as_till(self, till_id: str, signer: Signer) -> httpx.Client:
        """The API as a till, which has to be enrolled with this key."""
        return self.asked_by(TillProofs(signer, till_id))

    def asked_by(self, auth: httpx.Auth) -> httpx.Client:
        """The API as somebody else; `httpx.Auth()` is nobody."""
        client = api_client(self.settings, auth)
        self._clients.callback(client.close)
        return client

    def start_worker(self) -> None:
        self._worker = self.loop.run(self._working())

    async def _working(self) -> Worker:
        steps = bodies(self.steps, self.settings.export_dir)
        return await office_worker(self.temporal, steps).__aenter__()

    def stop_worker(self) -> None:
        if self._worker is not None:
            self.loop.run(self._worker.__aexit__(None, None, None))
            self._worker = None

    def close(self) -> None:
        self._clients.close()
        self.http.close()
        self.stop_worker()
        self._server.should_exit = True
        self._serving.result(START_S)
        self.steps.close()
        self.database.close()


class Program:
    """`python -m …` in a process of its own, told what to do by its environment."""

    def __init__(self, module: str, *arguments: str, settings: Settings) -> None:
        self.command = [sys.executable, "-P", "-m", module, *arguments]
        self.environment = os.environ | settings.as_environment()
        self.log = settings.data_dir / f"{module}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=log
            )
        return self

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(START_S)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.end(signal.SIGKILL)


def run_program(
    module: str, *arguments: str, settings: Settings, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; `more` are further variables of its environment."""
    return subprocess.run(
        [sys.executable, "-P", "-m", module, *arguments],
        env=os.environ | settings.as_environment() | more,
        capture_output=True,
        text=True,
        timeout=2 * START_S,
        check=False,
    )


def api_client(settings: Settings, auth: httpx.Auth | None = None) -> httpx.Client:
    """The API as an admin, or as somebody else."""
    admin = CommandToken(settings, "a test", Role.ADMIN)
    url = f"{settings.api_url}/api/v1"
    return httpx.Client(base_url=url, auth=auth or admin, timeout=20, trust_env=False)


def is_well(http: httpx.Client) -> bool:
    try:
        return http.get("/health").is_success
    except httpx.TransportError:
        return False
