"""The office as a till sees it: it takes entries and hands out the catalogue."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Protocol, Self, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from domain.canonical import canonical
from domain.catalog import Snapshot
from domain.journal import Acknowledgement, Entry
from till_kivy.errors import OfficeAway, OfficeRefused

_ACKNOWLEDGEMENT = TypeAdapter(Acknowledgement)
_SNAPSHOT = TypeAdapter(Snapshot)
_TIMEOUT = httpx.Timeout(15.0, connect=3.0)
_TRY_LATER = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
_LONGEST_EXCERPT = 300

T = TypeVar("T")


class Office(Protocol):
    """Whoever keeps the replica; both calls raise `OfficeAway` or `OfficeRefused`."""

    def send(self, entries: Sequence[Entry]) -> Acknowledgement:
        """Hand over entries in order and return what the office now holds."""
        ...

    def snapshot(self, version: int) -> Snapshot | None:
        """Return the catalogue unless `version` is the current one."""
        ...


class HttpOffice:
    """The office's API, asked by one till; every call has a time limit."""

    def __init__(
        self, base_url: str, till_id: str, timeout: httpx.Timeout | float = _TIMEOUT
    ) -> None:
        self._path = f"/api/v1/tills/{till_id}"
        # The office's address is set by hand; a proxy from the environment would only mislead.
        self._client = httpx.Client(
            base_url=base_url, timeout=timeout, trust_env=False, verify=_certificates()
        )

    def __enter__(self) -> Self:
        """Keep connections open until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what is open."""
        self.close()

    def close(self) -> None:
        """Close what is open; another call opens it again."""
        self._client.close()

    def send(self, entries: Sequence[Entry]) -> Acknowledgement:
        body = gzip.compress(canonical({"entries": entries}).encode(), compresslevel=6)
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        answer = self._ask("POST", "/journal", headers, body)
        return _parsed(_ACKNOWLEDGEMENT, answer)

    def snapshot(self, version: int) -> Snapshot | None:
        answer = self._ask("GET", "/snapshot", {"if-none-match": f'"{version}"'})
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            return None
        return _parsed(_SNAPSHOT, answer)

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> httpx.Response:
        try:
            answer = self._client.request(method, self._path + path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise OfficeAway(str(error) or type(error).__name__) from error
        if answer.status_code in _TRY_LATER:
            why = f"it said {answer.status_code}"
            raise OfficeAway(why, _seconds(answer.headers.get("retry-after", "")))
        if answer.is_error:
            raise OfficeRefused(f"The office answered {answer.status_code}: {_excerpt(answer)}")
        return answer


@cache
def _certificates() -> ssl.SSLContext:
    """Read the authorities' certificates once, however many tills a program runs."""
    return httpx.create_ssl_context(trust_env=False)


def _parsed(kind: TypeAdapter[T], answer: httpx.Response) -> T:
    try:
        return kind.validate_json(answer.content)
    except ValidationError as error:
        message = f"The office's answer was not understood ({error.error_count()} problems):"
        raise OfficeRefused(f"{message} {_excerpt(answer)}") from error


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _excerpt(answer: httpx.Response) -> str:
    return answer.text[:_LONGEST_EXCERPT]
