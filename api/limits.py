"""Bodies arrive whole and within limits, and are unpacked when they were sent as gzip."""

from __future__ import annotations

import zlib
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import plain_problem, respond

MOST_SENT_BYTES = 16_000_000
MOST_BODY_BYTES = 64_000_000
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_OF_PROGRAMS = ("/api/", "/codec/")
GZIP_WINDOW = 16 + zlib.MAX_WBITS


class _Refused(Exception):
    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class BodyLimits:
    """ASGI middleware: 413 for too much, 400 for broken gzip, 415 for another encoding or type."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read and unpack the body of a request, then let the application have it."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        try:
            body = await _whole(receive)
            if body:
                _insist_on_kind(Headers(scope=scope), str(scope["path"]))
            body = _unpacked(body, Headers(scope=scope))
        except _Refused as error:
            await respond(plain_problem(error.status, str(error)))(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        del headers["content-encoding"]
        headers["content-length"] = str(len(body))
        await self._app(scope, _once(body, receive), send)


async def _whole(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Refused(HTTPStatus.BAD_REQUEST, "The body was cut off. Nothing was stored.")
        part = message.get("body", b"")
        size += len(part)
        if size > MOST_SENT_BYTES:
            raise _too_large(MOST_SENT_BYTES)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _insist_on_kind(headers: Headers, path: str) -> None:
    """Programs send JSON; what lies outside of their routes takes forms."""
    expected = _JSON if path.startswith(_OF_PROGRAMS) else _FORM
    kind = headers.get("content-type", expected)
    if kind.partition(";")[0].strip().lower() != expected:
        detail = f"Content-Type is {kind}; send {expected}. Nothing was stored."
        raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)


def _unpacked(body: bytes, headers: Headers) -> bytes:
    encoding = headers.get("content-encoding", "identity")
    if encoding == "identity":
        return body
    if encoding != "gzip":
        detail = f"Content-Encoding {encoding} is not understood; send gzip or none."
        raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    try:
        plain = unpacker.decompress(body, MOST_BODY_BYTES)
    except zlib.error as error:
        detail = f"The body is not gzip as its header says: {error}. Nothing was stored."
        raise _Refused(HTTPStatus.BAD_REQUEST, detail) from error
    if unpacker.unconsumed_tail:
        raise _too_large(MOST_BODY_BYTES)
    if not unpacker.eof:
        raise _Refused(HTTPStatus.BAD_REQUEST, "The gzip body was cut off. Nothing was stored.")
    return plain


def _too_large(most: int) -> _Refused:
    detail = f"A body may have {most} bytes at most. Nothing was stored; send less at a time."
    return _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _once(body: bytes, receive: Receive) -> Receive:
    """Give the body away in one piece, then whatever the server says next."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return pending.pop() if pending else await receive()

    return next_message
