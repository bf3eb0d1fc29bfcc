"""The audit: who did what in the office, a chain of sealed entries like the tills' journals.

Entry hash = SHA-256 of the canonical JSON of the entry without its seal; signature = Ed25519
(RFC 8032) of the hash's 32 bytes by the office's key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.canonical import canonical, content_hash
from domain.errors import DomainError
from domain.journal import GENESIS, Signer, Verify


class AuditBroken(DomainError):
    """The first entry of the audit that is not what was written."""

    def __init__(self, sequence: int, why: str) -> None:
        super().__init__(f"Audit entry {sequence} is not what was written: {why}.")
        self.sequence = sequence


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a user, a till, an operator, or a program of the office.

    `address` is where from: the network's, or account and machine of an operator's command; empty
    for a program.
    """

    id: str
    role: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """What is done, such as `person_added`, to whom, and how that is before and afterwards.

    `store_id` is empty for what concerns the whole shop; None means that it is not there. Secrets
    and their hashes do not belong in here.
    """

    action: str
    subject: str
    store_id: str = ""
    before: object = None
    after: object = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit; `before` and `after` are canonical JSON texts, or empty."""

    store_id: str
    sequence: int
    at: dt.datetime
    actor: str
    actor_role: str
    action: str
    subject: str
    before: str
    after: str
    address: str
    previous: str
    hash: str = ""
    signature: str = ""


def next_audit_entry(
    last: AuditEntry | None, actor: Actor, act: Act, at: dt.datetime, signer: Signer
) -> AuditEntry:
    """Chain, seal and sign the entry that follows the last one, None for the first."""
    entry = AuditEntry(
        store_id=act.store_id,
        sequence=last.sequence + 1 if last else 1,
        at=at,
        actor=actor.id,
        actor_role=actor.role,
        action=act.action,
        subject=act.subject,
        before="" if act.before is None else canonical(act.before),
        after="" if act.after is None else canonical(act.after),
        address=actor.address,
        previous=last.hash if last else GENESIS,
    )
    seal = content_hash(entry)
    return replace(entry, hash=seal, signature=signer.sign(bytes.fromhex(seal)))


def check_audit(
    entries: Iterable[AuditEntry], public_key: str, verify: Verify
) -> AuditEntry | None:
    """Check the whole chain from its first entry; return the last, raise `AuditBroken`."""
    last: AuditEntry | None = None
    for entry in entries:
        _check(entry, last, public_key, verify)
        last = entry
    return last


def _check(entry: AuditEntry, last: AuditEntry | None, public_key: str, verify: Verify) -> None:
    expected = last.sequence + 1 if last else 1
    if entry.sequence != expected:
        raise AuditBroken(expected, f"it is missing, the next is {entry.sequence}")
    if entry.previous != (last.hash if last else GENESIS):
        raise AuditBroken(entry.sequence, "it does not follow on the one before it")
    if content_hash(replace(entry, hash="", signature="")) != entry.hash:
        raise AuditBroken(entry.sequence, "its content was changed after it was sealed")
    if not verify(public_key, bytes.fromhex(entry.hash), entry.signature):
        raise AuditBroken(entry.sequence, "it was not signed by this office")
