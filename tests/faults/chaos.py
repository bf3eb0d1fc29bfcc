"""A bad line between a till and the office: it loses, repeats, reorders, cuts and delays.

An HTTP proxy of its own on asyncio; what happens to the n-th request is decided by a seed.
"""

from __future__ import annotations

import asyncio
import random
import re
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
_MOST_KEPT = 10
_GRACE_S = 2.0
_HANGS_UP = (OSError, asyncio.IncompleteReadError)


@dataclass(frozen=True)
class Weather:
    """How often each thing happens, from 0 to 1; half of the losses hit the answer."""

    loss: float = 0.3
    replay: float = 0.5
    cut: float = 0.1
    longest_delay_s: float = 0.02


class BadLine:
    """Listens on a port of its own and passes requests on to an office, more or less."""

    def __init__(self, office_url: str, seed: int, weather: Weather) -> None:
        address = urlsplit(office_url)
        self._office = (address.hostname, address.port)
        self._chance = random.Random(seed)
        self._weather = weather
        self._old_requests: list[bytes] = []
        self._going_on: set[asyncio.Task[None]] = set()
        self.up = True
        self.happened: Counter[str] = Counter()
        self.url = ""

    async def open(self) -> asyncio.Server:
        """Begin to listen."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def close(self) -> None:
        """Let what is still under way arrive, and end what does not arrive soon."""
        if self._going_on:
            _, late = await asyncio.wait(self._going_on, timeout=_GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _accept(self, till: asyncio.StreamReader, to_till: asyncio.StreamWriter) -> None:
        self._begin(self._serve(till, to_till))

    async def _serve(self, till: asyncio.StreamReader, to_till: asyncio.StreamWriter) -> None:
        try:
            request = await _whole_request(till)
            await self._pass_on(request, to_till)
        except _HANGS_UP:
            self.happened["hung up"] += 1
        finally:
            to_till.close()

    async def _pass_on(self, request: bytes, to_till: asyncio.StreamWriter) -> None:
        weather, chance = self._weather, self._chance
        await _pause(chance.uniform(0, weather.longest_delay_s))
        if not self.up or chance.random() < weather.loss / 2:
            self.happened["request lost"] += 1
            return
        self._repeat_an_old_request(request)
        answer = await self._asked(request)
        if chance.random() < weather.loss / 2:
            self.happened["answer lost"] += 1
            return
        if chance.random() < weather.cut:
            self.happened["answer cut"] += 1
            answer = answer[: chance.randrange(len(answer))]
        to_till.write(answer)
        await to_till.drain()

    def _repeat_an_old_request(self, request: bytes) -> None:
        """Send some request of before once more: late, and so out of order."""
        self._old_requests = [*self._old_requests[-_MOST_KEPT:], request]
        if self._chance.random() < self._weather.replay:
            old = self._chance.choice(self._old_requests)
            self.happened["request repeated" if old is request else "request reordered"] += 1
            self._begin(self._forget_answer(old))

    def _begin(self, sending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(sending)
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    async def _forget_answer(self, request: bytes) -> None:
        await _pause(self._chance.uniform(0, 3 * self._weather.longest_delay_s))
        with suppress(*_HANGS_UP):
            await self._asked(request)

    async def _asked(self, request: bytes) -> bytes:
        answer, office = await asyncio.open_connection(*self._office)
        try:
            office.write(request)
            await office.drain()
            return await answer.read()
        finally:
            office.close()


async def _whole_request(till: asyncio.StreamReader) -> bytes:
    """Read head and body, and ask the office to end the connection with its answer."""
    head = await till.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await till.readexactly(int(length[1])) if length else b""
    return _CONNECTION.sub(b"", head[:-4]) + b"\r\nconnection: close\r\n\r\n" + body


async def _pause(seconds: float) -> None:
    waited = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(seconds, waited.set_result, None)
    await waited


@contextmanager
def bad_line(office_url: str, seed: int, weather: Weather | None = None) -> Iterator[BadLine]:
    """Put a bad line before an office until the end of the block."""
    line = BadLine(office_url, seed, weather or Weather())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(line.open(), loop).result(10)
    try:
        yield line
    finally:
        asyncio.run_coroutine_threadsafe(_shut(server, line), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _shut(server: asyncio.Server, line: BadLine) -> None:
    server.close()
    await server.wait_closed()
    await line.close()
