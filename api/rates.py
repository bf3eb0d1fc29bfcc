"""How often somebody may ask: a moving minute per person, per till, and per address.

Who has proven who they are is counted by that and by nothing else, so no stranger behind the same
address can starve a till. What can be guessed at (passwords, enrolment codes) is counted by address
before it is looked at; what a key proves is looked at first, and counted when it proved nothing.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from math import ceil

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import Caller
from api.problems import refusal
from domain.errors import DomainError
from domain.roles import Role
from domain.tokens import TOKEN_PATH

GUESSED_AT = (TOKEN_PATH, "/oauth/authorize", "/log-in", "/api/v1/enrolments")
"""Where passwords, codes and the like are sent to; what lies below them too."""

_CREDENTIALS = ("authorization", "dpop", "cookie")
_PREFIX_OF_ONE_SITE = 64


class Bucket(StrEnum):
    """What is counted together; each has a size of its own, in the settings `rate_…`."""

    LOG_IN = "log_in"
    ADDRESS = "address"
    PERSON = "person"
    TILL = "till"


class TooManyRequests(DomainError):
    """Somebody asks more often than a shop needs."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, who: str, size: str, retry_after_s: int) -> None:
        super().__init__(
            f"{who} asked more often than {size}. Nothing was done; ask again in {retry_after_s} s."
        )
        self.retry_after_s = retry_after_s


class Rates:
    """The buckets of one process, in memory."""

    def __init__(self, sizes: Mapping[Bucket, str]) -> None:
        self._sizes: dict[Bucket, RateLimitItem] = {b: parse(size) for b, size in sizes.items()}
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def count(self, bucket: Bucket, who: str) -> None:
        """Count one request, or raise `TooManyRequests`."""
        size = self._sizes[bucket]
        if await self._limiter.hit(size, bucket, who):
            return
        free_at, _ = await self._limiter.get_window_stats(size, bucket, who)
        raise TooManyRequests(who, str(size), max(1, ceil(free_at - time.time())))

    async def admit(self, caller: Caller) -> None:
        """Count one request of who has proven to be this caller."""
        await self.count(Bucket.TILL if caller.role is Role.TILL else Bucket.PERSON, caller.id)


class RateLimits:
    """ASGI middleware: counts by address whoever has not proven anything; 429 with `Retry-After`.

    A rule that has let a caller in says so in the request's state and calls `Rates.admit`.
    """

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, now or once its proof was looked at."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bucket, address = bucket_of(scope), address_of(scope)
        if bucket is Bucket.LOG_IN or not _has_credentials(scope):
            try:
                await self._rates.count(bucket, address)
            except TooManyRequests as error:
                await refusal(error)(scope, receive, send)
                return
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, self._counting(scope, receive, send))

    def _counting(self, scope: Scope, receive: Receive, send: Send) -> Send:
        """Count the answer to who turns out to be nobody, and send 429 instead of one too many."""
        refused = False

        async def counting(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and _is_a_strangers(scope, message):
                try:
                    await self._rates.count(Bucket.ADDRESS, address_of(scope))
                except TooManyRequests as error:
                    refused = True
                    await refusal(error)(scope, receive, send)
            if not refused:
                await send(message)

        return counting


def proven(scope: Scope) -> Caller | None:
    """Return who was let in, None for whoever has proven nothing."""
    caller = scope.get("state", {}).get("caller")
    assert caller is None or isinstance(caller, Caller)
    return caller


def _is_a_strangers(scope: Scope, answer: Message) -> bool:
    """Tell whether an answer goes to nobody known; who got a token has proven enough for that."""
    has_token = scope["path"] == TOKEN_PATH and answer["status"] < HTTPStatus.BAD_REQUEST
    return proven(scope) is None and not has_token


def bucket_of(scope: Scope) -> Bucket:
    """Tell log-ins, which are counted before they are looked at, from all else."""
    path: str = scope["path"]
    guessed = any(path == place or path.startswith(f"{place}/") for place in GUESSED_AT)
    if scope["method"] != "POST" or not guessed:
        return Bucket.ADDRESS
    # A till signs what it sends for a token: nothing to be guessed, and nobody may keep it out.
    signed = path == TOKEN_PATH and "dpop" in Headers(scope=scope)
    return Bucket.ADDRESS if signed else Bucket.LOG_IN


def address_of(scope: Scope) -> str:
    """Return where a request comes from; of IPv6 the network, for one host has all of it."""
    client = scope.get("client")
    if not client:
        return "unknown"
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return str(client[0])
    if address.version == 4:  # noqa: PLR2004 -- the other is IPv6
        return str(address)
    network = ipaddress.ip_network((address, _PREFIX_OF_ONE_SITE), strict=False)
    return str(network)


def _has_credentials(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return any(name in headers for name in _CREDENTIALS)
