"""`python -m api`: serve until SIGTERM or Ctrl-C."""

from __future__ import annotations

import socket
import sys

import uvicorn

from activities import logs, operating
from activities.keys import BadKeyFile
from activities.settings import BadSettings, Settings, read_settings, spare_the_collector
from api.app import create_app
from domain.errors import DomainError

STOP_WITHIN_S = 20


def main() -> int:
    """Serve the API where the settings say."""
    try:
        settings = read_settings()
        _insist_on_keys(settings)
        _refuse_taken(settings)
    except (BadKeyFile, BadSettings, DomainError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    spare_the_collector()
    logs.begin()
    logs.begin_temporal()
    uvicorn.run(
        create_app(settings),
        host=settings.api_host,
        port=settings.api_port,
        access_log=False,
        log_config=None,
        proxy_headers=False,  # the application does that, by its settings
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )
    return 0


def _insist_on_keys(settings: Settings) -> None:
    database = operating.database(settings)
    try:
        operating.insist_on_own_keys(settings, database)
    finally:
        database.close()


def _refuse_taken(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.api_host, settings.api_port))
        except OSError as error:
            message = (
                f"The API cannot listen on {settings.api_url}: {error.strerror}. "
                "Set TILLFLOW_API_PORT to a free port."
            )
            raise BadSettings(message) from error


if __name__ == "__main__":
    sys.exit(main())
