"""Making a device a till: it makes its own keys, and a code from the manager's page does the rest.

Whatever breaks off, the same code may be given again within its ten minutes: the keys stay the
same, the office gives the same answer, and the till's name is written last.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import httpx
from pydantic import Field, TypeAdapter, ValidationError

from domain.canonical import content_hash
from domain.errors import DomainError
from domain.lease import SignedLease
from till_kivy.certificates import certificates
from till_kivy.clock import Clock, SystemClock
from till_kivy.errors import KeysUnusable, TillError
from till_kivy.keystore import key_store
from till_kivy.occupied import Occupied
from till_kivy.permission import LeasedPermission
from till_kivy.till import IDENTITY, begin_journal, identity, write_identity

_KEY = Field(pattern="^[0-9a-f]{64}$")
_TIMEOUT = httpx.Timeout(15.0, connect=5.0)
_SYSTEM_CLOCK = SystemClock()
_AWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


class CodeRefused(DomainError):
    """What the office said of a code that made no till."""

    status = 403


class OfficeNotReached(TillError):
    """The office did not answer a device that is no till yet; the code may be given again."""

    def __init__(self, office_url: str, why: str) -> None:
        super().__init__(
            f"The office at {office_url} does not answer ({why}). Look at the network and at the"
            " address, then give the same code again."
        )


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the office made of this device; `office_key` and `pin_pepper` are 32 bytes in hex."""

    till_id: str
    store_id: str
    series: str
    office_key: Annotated[str, _KEY]
    pin_pepper: Annotated[str, _KEY]
    lease: SignedLease


@dataclass(frozen=True, slots=True)
class _Problem:
    detail: str


_ENROLLED = TypeAdapter(Enrolled)
_PROBLEM = TypeAdapter(_Problem)


def is_till(folder: Path) -> bool:
    """Tell whether the device in a folder has become a till."""
    return (folder / IDENTITY).exists()


def enrol(folder: Path, office_url: str, code: str, clock: Clock = _SYSTEM_CLOCK) -> Enrolled:
    """Become the till that the code is for.

    Raises `CodeRefused` with the office's own sentence, `OfficeNotReached`, `TillOccupied`, or
    `KeysUnusable` when the folder is a till already or the disk takes no keys.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Two programs at once would each make a key, and the office would know the lost one.
        with closing(Occupied(folder)):
            return _enrol(folder, office_url, code, clock)
    except OSError as error:
        raise KeysUnusable(
            f"The disk of this device does not take what a till keeps ({error}). Make room on it, "
            "then give the same code again."
        ) from error


class Enrolment:
    """Becoming a till while a window is drawn: the office is asked in a thread of its own."""

    def __init__(self, folder: Path, office_url: str) -> None:
        self._folder = folder
        self._office_url = office_url
        self._thread = ThreadPoolExecutor(1, "enrolment")
        self._asked: Future[Enrolled] | None = None

    @property
    def asking(self) -> bool:
        """Tell whether a code was given whose outcome nobody has taken yet."""
        return self._asked is not None

    def give(self, code: str) -> None:
        """Ask the office what the code is good for."""
        assert not self.asking, "one code at a time"
        self._asked = self._thread.submit(enrol, self._folder, self._office_url, code)

    def outcome(self) -> Enrolled | None:
        """Take what came of the code, `None` while there is nothing; raises what `enrol` raises."""
        if self._asked is None or not self._asked.done():
            return None
        asked, self._asked = self._asked, None
        return asked.result()

    def close(self) -> None:
        """End after the question at hand."""
        self._thread.shutdown()


def _enrol(folder: Path, office_url: str, code: str, clock: Clock) -> Enrolled:
    if is_till(folder):
        found = identity(folder)
        raise KeysUnusable(f"{folder} is till {found.id} already; it was left as it is.")
    keys = key_store(folder)
    keys.create()
    signer = keys.signer()
    asked = {"code": code.strip(), "public_key": signer.public_key}
    proof = signer.sign(bytes.fromhex(content_hash(asked)))
    answer = _ask(office_url, {**asked, "proof": proof})
    _become(folder, answer, clock)
    return answer


def _ask(office_url: str, body: dict[str, str]) -> Enrolled:
    url = f"{office_url.rstrip('/')}/api/v1/enrolments"
    try:
        answer = httpx.post(
            url, json=body, timeout=_TIMEOUT, trust_env=False, verify=certificates()
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OfficeNotReached(office_url, str(error) or type(error).__name__) from error
    if answer.status_code in _AWAY:
        raise OfficeNotReached(office_url, f"it said {answer.status_code}")
    try:
        if answer.is_success:
            return _ENROLLED.validate_json(answer.content)
        raise CodeRefused(_PROBLEM.validate_json(answer.content).detail)
    except ValidationError as error:
        raise OfficeNotReached(office_url, "what answers is no Tillflow office") from error


def _become(folder: Path, answer: Enrolled, clock: Clock) -> None:
    """Keep what the office gave; the identity last, since it says that all the rest is there."""
    key_store(folder).keep_pin_pepper(bytes.fromhex(answer.pin_pepper))
    journal = begin_journal(folder, answer.till_id, clock)
    try:
        journal.trust(answer.office_key)
        LeasedPermission(journal, clock).learn(answer.lease)
    finally:
        journal.close()
    write_identity(folder, answer.till_id, answer.series)
