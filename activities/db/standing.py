"""How tills stand with the office: codes that enrol them, leases, and the end of both.

What changes a till's standing is written into the audit by the same transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from activities.db import audit, devices, shop
from activities.db.engine import Connection
from activities.db.intake import UnknownTill
from activities.db.users import Acting
from activities.keys import verify
from domain.audit import Act, Actor
from domain.canonical import content_hash
from domain.catalog import Till
from domain.enrolment import GROUP, GROUPS, LENGTH, LETTERS, grouped, is_code, plain
from domain.errors import Conflict, DomainError
from domain.journal import Signer
from domain.lease import LASTS, Lease, SignedLease, Standing, lease_text

CODE_LASTS = dt.timedelta(minutes=10)
MOST_WRONG_TRIES = 10
_REMEMBERED = dt.timedelta(days=1)


class BadEnrolmentCode(DomainError):
    """A text that has not the form of a code; nothing was tried."""

    def __init__(self) -> None:
        super().__init__(
            f"An enrolment code has {GROUPS} groups of {GROUP} letters and digits, as in "
            "K7QM-4T9X-2HRP. Nothing was tried."
        )


class EnrolmentRefused(DomainError):
    """A code that makes no till; the sentence says what to do."""

    status = 403


class TillHasJournal(Conflict):
    """A till whose journal was begun by a device that no other device can go on with."""

    def __init__(self, till_id: str) -> None:
        super().__init__(
            f"Till {till_id} has a journal that another device signs. A new device becomes a new "
            "till: add one and make a code for that. Nothing was changed."
        )


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code to be typed at the new device; `code` is shown once and kept nowhere."""

    till_id: str
    code: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Device:
    """What a device says that would be a till: the code typed, its Ed25519 key, both proven."""

    code: str
    public_key: str
    proof: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What the office signs and digests with, and what time it is there."""

    signer: Signer
    pepper: bytes
    at: dt.datetime


def make_code(connection: Connection, desk: Desk, actor: Actor, till_id: str) -> NewCode:
    """Make a code with which one device becomes this till; the till's older codes end.

    Raises `UnknownTill` or `TillHasJournal`.
    """
    till = _till(connection, till_id)
    if till.sequence:
        raise TillHasJournal(till_id)
    of_till = {"store_id": till.store_id, "till_id": till_id, "at": desk.at}
    connection.execute(_END_CODES, of_till)
    connection.execute(_FORGET_CODES, {"long_ago": desk.at - _REMEMBERED})
    row = of_till | {"made_by": actor.id, "expires_at": desk.at + CODE_LASTS}
    text = _new_code()
    while not connection.execute(_ADD_CODE, row | _kept(desk.pepper, text)).rowcount:
        text = _new_code()  # its first group is another one's: one in a million
    act = Act("enrolment_code_made", till_id, till.store_id, after={"code": text[:GROUP]})
    audit.record(connection, desk.signer, actor, act)
    return NewCode(till_id, "-".join(grouped(text)), desk.at + CODE_LASTS)


def enrol(
    connection: Connection, desk: Desk, device: Device, address: str
) -> tuple[Till, SignedLease] | EnrolmentRefused:
    """Make a device the till that its code is for, and give it its first lease.

    A refusal is returned, not raised: a wrong try must be counted by this very transaction. The
    same device gets the same till again while the code lasts. Raises `BadEnrolmentCode`.
    """
    text = _plain(device.code)
    if not _is_proven(device):
        return EnrolmentRefused("The device did not prove its key. Start the enrolment again.")
    found = _find_code(connection, text[:GROUP])
    if found is None:
        return _WRONG
    if refusal := _refusal(connection, desk, found, text, device.public_key):
        return refusal
    if found.used_at is None:
        acting = Acting(desk.signer, Actor(found.till_id, "till", address))
        key = device.public_key
        till = devices.register(connection, acting, found.till_id, key, desk.at)
        used = {"id": found.id, "at": desk.at, "key": till.public_key, "till_id": till.id}
        connection.execute(_USE_CODE, used)
    else:
        till = shop.enrol(connection, found.till_id, device.public_key)
    return till, renew(connection, desk, till.id)


def renew(connection: Connection, desk: Desk, till_id: str, request_id: str = "") -> SignedLease:
    """Give the till a new lease, or the word that it may not trade; raises `UnknownTill`."""
    till = _till(connection, till_id)
    standing = Standing(till.standing)
    trading = standing is Standing.TRADING
    until = desk.at + LASTS if trading else desk.at
    if trading:
        connection.execute(_NOTE_LEASE, {"till_id": till_id, "until": until})
    lease = Lease(till_id, standing, desk.at, until, till.standing_why, request_id)
    return signed(desk.signer, lease)


def signed(signer: Signer, lease: Lease) -> SignedLease:
    """Give the office's word in writing."""
    return SignedLease(lease, signer.sign(lease_text(lease)))


def change(
    connection: Connection, desk: Desk, actor: Actor, till_id: str, wanted: tuple[Standing, str]
) -> Standing:
    """Revoke, freeze or reinstate a till, with the reason why; it takes effect on its next request.

    Repeating it changes nothing. Returns what the standing was before; raises `UnknownTill`.
    """
    till = _till(connection, till_id)
    standing, why = wanted
    before = {"standing": till.standing, "why": till.standing_why}
    after = {"standing": standing.value, "why": "" if standing is Standing.TRADING else why}
    if before != after:
        connection.execute(_STAND, {"till_id": till_id, **after})
        told = after if standing is not Standing.TRADING else after | {"reason": why}
        act = Act(f"till_{standing.value}", till_id, till.store_id, before, told)
        audit.record(connection, desk.signer, actor, act)
    return Standing(till.standing)


def freeze(connection: Connection, desk: Desk, actor: Actor, till_id: str, why: str) -> bool:
    """Freeze a till that trades; tell whether it did: one that was stopped stays as it is."""
    if Standing(_till(connection, till_id).standing) is not Standing.TRADING:
        return False
    change(connection, desk, actor, till_id, (Standing.FROZEN, why))
    return True


def proof_text(code: str, public_key: str) -> bytes:
    """Return what a device signs to prove the key it enrols with."""
    return bytes.fromhex(content_hash({"code": code, "public_key": public_key}))


_WRONG = EnrolmentRefused(
    "That code is not good. Look at it again, or have a new one made on the manager's page."
)
_ENDED = EnrolmentRefused("That code has ended: it was good for ten minutes. Have a new one made.")
_USED = EnrolmentRefused("That code was used by another device. Have a new one made.")


def _find_code(connection: Connection, code_id: str) -> sa.Row[Any] | None:
    """Find a code, with its till locked: two devices with one code follow on each other."""
    till_id = connection.scalar(_TILL_OF_CODE, {"id": code_id})
    if till_id is None:
        return None
    _till(connection, till_id)
    return connection.execute(_CODE, {"id": code_id}).first()


def _refusal(
    connection: Connection, desk: Desk, found: sa.Row[Any], text: str, public_key: str
) -> EnrolmentRefused | None:
    """Say why a code is not good; what it is about is told only to who knows all of it."""
    if found.wrong_tries >= MOST_WRONG_TRIES:
        return _WRONG
    if not hmac.compare_digest(found.secret_hash, _digest(desk.pepper, text)):
        connection.execute(_COUNT_WRONG, {"id": found.id})
        return _WRONG
    if desk.at >= found.expires_at:
        return _ENDED
    if found.used_at is not None and not found.used_key == public_key == found.key_now:
        return _USED
    return None


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _kept(pepper: bytes, text: str) -> dict[str, str]:
    return {"id": text[:GROUP], "secret_hash": _digest(pepper, text)}


def _plain(code: str) -> str:
    """Return the letters of a code, however it was typed."""
    text = plain(code)
    if not is_code(text):
        raise BadEnrolmentCode
    return text


def _digest(pepper: bytes, text: str) -> str:
    return hmac.digest(pepper, b"enrolment:" + text.encode(), hashlib.sha256).hex()


def _is_proven(device: Device) -> bool:
    text = proof_text(device.code, device.public_key)
    return verify(device.public_key, text, device.proof)


def _till(connection: Connection, till_id: str) -> sa.Row[Any]:
    row = connection.execute(_TILL, {"till_id": till_id}).first()
    if row is None:
        raise UnknownTill(till_id)
    return row


# The head's row is what a journal's intake locks too: a standing never changes under a batch.
_TILL = sa.text("""
    SELECT t.store_id, t.standing, t.standing_why, h.sequence
    FROM tills t JOIN till_heads h ON h.store_id = t.store_id AND h.till_id = t.id
    WHERE t.id = :till_id FOR UPDATE OF h FOR NO KEY UPDATE OF t
""")
_END_CODES = sa.text("""
    UPDATE enrolment_codes SET expires_at = :at
    WHERE store_id = :store_id AND till_id = :till_id AND expires_at > :at
""")
_FORGET_CODES = sa.text("DELETE FROM enrolment_codes WHERE expires_at < :long_ago")
_ADD_CODE = sa.text("""
    INSERT INTO enrolment_codes (store_id, till_id, id, secret_hash, made_by, made_at, expires_at)
    VALUES (:store_id, :till_id, :id, :secret_hash, :made_by, :at, :expires_at)
    ON CONFLICT ON CONSTRAINT enrolment_code_id_is_taken_once DO NOTHING
""")
_TILL_OF_CODE = sa.text("SELECT till_id FROM enrolment_codes WHERE id = :id")
_CODE = sa.text("""
    SELECT c.id, c.till_id, c.secret_hash, c.expires_at, c.wrong_tries, c.used_at, c.used_key,
           t.public_key AS key_now
    FROM enrolment_codes c JOIN tills t ON t.id = c.till_id
    WHERE c.id = :id
""")
_COUNT_WRONG = sa.text("UPDATE enrolment_codes SET wrong_tries = wrong_tries + 1 WHERE id = :id")
_USE_CODE = sa.text("""
    WITH used AS (UPDATE enrolment_codes SET used_at = :at, used_key = :key WHERE id = :id)
    UPDATE tills SET enrolled_at = :at WHERE id = :till_id
""")
_NOTE_LEASE = sa.text("UPDATE tills SET lease_until = :until WHERE id = :till_id")
_STAND = sa.text("UPDATE tills SET standing = :standing, standing_why = :why WHERE id = :till_id")
