"""A journal somebody tampered with: the first bad record is named (promise 13)."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from builders import AT
from tills import acknowledgement, open_journal, sell

from domain.canonical import canonical
from domain.events import LoggedIn
from domain.journal import GENESIS, Entry, Head, next_entry
from till_kivy.journal_rows import Chain
from till_kivy.journal_schema import connect
from till_kivy.journal_verify import Verified, verify_chain, verify_journal
from till_kivy.keystore import Ed25519Signer, FileKeyStore, verify_ed25519

LENGTH = 60
TILL = Ed25519Signer(b"1" * 32)
THIEF = Ed25519Signer(b"2" * 32)
# A signature is checked once however often the same entry is read again.
verify_once = cache(verify_ed25519)

Mutation = Callable[[list[Entry], random.Random], int]
"""Change the entries in place and return the sequence of the first bad record."""


class Unkeyed:
    """The sabotage of promise 13: a chain of hashes that nobody signs."""

    public_key = TILL.public_key

    def sign(self, message: bytes) -> str:
        return message.hex()


def chained(length: int, head: Head, signer: Ed25519Signer | Unkeyed = TILL) -> list[Entry]:
    entries: list[Entry] = []
    for count in range(length):
        body = canonical(LoggedIn(f"p{count}"))
        entries.append(next_entry(head, "logged_in", body, AT, signer))
        head = entries[-1].head
    return entries


def chain_of(entries: Sequence[Entry], countersigned: int = 0) -> Chain:
    """Say of a chain what its file would say, with the office's signature of one head."""
    head = entries[countersigned - 1].head if countersigned else Head("T1", 1, 0, GENESIS)
    ack = acknowledgement(head)
    return Chain("T1", 1, TILL.public_key, ack.office_key, head, head, ack.signature)


def change(entries: list[Entry], chance: random.Random) -> int:
    at = chance.randrange(LENGTH)
    field = chance.choice(["body", "kind", "hash", "signature", "previous"])
    changed: dict[str, Any] = {field: flipped(getattr(entries[at], field), chance)}
    entries[at] = replace(entries[at], **changed)
    return at + 1


def flipped(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return (
        text[:at] + chance.choice([c for c in "0123456789abcdef" if c != text[at]]) + text[at + 1 :]
    )


def remove(entries: list[Entry], chance: random.Random) -> int:
    at = chance.randrange(LENGTH - 1)
    del entries[at]
    return at + 1


def swap(entries: list[Entry], chance: random.Random) -> int:
    one, other = sorted(chance.sample(range(LENGTH), 2))
    entries[one], entries[other] = entries[other], entries[one]
    return one + 1


def add(entries: list[Entry], chance: random.Random) -> int:
    at = chance.randrange(1, LENGTH)
    entries[at:at] = chained(1, entries[at - 1].head, THIEF)
    return at + 1


def repeat(entries: list[Entry], chance: random.Random) -> int:
    at = chance.randrange(LENGTH)
    entries.insert(at, entries[at])
    return at + 2


def rewrite(entries: list[Entry], chance: random.Random) -> int:
    """Write everything from one entry on anew, with a key that is not the till's."""
    at = chance.randrange(LENGTH)
    head = entries[at - 1].head if at else Head("T1")
    entries[at:] = chained(LENGTH - at, head, THIEF)
    return at + 1


MUTATIONS: list[Mutation] = [change, remove, swap, add, repeat, rewrite]


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return chained(LENGTH, Head("T1"))


def test_an_untouched_chain_is_sound(entries: list[Entry]) -> None:
    found = verify_chain(entries, chain_of(entries, LENGTH))

    assert found == Verified(LENGTH, entries[-1].head, None)


def test_a_thousand_mutations_are_found_and_located(entries: list[Entry]) -> None:
    chain, chance = chain_of(entries), random.Random(13)

    for number in range(1000):
        mutated = list(entries)
        mutation = chance.choice(MUTATIONS)
        expected = mutation(mutated, chance)
        found = verify_chain(mutated, chain, verify_once).first_bad

        assert found is not None, f"mutation {number} ({mutation.__name__}) was not noticed"
        assert found.sequence == expected, f"mutation {number}: {mutation.__name__}, {found}"


def test_a_tail_cut_off_before_the_countersigned_head_is_found(entries: list[Entry]) -> None:
    chain = chain_of(entries, LENGTH)

    for left in range(LENGTH):
        found = verify_chain(entries[:left], chain, verify_once).first_bad

        assert found is not None
        assert found.sequence == left + 1


def test_a_tail_the_office_never_saw_can_be_cut_off_unseen(entries: list[Entry]) -> None:
    """A known limit, stated in the module: the office holds what it has countersigned only."""
    found = verify_chain(entries[: LENGTH - 5], chain_of(entries, LENGTH - 5))

    assert found.first_bad is None


def test_a_till_that_forks_behind_the_offices_head_is_found(entries: list[Entry]) -> None:
    """Even the till's own key cannot rewrite what the office has countersigned."""
    other = next_entry(entries[39].head, "logged_out", "{}", AT, TILL)
    forked = [*entries[:40], other, *chained(18, other.head)]

    found = verify_chain(forked, chain_of(entries, 50)).first_bad

    assert found is not None
    assert found.sequence == 50
    assert "countersigned" in found.why


def test_a_made_up_countersignature_is_found(entries: list[Entry]) -> None:
    chain = replace(chain_of(entries, 50), countersignature="00" * 64)

    found = verify_chain(entries, chain).first_bad

    assert found is not None
    assert found.sequence == 50


def test_sabotage_a_chain_without_a_key_hides_what_was_rewritten() -> None:
    entries = chained(5, Head("T1"), Unkeyed())
    other = next_entry(entries[1].head, "logged_out", "{}", AT, Unkeyed())
    rewritten = [*entries[:2], other, *chained(2, other.head, Unkeyed())]

    def trusts_everybody(public_key: str, message: bytes, signature: str) -> bool:
        return True

    assert verify_chain(rewritten, chain_of(rewritten), trusts_everybody).first_bad is None
    assert verify_chain(rewritten, chain_of(rewritten)).first_bad is not None


# ---------------------------------------------------------------- in the file itself


def tampered(folder: Path, *statements: str) -> Verified:
    """Let somebody who has the journal's key, but not the signing key, work on the file."""
    journal = open_journal(folder)
    sell(journal, 10)
    journal.acknowledge(acknowledgement(journal.entries(7, 1)[0].head))
    journal.close()
    connection = connect(folder / "journal.sqlite", FileKeyStore(folder).journal_key())
    connection.execute("PRAGMA foreign_keys = OFF")
    for trigger in ("entries_stay", "entries_remain"):
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.close()
    again = open_journal(folder)
    found = verify_journal(again)
    again.close()
    return found


def test_an_untouched_file_is_sound(tmp_path: Path) -> None:
    found = tampered(tmp_path)

    assert found.entries == 10
    assert found.first_bad is None


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE entries SET body = replace(body, '350', '250') WHERE sequence = 4", 4),
        ("UPDATE entries SET at = '2026-11-20T09:30:00.000000Z' WHERE sequence = 5", 5),
        ("DELETE FROM entries WHERE sequence = 3", 3),
        ("DELETE FROM entries WHERE sequence > 6", 7),
        ("DELETE FROM entries", 1),
        ("UPDATE entries SET sequence = 99 WHERE sequence = 2", 2),
        ("UPDATE chain SET countersignature = 'aa'", 8),
        ("UPDATE sales SET total_minor = 1 WHERE sequence = 9", 9),
        ("UPDATE sales SET sale_id = 'another' WHERE sequence = 5", 5),
        ("DELETE FROM sales WHERE sequence = 6", 6),
    ],
)
def test_a_tampered_file_names_its_first_bad_record(
    tmp_path: Path, statement: str, first_bad: int
) -> None:
    found = tampered(tmp_path, statement)

    assert found.first_bad is not None
    assert found.first_bad.sequence == first_bad
    assert found.head.sequence == found.entries


def test_one_flipped_bit_on_the_disk_is_found_by_the_cipher(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    sell(journal, 50)
    journal.close()
    path = tmp_path / "journal.sqlite"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)

    connection = connect(path, FileKeyStore(tmp_path).journal_key())

    assert connection.execute("PRAGMA cipher_integrity_check").fetchall() != []
    connection.close()
