"""The office as a till sees it: it takes entries and hands out the catalogue."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol, Self, TypeVar
from uuid import uuid4

import httpx
from pydantic import TypeAdapter, ValidationError

from domain.canonical import canonical
from domain.catalog import Snapshot
from domain.journal import Acknowledgement, Entry, Signer
from domain.lease import SignedLease, Standing
from till_kivy.certificates import certificates
from till_kivy.errors import OfficeAway, OfficeRefused
from till_kivy.proofs import TillProofs

_ACKNOWLEDGEMENT = TypeAdapter(Acknowledgement)
_SNAPSHOT = TypeAdapter(Snapshot)
_TIMEOUT = httpx.Timeout(15.0, connect=3.0)
_TRY_LATER = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
_LEASE = TypeAdapter(SignedLease)
_JSON: Mapping[str, str] = {"content-type": "application/json"}
_LONGEST_EXCERPT = 300


@dataclass(frozen=True, slots=True)
class _NotTrading:
    """The part of the office's refusal that speaks to a till which may not trade."""

    lease: SignedLease


_REFUSAL = TypeAdapter(_NotTrading)


def _nobody_listens(word: SignedLease) -> None:
    """What is said to a till that keeps no lease: the refusal itself says it too."""


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
        self,
        base_url: str,
        till_id: str,
        signer: Signer,
        timeout: httpx.Timeout | float = _TIMEOUT,
        told: Callable[[SignedLease], None] = _nobody_listens,
    ) -> None:
        self._told = told
        self._path = f"/api/v1/tills/{till_id}"
        # The office's address is set by hand; a proxy from the environment would only mislead.
        self._client = httpx.Client(
            base_url=base_url,
            auth=TillProofs(signer, till_id),
            timeout=timeout,
            trust_env=False,
            verify=certificates(),
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
        headers = {**_JSON, "content-encoding": "gzip"}
        answer = self._ask("POST", "/journal", headers, body)
        return _parsed(_ACKNOWLEDGEMENT, answer)

    def snapshot(self, version: int) -> Snapshot | None:
        answer = self._ask("GET", "/snapshot", {"if-none-match": f'"{version}"'})
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            return None
        return _parsed(_SNAPSHOT, answer)

    def renew_lease(self) -> SignedLease:
        """Ask for another permission to trade; raises `OfficeAway` or `OfficeRefused`.

        An answer to another request is refused: somebody may have held it back for days.
        """
        request_id = str(uuid4())
        body = canonical({"request_id": request_id}).encode()
        word = _parsed(_LEASE, self._ask("POST", "/lease", _JSON, body))
        if word.lease.request_id != request_id:
            raise OfficeRefused("The permission to trade answers another request; it was ignored.")
        return word

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
        if answer.status_code == HTTPStatus.FORBIDDEN:
            self._listen(answer)
        if answer.is_error:
            raise OfficeRefused(f"The office answered {answer.status_code}: {_excerpt(answer)}")
        return answer

    def _listen(self, answer: httpx.Response) -> None:
        """Hand the office's word on when it says that this till may not trade."""
        try:
            word = _REFUSAL.validate_json(answer.content).lease
        except ValidationError:
            return  # refused for another reason, which the caller is told
        if word.lease.standing is not Standing.TRADING:  # a refusal gives no permission
            self._told(word)


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
