"""Temporal's port has no lock: who reaches it without a key of the office posts nothing by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from books import PaperTill
from builders import sale
from offices import RunningOffice
from papers import enrolled, send
from pydantic import TypeAdapter
from sqlalchemy import text
from strangers import answer_plainly, start_plainly
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from domain.canonical import content_hash
from domain.ledger import Outcome
from domain.sale import Sale
from workflows import ids
from workflows.client import BrokenOff, commit_sale

_SALE = TypeAdapter(Sale)


@pytest.fixture
def till(office: RunningOffice, tmp_path: Path) -> PaperTill:
    return enrolled(office, tmp_path)


def ask(office: RunningOffice, query: str, **values: object) -> list[tuple[Any, ...]]:
    with office.database.begin() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def test_a_sale_that_a_stranger_gives_to_temporal_is_not_posted_and_the_tills_own_is(
    office: RunningOffice, till: PaperTill
) -> None:
    genuine = till.next_sale()
    forged = sale(genuine.receipt_number, till_id=till.id)
    told = _SALE.dump_python(forged, mode="json")

    with pytest.raises(WorkflowFailureError) as ended:
        office.loop.run(start_plainly(office, "Checkout", told, ids.sale(genuine.id)))

    assert isinstance(ended.value.cause, ApplicationError)
    assert ended.value.cause.type == "NotEncrypted"
    assert send(office, till, genuine).json()["refused"] == []
    posted = ask(office, "SELECT id FROM sales WHERE till_id = :till", till=till.id)
    assert posted == [(genuine.id,)]


def test_a_sale_that_the_till_has_not_signed_is_refused_even_with_the_offices_key(
    office: RunningOffice, till: PaperTill
) -> None:
    genuine = till.next_sale()
    forged = sale(genuine.receipt_number, till_id=till.id)

    said = office.loop.run(commit_sale(office.temporal, forged)).said

    assert (said.outcome, said.content_hash) == (Outcome.UNSIGNED, content_hash(forged))
    assert "is not in the journal that till" in said.why
    tasks = "SELECT kind, till_id, amount_minor FROM exception_tasks WHERE subject = :id"
    assert ask(office, tasks, id=str(forged.id)) == [("sale_unsigned", till.id, 350)]
    assert send(office, till, genuine).json()["refused"] == []
    assert said.sale_id not in {row[0] for row in ask(office, "SELECT id FROM sales")}


def test_a_sale_refused_over_an_older_backup_is_posted_when_its_till_sends_it_again(
    office: RunningOffice, till: PaperTill
) -> None:
    sold = till.next_sale()
    said = office.loop.run(commit_sale(office.temporal, sold)).said

    answer = send(office, till, sold)

    assert said.outcome is Outcome.UNSIGNED
    assert (answer.status_code, answer.json()["refused"]) == (200, []), answer.text
    assert ask(office, "SELECT id FROM sales WHERE till_id = :till", till=till.id) == [(sold.id,)]
    kept = "SELECT reason FROM quarantined_entries WHERE sale_id = :id"
    assert ask(office, kept, id=sold.id) == []
    ((why,),) = ask(office, "SELECT why FROM exception_tasks WHERE subject = :id", id=str(sold.id))
    assert "If the ledger has it by now, the till has signed it" in why


def test_what_a_strangers_worker_says_of_a_sale_counts_for_nothing(
    office: RunningOffice, numbers: Iterator[str]
) -> None:
    sold = sale(next(numbers))
    office.stop_worker()
    stranger = office.loop.run(answer_plainly(office))
    try:
        with pytest.raises(BrokenOff):
            office.loop.run(commit_sale(office.temporal, sold))
    finally:
        office.loop.run(stranger.shutdown())
        office.start_worker()

    answer = office.http.post("/transactions", json=_SALE.dump_python(sold, mode="json"))

    assert answer.status_code == 201, answer.text
    assert ask(office, "SELECT id FROM sales WHERE id = :id", id=sold.id) == [(sold.id,)]
