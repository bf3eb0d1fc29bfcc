"""The audit's chain: every change, gap and forgery is found, and the first bad entry is named."""

import datetime as dt
import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from builders import AT

from domain.audit import Act, Actor, AuditBroken, AuditEntry, check_audit, next_audit_entry
from domain.canonical import content_hash
from domain.journal import GENESIS, Signer
from till_kivy.keystore import Ed25519Signer, verify_ed25519

OFFICE = Ed25519Signer(b"o" * 32)
STRANGER = Ed25519Signer(b"s" * 32)
ADA = Actor("ada", "manager", "192.0.2.7")

Damage = Callable[[list[AuditEntry]], object]


class Unkeyed:
    """The sabotage: hashes that nobody signs."""

    public_key = OFFICE.public_key

    def sign(self, message: bytes) -> str:
        return message.hex()


def written(length: int, signer: Signer = OFFICE) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for count in range(length):
        act = Act(
            "person_added", f"p{count}", "S1", after={"name": f"P {count}", "role": "cashier"}
        )
        at = AT + dt.timedelta(seconds=count)
        entries.append(next_audit_entry(entries[-1] if entries else None, ADA, act, at, signer))
    return entries


def broken(entries: list[AuditEntry]) -> AuditBroken:
    with pytest.raises(AuditBroken) as found:
        check_audit(entries, OFFICE.public_key, verify_ed25519)
    return found.value


def test_a_sound_audit_ends_at_its_last_entry() -> None:
    entries = written(5)

    assert check_audit(iter(entries), OFFICE.public_key, verify_ed25519) == entries[-1]


def test_an_audit_of_nothing_is_sound() -> None:
    assert check_audit([], OFFICE.public_key, verify_ed25519) is None


def test_the_first_entry_follows_on_nothing_and_the_next_on_it() -> None:
    first, second = written(2)

    assert (first.sequence, first.previous) == (1, GENESIS)
    assert (second.sequence, second.previous) == (2, first.hash)


def test_before_and_after_are_canonical_and_empty_where_there_is_nothing() -> None:
    (entry,) = written(1)

    assert entry.before == ""
    assert entry.after == '{"name":"P 0","role":"cashier"}'
    assert json.loads(entry.after) == {"name": "P 0", "role": "cashier"}


DAMAGES: dict[str, tuple[Damage, int, str]] = {
    "first gone": (lambda e: e.pop(0), 1, "it is missing, the next is 2"),
    "one gone": (lambda e: e.pop(3), 4, "it is missing, the next is 5"),
    "swapped": (lambda e: e.insert(2, e.pop(3)), 3, "it is missing"),
    "doubled": (lambda e: e.insert(3, e[2]), 4, "it is missing, the next is 3"),
    "another actor": (lambda e: e.__setitem__(2, replace(e[2], actor="eve")), 3, "was changed"),
    "another time": (lambda e: e.__setitem__(2, replace(e[2], at=AT)), 3, "was changed"),
    "after changed": (lambda e: e.__setitem__(2, replace(e[2], after="{}")), 3, "was changed"),
    "hash changed": (lambda e: e.__setitem__(2, replace(e[2], hash="0" * 64)), 3, "was changed"),
    "another chain": (lambda e: e.__setitem__(2, replace(e[2], previous=GENESIS)), 3, "not follow"),
    "no signature": (lambda e: e.__setitem__(2, replace(e[2], signature="")), 3, "not signed"),
    "resealed": (lambda e: e.__setitem__(2, resealed(e[2], OFFICE)), 4, "does not follow"),
}


def resealed(entry: AuditEntry, signer: Signer) -> AuditEntry:
    """What somebody with a key would write in its place."""
    bare = replace(entry, actor="eve", hash="", signature="")
    seal = content_hash(bare)
    return replace(bare, hash=seal, signature=signer.sign(bytes.fromhex(seal)))


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_at_the_first_entry_it_touches(name: str) -> None:
    damage, sequence, why = DAMAGES[name]
    entries = written(6)

    damage(entries)

    found = broken(entries)
    assert found.sequence == sequence
    assert why in str(found)
    assert str(found).startswith(f"Audit entry {sequence} is not what was written:")


def test_a_whole_audit_that_a_stranger_wrote_is_not_this_offices() -> None:
    assert broken(written(3, STRANGER)).sequence == 1


def test_an_unkeyed_chain_would_be_noticed() -> None:
    assert "not signed by this office" in str(broken(written(3, Unkeyed())))


@pytest.mark.parametrize("seed", range(20))
def test_any_one_changed_field_is_found(seed: int) -> None:
    chance = random.Random(seed)
    entries = written(20)
    at = chance.randrange(len(entries))
    field = chance.choice(
        ["store_id", "actor", "actor_role", "action", "subject", "before", "address", "previous"]
    )
    changed = {field: getattr(entries[at], field) + "x"}
    entries[at] = replace(entries[at], **changed)

    assert broken(entries).sequence == at + 1
