"""A lease says one thing in one text, which the office signs."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import fields, replace

import pytest
from builders import AT

from domain.canonical import canonical
from domain.events import StandingLearned
from domain.lease import LASTS, RENEWED_EVERY, Lease, SignedLease, Standing, lease_text

LEASE = Lease("T1", Standing.TRADING, AT, AT + LASTS, "")


def test_a_till_may_be_alone_for_three_days_and_asks_every_hour() -> None:
    assert dt.timedelta(hours=72) == LASTS
    assert dt.timedelta(hours=1) == RENEWED_EVERY


def test_what_is_signed_is_the_digest_of_the_canonical_json() -> None:
    assert lease_text(LEASE) == hashlib.sha256(canonical(LEASE).encode()).digest()


@pytest.mark.parametrize(
    "other",
    [
        replace(LEASE, till_id="T2"),
        replace(LEASE, standing=Standing.FROZEN),
        replace(LEASE, granted_at=AT + RENEWED_EVERY),
        replace(LEASE, until=AT + 2 * LASTS),
        replace(LEASE, why="stolen"),
        replace(LEASE, request_id="another"),
    ],
)
def test_whatever_is_changed_in_a_lease_changes_what_was_signed(other: Lease) -> None:
    assert lease_text(other) != lease_text(LEASE)


def test_the_same_moment_in_another_time_zone_is_the_same_lease() -> None:
    vienna = dt.timezone(dt.timedelta(hours=1))

    assert lease_text(replace(LEASE, until=LEASE.until.astimezone(vienna))) == lease_text(LEASE)


def test_the_journal_gives_the_offices_word_back_as_it_was() -> None:
    said = replace(LEASE, standing=Standing.REVOKED, why="stolen", request_id="asked once")
    word = SignedLease(said, "5" * 128)

    assert {getattr(said, part.name) for part in fields(said)} & {""} == set()
    assert StandingLearned.of(word).word_on("T1") == word
