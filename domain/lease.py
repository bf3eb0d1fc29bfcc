"""A till's permission to trade: signed by the office, renewed hourly, good for three days alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from domain.canonical import content_hash

LASTS = dt.timedelta(hours=72)
RENEWED_EVERY = dt.timedelta(hours=1)


class Standing(StrEnum):
    """How a till stands with the office."""

    TRADING = "trading"
    REVOKED = "revoked"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Lease:
    """The office's word on a till: it may sell until `until`; `why` says why it may not.

    The word with the latest `granted_at` counts; a revoked or frozen till's ends when it is given.
    `request_id` is what the till called its request: a word that was held back answers another.
    """

    till_id: str
    standing: Standing
    granted_at: dt.datetime
    until: dt.datetime
    why: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class SignedLease:
    """A lease and the office's Ed25519 signature (hex) over `lease_text`."""

    lease: Lease
    signature: str


def lease_text(lease: Lease) -> bytes:
    """Return the bytes that the office signs: the SHA-256 of the lease's canonical JSON."""
    return bytes.fromhex(content_hash(lease))
