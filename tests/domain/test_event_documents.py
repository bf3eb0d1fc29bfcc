"""Whatever a till may have to write down: it is read back, sealed and hashed alike for ever."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import MISSING, fields, replace
from uuid import UUID

import pytest
from builders import AT
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from selling import sold
from strategies import CURRENCIES, baskets, ids, minor, quantities

from domain.approval import ApprovalGiven
from domain.basket import Basket
from domain.canonical import canonical, content_hash
from domain.events import (
    KINDS,
    ClockedIn,
    ClockedOut,
    DrawerKicked,
    Event,
    JobState,
    LineVoided,
    LoggedIn,
    LoggedOut,
    LogInRefused,
    PinLocked,
    Proof,
    ReceiptPrinted,
    StandingLearned,
    TicketHeld,
    TicketRecalled,
    TicketVoided,
    TillLocked,
    TillStarted,
    kind_of,
)
from domain.journal import (
    Acknowledgement,
    EntryRefused,
    Head,
    Refusal,
    RefusedEntry,
    check_entry,
    next_entry,
)
from domain.lease import Standing
from domain.money import Money
from domain.roles import Action
from domain.tax import TaxRounding
from till_kivy.keystore import Ed25519Signer, verify_ed25519

ID = UUID(int=1)
SIGNER = Ed25519Signer(b"d" * 32)
words = st.text(max_size=12)
amounts = st.builds(Money, minor, st.sampled_from(CURRENCIES))
moments = st.timedeltas(dt.timedelta(0), dt.timedelta(days=30_000)).map(AT.__add__)
sales = st.builds(
    sold,
    baskets(),
    st.sampled_from(TaxRounding),
    st.sampled_from([1, 5]),
    st.integers(0, 5_000),
)
EVENTS: dict[str, st.SearchStrategy[Event]] = {
    "till_started": st.builds(TillStarted, words),
    "logged_in": st.builds(LoggedIn, words, st.sampled_from(Proof)),
    "pin_locked": st.builds(PinLocked, words, moments),
    "till_locked": st.builds(TillLocked, words),
    "clocked_in": st.builds(ClockedIn, words),
    "clocked_out": st.builds(ClockedOut, words),
    "standing_learned": st.builds(
        StandingLearned, st.sampled_from(Standing), moments, moments, words
    ),
    "approval_given": st.builds(
        ApprovalGiven, ids, st.sampled_from(Action), ids, amounts, words, words, moments
    ),
    "log_in_refused": st.builds(LogInRefused, words),
    "logged_out": st.builds(LoggedOut, words),
    "line_voided": st.builds(
        LineVoided, ids, ids, words, quantities, words, amounts, st.none() | ids
    ),
    "ticket_voided": st.builds(
        TicketVoided, ids, st.integers(0, 2_000), amounts, words, st.none() | ids
    ),
    "ticket_held": st.builds(TicketHeld, baskets(least=0), words, words),
    "ticket_recalled": st.builds(TicketRecalled, ids, words),
    "drawer_kicked": st.builds(DrawerKicked, ids, st.booleans(), words),
    "receipt_printed": st.builds(ReceiptPrinted, ids, st.sampled_from(JobState), words),
    "sale": sales,
}
every_kind = pytest.mark.parametrize("kind", sorted(EVENTS))


def test_no_kind_of_event_is_left_out_here() -> None:
    assert set(EVENTS) == set(KINDS)


@every_kind
@settings(max_examples=20)
@given(data=st.data())
def test_any_event_comes_back_equal_with_the_same_bytes(kind: str, data: st.DataObject) -> None:
    event = data.draw(EVENTS[kind])

    again = TypeAdapter(KINDS[kind]).validate_json(canonical(event))

    assert again == event
    assert kind_of(again) == kind
    assert canonical(again) == canonical(event)


@every_kind
@settings(max_examples=20)
@given(data=st.data())
def test_any_event_can_be_sealed_and_no_letter_of_it_changed(
    kind: str, data: st.DataObject
) -> None:
    body = canonical(data.draw(EVENTS[kind]))
    place = data.draw(st.integers(0, len(body) - 1))
    other = "0" if body[place] != "0" else "1"

    entry = next_entry(Head("T1"), kind, body, AT, SIGNER)

    check_entry(entry, SIGNER.public_key, verify_ed25519)
    forged = replace(entry, body=body[:place] + other + body[place + 1 :])
    with pytest.raises(EntryRefused) as raised:
        check_entry(forged, SIGNER.public_key, verify_ed25519)
    assert raised.value.refusal is Refusal.BAD_HASH


@every_kind
@settings(max_examples=20)
@given(data=st.data())
def test_another_kind_does_not_pass_for_this_one(kind: str, data: st.DataObject) -> None:
    entry = next_entry(Head("T1"), kind, canonical(data.draw(EVENTS[kind])), AT, SIGNER)
    other = data.draw(st.sampled_from(sorted(set(EVENTS) - {kind})))

    with pytest.raises(EntryRefused, match="changed after it was sealed"):
        check_entry(replace(entry, kind=other), SIGNER.public_key, verify_ed25519)


@every_kind
@settings(max_examples=20)
@given(data=st.data())
def test_a_document_without_one_of_its_needed_fields_is_no_event(
    kind: str, data: st.DataObject
) -> None:
    event = data.draw(EVENTS[kind])
    document = json.loads(canonical(event))
    needed = [f.name for f in fields(event) if f.name in document and f.default is MISSING]
    gone = data.draw(st.sampled_from(needed))
    del document[gone]

    with pytest.raises(ValidationError, match=gone):
        TypeAdapter(KINDS[kind]).validate_json(json.dumps(document))


@given(of=baskets(least=0))
def test_a_ticket_keeps_every_field_through_its_document(of: Basket) -> None:
    again = TypeAdapter(Basket).validate_json(canonical(of))

    assert again == of
    assert [line.may_merge for line in again.lines] == [line.may_merge for line in of.lines]


@given(
    head=st.builds(Head, words, st.integers(1, 9), st.integers(0, 10**6)),
    told=st.lists(
        st.builds(RefusedEntry, st.integers(1, 10**6), st.sampled_from(Refusal), words), max_size=3
    ),
    signature=words,
)
def test_what_the_office_answers_comes_back_as_it_was_sent(
    head: Head, told: list[RefusedEntry], signature: str
) -> None:
    answer = Acknowledgement(head, signature, tuple(told), "key")

    assert TypeAdapter(Acknowledgement).validate_json(canonical(answer)) == answer


@given(one=sales, other=sales)
def test_two_sales_share_a_hash_only_when_they_are_equal(one: Event, other: Event) -> None:
    assert (content_hash(one) == content_hash(other)) == (one == other)


def test_the_documents_of_today_keep_the_bytes_of_their_first_release() -> None:
    """A field renamed or a default changed would break every journal in the field."""
    documents = (TillStarted("1.0"), LoggedIn("anna"), TicketVoided(ID, 2, Money(560, "EUR"), "p"))
    total = '"total":{"currency":"EUR","minor":560}'

    texts = [canonical(document) for document in documents]

    assert texts == [
        '{"version":"1.0"}',
        '{"person_id":"anna"}',
        f'{{"basket_id":"{ID}","lines":2,"person_id":"p",{total}}}',
    ]
    assert content_hash(documents[0]) == hashlib.sha256(texts[0].encode()).hexdigest()
