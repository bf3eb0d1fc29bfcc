"""A program on the user's device that asks for a token and waits for the browser to come back."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from urllib.parse import parse_qs, urlsplit

from served import served

from api.clients import CLI
from domain.tokens import base64url

WAITS_S = 20
Query = dict[str, list[str]]


class Callback(BaseHTTPRequestHandler):
    """Takes what the browser brings, and shows a page that asks for nothing else."""

    server: Listener

    def do_GET(self) -> None:
        self.server.brought.put(parse_qs(urlsplit(self.path).query))
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href='data:,'>You may close this page.")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Listener(ThreadingHTTPServer):
    """A loopback port that a program found free (RFC 8252)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Callback)
        self.brought: Queue[Query] = Queue()


@dataclass
class Program:
    """Asks for a code at `/oauth/authorize` with what is in `asked`."""

    listener: Listener
    asked: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        verifier = secrets.token_urlsafe(48)
        self.asked = {
            "response_type": "code",
            "client_id": CLI,
            "redirect_uri": f"http://127.0.0.1:{self.listener.server_port}/callback",
            "code_challenge": base64url(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            "state": secrets.token_urlsafe(9),
        }

    def heard(self) -> Query:
        """Wait for the browser and return what it brought."""
        return self.listener.brought.get(timeout=WAITS_S)


@contextmanager
def listening() -> Iterator[Program]:
    """Listen until the end of the block."""
    listener = Listener()
    with served(listener):
        yield Program(listener)
