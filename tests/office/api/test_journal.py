"""The journal route: what a till sends is verified, stored, posted, and only then acknowledged."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest
from builders import AT, sale
from offices import RunningOffice
from pydantic import TypeAdapter
from sqlalchemy import text
from tills import open_journal, sell
from waiting import until

from activities.db import shop
from activities.keys import verify
from domain.canonical import canonical
from domain.catalog import Shop, Till
from domain.journal import Acknowledgement, Entry, Refusal, countersigned_text, next_entry
from till_kivy.journal import Journal
from till_kivy.keystore import FileKeyStore
from workflows import attributes
from workflows.attributes import Covered
from workflows.client import reconcile
from workflows.steps import Backlog, BacklogPosted

_ACKNOWLEDGEMENT = TypeAdapter(Acknowledgement)
_JSON = {"content-type": "application/json"}


@pytest.fixture
def journal(office: RunningOffice, tmp_path: Path) -> Iterator[Journal]:
    """The journal of a till that is enrolled under an id of its own."""
    till_id = f"T-{uuid.uuid4().hex[:8]}"
    opened = open_journal(tmp_path, till_id)
    with office.database.begin() as connection:
        shop.load_shop(connection, Shop(tills=(Till(till_id, "S1", till_id),)))
        shop.enrol(connection, till_id, FileKeyStore(tmp_path).signer().public_key)
    yield opened
    opened.close()


@pytest.fixture
def send(
    office: RunningOffice, journal: Journal
) -> Callable[[str, Sequence[Entry]], httpx.Response]:
    till = office.as_till(journal.till_id, journal.signer)

    def post(till_id: str, entries: Sequence[Entry]) -> httpx.Response:
        packed = gzip.compress(canonical({"entries": entries}).encode())
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        return till.post(f"/tills/{till_id}/journal", content=packed, headers=headers)

    return post


Send = Callable[[str, Sequence[Entry]], httpx.Response]


def acknowledged(answer: httpx.Response) -> Acknowledgement:
    assert answer.status_code == 200, answer.text
    return _ACKNOWLEDGEMENT.validate_json(answer.content)


def posted(office: RunningOffice, journal: Journal) -> int:
    query = text("SELECT count(*) FROM sales WHERE till_id = :till_id")
    with office.database.begin() as connection:
        return int(connection.execute(query, {"till_id": journal.till_id}).scalar_one())


def sell_on(journal: Journal, times: int) -> list[Entry]:
    """Sell with receipt numbers of the till's own series."""
    return [
        journal.append_sale(journal.till_id, lambda number: sale(number, till_id=journal.till_id))
        for _ in range(times)
    ]


def test_a_sale_is_acknowledged_with_the_offices_signature_once_it_is_posted(
    office: RunningOffice, journal: Journal, send: Send
) -> None:
    entries = sell_on(journal, 1)

    answer = acknowledged(send(journal.till_id, entries))

    assert posted(office, journal) == 1
    assert answer.head == journal.head
    assert answer.refused == ()
    assert verify(answer.office_key, countersigned_text(answer.head), answer.signature)


def test_a_backlog_of_sales_is_posted_by_one_reconciliation(
    office: RunningOffice, journal: Journal, send: Send
) -> None:
    entries = sell_on(journal, 40)

    answer = acknowledged(send(journal.till_id, entries))

    assert answer.head == journal.head
    assert posted(office, journal) == 40
    handle = office.temporal.get_workflow_handle(f"reconcile-{journal.till_id}-1-40")
    details = office.loop.run(handle.describe())
    assert details.search_attributes["TillId"] == [journal.till_id]
    assert details.search_attributes["StoreId"] == ["S1"]
    assert details.search_attributes["State"] == ["posted"]


@pytest.mark.parametrize("count", [40, 500])
def test_each_sale_of_a_backlog_is_found_by_its_receipt_number_and_day(
    office: RunningOffice, journal: Journal, send: Send, count: int
) -> None:
    entries = sell_on(journal, count)

    acknowledged(send(journal.till_id, entries))

    async def found(query: str) -> list[str]:
        return [one.id async for one in office.temporal.list_workflows(query)]

    def is_found(number: int) -> bool:
        receipt = f"{journal.till_id}-{number:06d}"
        query = f"ReceiptNumber = '{receipt}' AND BusinessDate = '{AT.date()}'"
        return office.loop.run(found(query)) == [f"reconcile-{journal.till_id}-1-{count}"]

    for number in (1, count // 2, count):
        until(partial(is_found, number))


def test_a_server_that_takes_no_long_lists_posts_the_backlog_all_the_same(
    office: RunningOffice, journal: Journal, send: Send
) -> None:
    too_long = Covered(tuple(f"{number:060d}" for number in range(1_500)), ())
    backlog = Backlog(journal.till_id, 1, 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attributes, "LIST_BYTES", 200_000)
        word = office.loop.run(reconcile(office.temporal, "S1", backlog, too_long))

    assert word.said == BacklogPosted()


def test_entries_sent_five_times_and_out_of_order_are_posted_once(
    office: RunningOffice, journal: Journal, send: Send
) -> None:
    entries = sell_on(journal, 4)

    answers = [acknowledged(send(journal.till_id, entries[::-1])) for _ in range(5)]

    assert {answer.head for answer in answers} == {journal.head}
    assert len({answer.signature for answer in answers}) == 1
    assert posted(office, journal) == 4


def test_a_changed_entry_is_refused_with_its_reason_and_those_before_it_are_taken(
    office: RunningOffice, journal: Journal, send: Send
) -> None:
    entries = sell_on(journal, 3)
    entries[1] = replace(entries[1], body=entries[1].body.replace("350", "351"))

    answer = acknowledged(send(journal.till_id, entries))

    assert answer.head == entries[0].head
    assert [(one.sequence, one.refusal) for one in answer.refused] == [
        (2, Refusal.BAD_HASH),
        (3, Refusal.GAP),
    ]
    assert posted(office, journal) == 1


def test_a_sale_the_ledger_refuses_is_told_and_the_others_are_posted(
    office: RunningOffice, journal: Journal, send: Send
) -> None:
    first = sell_on(journal, 1)
    taken = sale(f"{journal.till_id}-000001", till_id=journal.till_id)
    same_number = journal.append_sale("x", lambda _: taken)
    entries = [*first, same_number, *sell_on(journal, 1)]

    answer = acknowledged(send(journal.till_id, entries))

    assert answer.head == journal.head
    assert [(one.sequence, one.refusal) for one in answer.refused] == [(2, Refusal.CONFLICT)]
    assert posted(office, journal) == 2


def test_a_sale_whose_id_is_taken_is_told_and_blocks_nobody(
    office: RunningOffice, journal: Journal, send: Send
) -> None:
    taken = sale("WEB-1", till_id="T1")
    office.http.post("/transactions", content=canonical(taken), headers=_JSON).raise_for_status()
    own = sale(f"{journal.till_id}-000001", till_id=journal.till_id, sale_id=taken.id)
    conflict = journal.append_sale("x", lambda _: own)

    answers = [
        acknowledged(send(journal.till_id, batch))
        for batch in ([conflict], [conflict], sell_on(journal, 1))
    ]

    assert [one.refusal for one in answers[0].refused] == [Refusal.CONFLICT]
    assert answers[1] == answers[0]
    assert answers[2].head == journal.head
    assert posted(office, journal) == 1


def test_what_a_lost_answer_would_have_told_is_told_again(
    office: RunningOffice, journal: Journal, send: Send
) -> None:
    first = sell_on(journal, 1)
    taken = sale(f"{journal.till_id}-000001", till_id=journal.till_id)
    entries = [*first, journal.append_sale("x", lambda _: taken)]
    send(journal.till_id, entries)

    answer = acknowledged(send(journal.till_id, entries[:1]))

    assert answer.head == journal.head
    assert [(one.sequence, one.refusal) for one in answer.refused] == [(2, Refusal.CONFLICT)]
    assert posted(office, journal) == 1


@pytest.mark.parametrize(
    "odd_field",
    [
        ('"change":{', '"tip":{"currency":"EUR","minor":500},"change":{'),
        ('"catalog_version":1', '"catalog_version":"1"'),
        ('"catalog_version":1', '"catalog_version":1000000000000000000000000000000'),
        ('"sold_at":"2026', '"sold_at":"9999'),
    ],
    ids=["a field of a later version", "text for a number", "a huge number", "a far year"],
)
def test_a_body_that_says_more_or_else_than_is_understood_is_set_aside_and_blocks_nobody(
    office: RunningOffice, journal: Journal, send: Send, tmp_path: Path, odd_field: tuple[str, str]
) -> None:
    body = canonical(sale(f"{journal.till_id}-000001", till_id=journal.till_id))
    signer = FileKeyStore(tmp_path).signer()
    odd = next_entry(journal.head, "sale", body.replace(*odd_field), AT, signer)
    good = sale(f"{journal.till_id}-000002", till_id=journal.till_id)
    after = next_entry(odd.head, "sale", canonical(good), AT, signer)

    answer = acknowledged(send(journal.till_id, [odd, after]))

    assert answer.head == after.head
    assert [(one.sequence, one.refusal) for one in answer.refused] == [(1, Refusal.BAD_BODY)]
    assert posted(office, journal) == 1


def test_no_entries_at_all_ask_how_far_the_office_is(journal: Journal, send: Send) -> None:
    acknowledged(send(journal.till_id, sell_on(journal, 2)))

    answer = acknowledged(send(journal.till_id, []))

    assert answer.head == journal.head


def test_a_till_sends_its_own_journal_and_no_others(journal: Journal, send: Send) -> None:
    answer = send("T-nobody", sell(journal))

    assert answer.status_code == 403
    assert f"{journal.till_id} may not speak for till T-nobody" in answer.json()["detail"]


def test_more_than_500_entries_at_a_time_are_refused(journal: Journal, send: Send) -> None:
    (entry,) = sell_on(journal, 1)

    answer = send(journal.till_id, [entry] * 501)

    assert answer.status_code == 422
    assert "500" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("encoding", "content", "status"),
    [
        ("gzip", b"not gzip", 400),
        ("gzip", gzip.compress(b'{"entries": []}')[:-9], 400),
        ("br", b"{}", 415),
        ("gzip", gzip.compress(b" " * 65_000_000), 413),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_refused_in_words(
    office: RunningOffice, encoding: str, content: bytes, status: int
) -> None:
    headers = {"content-type": "application/json", "content-encoding": encoding}

    answer = office.http.post("/tills/T1/journal", content=content, headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
