"""Serves from a thread of its own until the end of a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from threading import Thread


@contextmanager
def served(server: ThreadingHTTPServer) -> Iterator[None]:
    """Serve what the server was made for; its port is closed and its thread over afterwards."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
