"""Puts an office behind real HTTP on a free port, as the real API would answer."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from little_office import LittleOffice
from pydantic import TypeAdapter
from served import served

from domain.canonical import canonical
from domain.journal import Entry
from domain.tokens import TOKEN_PATH
from till_kivy.errors import OfficeAway

ENTRIES = TypeAdapter(list[Entry])


class Handler(BaseHTTPRequestHandler):
    """Answers for the office that the server carries."""

    protocol_version = "HTTP/1.1"
    server: LittleServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == TOKEN_PATH:
            self._send(200, {}, '{"access_token": "little", "expires_in": 600}')
            return
        if self.path.endswith("/enrolments"):
            self.server.asked.append(json.loads(body))
            self._answer(lambda: self.server.enrolled)
            return
        if self.path.endswith("/lease"):
            self._answer(lambda: None)  # no lease, unless a test has scripted one
            return
        self.server.headers.append(dict(self.headers))
        entries = ENTRIES.validate_python(json.loads(gzip.decompress(body))["entries"])
        self._answer(lambda: self.server.office.send(entries))

    def do_GET(self) -> None:
        self.server.headers.append(dict(self.headers))
        version = int(self.headers["if-none-match"].strip('"'))
        self._answer(lambda: self.server.office.snapshot(version))

    def _answer(self, ask: Callable[[], object]) -> None:
        if self.server.scripted is not None:
            self._send(*self.server.scripted)
            return
        try:
            found = ask()
        except OfficeAway as error:
            self._send(503, {"retry-after": "7"}, str(error))
            return
        self._send(304 if found is None else 200, {}, "" if found is None else canonical(found))

    def _send(self, status: int, headers: Mapping[str, str], text: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests look at what was asked."""


class LittleServer(ThreadingHTTPServer):
    """A server of one office; `scripted` overrides what it says.

    `enrolled` is the answer to who gives a code, `asked` is what came with it.
    """

    daemon_threads = True

    def __init__(self, office: LittleOffice) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.office = office
        self.scripted: tuple[int, Mapping[str, str], str] | None = None
        self.headers: list[dict[str, str]] = []
        self.enrolled: object = None
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """A caller that hung up is nothing to print."""


@contextmanager
def serving(office: LittleOffice) -> Iterator[LittleServer]:
    """Serve the office until the end of the block."""
    server = LittleServer(office)
    with served(server):
        yield server
