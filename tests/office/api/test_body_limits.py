"""The door of the API: bodies arrive whole, unpacked and within limits, however they are cut up."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from api import limits
from api.limits import BodyLimits

PLAIN = b'{"entries": []}'
PACKED = gzip.compress(PLAIN)


@dataclass
class Room:
    """The application behind the door: remembers what it was given."""

    bodies: list[bytes] = field(default_factory=list)
    headers: dict[bytes, bytes] = field(default_factory=dict)
    after: list[Message] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers = dict(scope.get("headers", []))
        message = await receive()
        self.bodies.append(message.get("body", b""))
        self.after.append(await receive())


@dataclass
class Visit:
    """One request in pieces, and what came of it."""

    room: Room = field(default_factory=Room)
    sent: list[Message] = field(default_factory=list)

    def __call__(
        self, pieces: Iterable[bytes | None], encoding: str = "identity", method: str = "POST"
    ) -> Visit:
        """Send the pieces; `None` hangs up."""
        headers = [(b"content-encoding", encoding.encode()), (b"content-length", b"1")]
        scope = {"type": "http", "method": method, "path": "/", "headers": headers}
        asyncio.run(BodyLimits(self.room)(scope, self._receive(list(pieces)), self._send))
        return self

    def _receive(self, pieces: list[bytes | None]) -> Receive:
        async def receive() -> Message:
            piece = pieces.pop(0) if pieces else None
            if piece is None:
                return {"type": "http.disconnect"}
            more = bool(pieces)
            return {"type": "http.request", "body": piece, "more_body": more}

        return receive

    async def _send(self, message: Message) -> None:
        self.sent.append(dict(message))

    @property
    def problem(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.sent[1]["body"])
        assert self.sent[0]["status"] == told["status"]
        return told


@given(body=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=5))
def test_a_body_in_any_pieces_arrives_in_one(body: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(body)]
    pieces = [body[a:b] for a, b in itertools.pairwise(edges)]

    visit = Visit()(pieces)

    assert visit.room.bodies == [b"".join(pieces)]
    assert visit.room.headers[b"content-length"] == str(len(b"".join(pieces))).encode()


@given(body=st.binary(max_size=5_000), level=st.integers(0, 9), at=st.integers(0, 50))
def test_a_packed_body_arrives_unpacked_and_says_so(body: bytes, level: int, at: int) -> None:
    packed = gzip.compress(body, level)

    visit = Visit()([packed[:at], packed[at:]], "gzip")

    assert visit.room.bodies == [body]
    assert b"content-encoding" not in visit.room.headers
    assert visit.room.headers[b"content-length"] == str(len(body)).encode()


@pytest.mark.parametrize("at", range(1, len(PACKED)))
def test_a_packed_body_cut_anywhere_is_refused_and_nobody_sees_it(at: int) -> None:
    visit = Visit()([PACKED[:at]], "gzip")

    assert visit.room.bodies == []
    assert visit.problem["status"] == 400
    assert visit.problem["detail"] == "The gzip body was cut off. Nothing was stored."


@pytest.mark.parametrize("at", [0, 10, len(PACKED) - 6])
def test_a_packed_body_with_another_byte_is_refused_in_words(at: int) -> None:
    changed = PACKED[:at] + bytes([PACKED[at] ^ 0xFF]) + PACKED[at + 1 :]

    visit = Visit()([changed], "gzip")

    assert visit.room.bodies == []
    assert visit.problem["detail"].startswith("The body is not gzip as its header says: ")


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", ""])
def test_any_other_encoding_is_refused_by_its_name(encoding: str) -> None:
    visit = Visit()([zlib.compress(PLAIN)], encoding)

    assert visit.room.bodies == []
    assert visit.problem["status"] == 415
    assert visit.problem["detail"].startswith(f"Content-Encoding {encoding} is not understood")


def test_a_client_that_hangs_up_in_the_middle_has_sent_nothing() -> None:
    visit = Visit()([PLAIN[:5], PLAIN[5:9], None])

    assert visit.room.bodies == []
    assert visit.problem["detail"] == "The body was cut off. Nothing was stored."


@pytest.mark.parametrize(("extra", "taken"), [(0, True), (1, False)])
def test_the_limit_of_what_is_sent_is_exact(
    monkeypatch: pytest.MonkeyPatch, extra: int, *, taken: bool
) -> None:
    monkeypatch.setattr(limits, "MOST_SENT_BYTES", 20)

    visit = Visit()([b"x" * 15, b"x" * (5 + extra)])

    assert bool(visit.room.bodies) is taken
    assert taken or visit.problem["status"] == 413
    assert taken or "may have 20 bytes at most. Nothing was stored" in visit.problem["detail"]


@pytest.mark.parametrize(("extra", "taken"), [(0, True), (1, False)])
def test_the_limit_of_what_is_unpacked_is_exact(
    monkeypatch: pytest.MonkeyPatch, extra: int, *, taken: bool
) -> None:
    monkeypatch.setattr(limits, "MOST_BODY_BYTES", 1_000)

    visit = Visit()([gzip.compress(b" " * (1_000 + extra))], "gzip")

    assert bool(visit.room.bodies) is taken
    assert taken or visit.problem["status"] == 413
    assert taken or "may have 1000 bytes at most" in visit.problem["detail"]


def test_after_the_body_the_application_hears_when_the_client_goes() -> None:
    visit = Visit()([PLAIN])

    assert visit.room.after == [{"type": "http.disconnect"}]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_question_has_no_body_to_look_at(method: str) -> None:
    visit = Visit()([b"whatever"], "br", method)

    assert visit.room.bodies == [b"whatever"]
    assert visit.sent == []
