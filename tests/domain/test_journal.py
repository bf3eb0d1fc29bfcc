import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from builders import AT
from hypothesis import given
from hypothesis import strategies as st

from domain.journal import (
    GENESIS,
    LARGEST_BODY,
    Entry,
    EntryRefused,
    Head,
    Refusal,
    check_entry,
    check_link,
    countersigned_text,
    next_entry,
    verified,
)
from till_kivy.keystore import Ed25519Signer, verify_ed25519

SIGNER = Ed25519Signer(b"1" * 32)
STRANGER = Ed25519Signer(b"2" * 32)
EMPTY = Head("T1")
FIRST, LAST = AT.replace(year=1970, tzinfo=None), AT.replace(year=2199, tzinfo=None)

Change = Callable[[Entry], Entry]


def chain(length: int, signer: Ed25519Signer = SIGNER) -> list[Entry]:
    entries: list[Entry] = []
    for count in range(length):
        head = entries[-1].head if entries else EMPTY
        at = AT + dt.timedelta(seconds=count)
        entries.append(next_entry(head, "logged_in", f'{{"person_id":"p{count}"}}', at, signer))
    return entries


def refusal_of(entries: list[Entry]) -> Refusal:
    with pytest.raises(EntryRefused) as caught:
        list(verified(entries, EMPTY, SIGNER.public_key, verify_ed25519))
    return caught.value.refusal


def test_a_chain_verifies_from_its_first_entry_to_its_last() -> None:
    entries = chain(5)

    found = list(verified(entries, EMPTY, SIGNER.public_key, verify_ed25519))

    assert found == entries
    assert [entry.sequence for entry in found] == [1, 2, 3, 4, 5]


def test_the_first_entry_follows_on_nothing() -> None:
    (first,) = chain(1)

    assert first.previous == GENESIS
    assert first.head == Head("T1", 1, 1, first.hash)


def test_the_seal_is_the_sha256_of_the_documented_header() -> None:
    (first,) = chain(1)

    header = (
        '{"at":"2026-11-21T09:30:00.000000Z","body":"{\\"person_id\\":\\"p0\\"}","epoch":1,'
        f'"kind":"logged_in","previous":"{GENESIS}","sequence":1,"till_id":"T1"}}'
    )
    assert first.hash == hashlib.sha256(header.encode()).hexdigest()


CHANGES: list[Change] = [
    lambda entry: replace(entry, body='{"person_id":"p9"}'),
    lambda entry: replace(entry, kind="logged_out"),
    lambda entry: replace(entry, at=entry.at + dt.timedelta(microseconds=1)),
    lambda entry: replace(entry, previous="1" * 64),
    lambda entry: replace(entry, sequence=entry.sequence + 1),
    lambda entry: replace(entry, epoch=2),
    lambda entry: replace(entry, till_id="T2"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_entry_does_not_fit_its_seal(change: Change) -> None:
    before, entry, after = chain(3)

    assert refusal_of([before, change(entry), after]) is Refusal.BAD_HASH


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_and_resealed_entry_is_not_signed_by_the_till(change: Change) -> None:
    changed = change(chain(1)[0])
    before = Head(changed.till_id, changed.epoch, changed.sequence - 1, changed.previous)

    forged = next_entry(before, changed.kind, changed.body, changed.at, STRANGER)

    assert refusal_of([forged]) is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize(
    "nonsense", ["", "zz", "00" * 63, "é" * 128], ids=["empty", "no-hex", "short", "no-ascii"]
)
def test_a_signature_that_is_none_is_refused_and_not_an_accident(nonsense: str) -> None:
    (entry,) = chain(1)

    assert refusal_of([replace(entry, signature=nonsense)]) is Refusal.BAD_SIGNATURE


def test_a_missing_entry_is_a_gap() -> None:
    first, _, third = chain(3)

    assert refusal_of([first, third]) is Refusal.GAP


def test_an_entry_given_twice_is_a_repeated_sequence() -> None:
    first, second = chain(2)

    assert refusal_of([first, second, second]) is Refusal.REPEATED_SEQUENCE


def test_an_entry_of_another_continuation_breaks_the_chain() -> None:
    first, second = chain(2)
    other = next_entry(first.head, "logged_out", "{}", AT, SIGNER)
    third = next_entry(other.head, "logged_in", "{}", AT, SIGNER)

    assert refusal_of([first, second, third]) is Refusal.BROKEN_CHAIN


def test_an_entry_of_another_till_is_told_apart() -> None:
    foreign = next_entry(Head("T2"), "logged_in", "{}", AT, SIGNER)

    with pytest.raises(EntryRefused) as caught:
        check_link(foreign, EMPTY)

    assert caught.value.refusal is Refusal.WRONG_TILL


def test_a_time_without_a_zone_is_refused_before_it_is_sealed_wrongly() -> None:
    entry = replace(chain(1)[0], at=AT.replace(tzinfo=None))

    assert refusal_of([entry]) is Refusal.BAD_BODY


def test_an_endless_body_is_refused() -> None:
    entry = next_entry(EMPTY, "logged_in", "x" * (LARGEST_BODY + 1), AT, SIGNER)

    assert refusal_of([entry]) is Refusal.BAD_BODY


def test_entries_before_the_bad_one_are_still_taken() -> None:
    first, second, third = chain(3)
    taken: list[Entry] = []
    stream = [first, second, replace(third, body="{}")]

    with pytest.raises(EntryRefused):
        taken.extend(verified(stream, EMPTY, SIGNER.public_key, verify_ed25519))

    assert taken == [first, second]


def test_a_refusal_names_the_entry_and_the_till() -> None:
    first, _, third = chain(3)

    with pytest.raises(EntryRefused, match="Entry 3 of till T1 refused: entry 2 is missing"):
        check_link(third, first.head)


@given(st.text(), st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC)))
def test_any_body_at_any_time_can_be_sealed_and_checked(body: str, at: dt.datetime) -> None:
    entry = next_entry(EMPTY, "logged_in", body, at, SIGNER)

    check_entry(entry, SIGNER.public_key, verify_ed25519)


@pytest.mark.parametrize("year", [1, 1969, 2200, 9999])
def test_an_entry_of_a_time_no_clock_shows_is_refused_and_stops_nothing(year: int) -> None:
    entry = next_entry(EMPTY, "logged_in", "{}", AT.replace(year=year), SIGNER)
    entry = replace(entry, at=entry.at.replace(tzinfo=dt.timezone(dt.timedelta(hours=-12))))

    with pytest.raises(EntryRefused, match="no clock of a shop"):
        check_entry(entry, SIGNER.public_key, verify_ed25519)


def test_the_office_countersigns_another_text_for_every_head() -> None:
    texts = {countersigned_text(entry.head) for entry in chain(20)}

    assert len(texts) == 20
