"""Payload keys are rotated while sales are posted: none is lost, and old histories still read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import basket, line, product, sale
from complaining import COMPLAINT, Complaining, stored_bytes
from fixtures_temporal import a_temporal
from loops import Loop
from offices import RunningOffice
from temporalio.client import Client
from temporalio.converter import DefaultFailureConverter

from activities.keyring import PayloadRing, rotate
from activities.temporal import payload_keys, temporal_server
from activities.worker import office_worker
from domain.ledger import Outcome
from domain.sale import Sale
from workflows import ids
from workflows.client import TemporalServer, commit_sale, connect

SALES = 40
ROTATIONS = 8
CANARY = "Canary-in-the-product-name"


def with_plain_failures(client: Client) -> Client:
    """Apply the sabotage: failures are converted as Temporal does by itself."""
    config = client.config()
    config["data_converter"] = replace(
        config["data_converter"], failure_converter_class=DefaultFailureConverter
    )
    return type(client)(**config)


@pytest.mark.parametrize("sabotaged", [False, True])
def test_no_word_of_a_sale_or_a_failure_is_stored_before_and_after_a_rotation(
    loop: Loop, tmp_path: Path, *, sabotaged: bool
) -> None:
    keys = tmp_path / "keys" / "payload.aes256"
    sales = [sale(f"A1-{n:06d}", basket(line(product(CANARY)))) for n in (1, 2)]
    with a_temporal(tmp_path) as server:
        for sold in sales:
            loop.run(_post(server.address, keys, sold, sabotaged=sabotaged))
            rotate(keys, 0)
        told = [loop.run(_told(server.address, keys, sold)) for sold in sales]

    stored = stored_bytes(tmp_path)
    assert CANARY.encode() not in stored
    assert (COMPLAINT.encode() in stored) is sabotaged
    # Whoever has the ring still reads what was written by each key.
    assert all(CANARY in history for history in told)


async def _post(address: str, keys: Path, sold: Sale, *, sabotaged: bool) -> None:
    client = await connect(TemporalServer(address), PayloadRing(keys))
    client = with_plain_failures(client) if sabotaged else client
    async with office_worker(client, [Complaining().post_sale]):
        await commit_sale(client, sold)


async def _told(address: str, keys: Path, sold: Sale) -> str:
    """What a program that has just started reads of a sale's history."""
    client = await connect(TemporalServer(address), PayloadRing(keys))
    history = await client.get_workflow_handle(ids.sale(sold.id)).fetch_history()
    started = history.events[0].workflow_execution_started_event_attributes
    (plain,) = await client.data_converter.decode(started.input.payloads, [Sale])
    assert isinstance(plain, Sale)
    return plain.lines[0].name


def test_no_sale_is_lost_while_keys_are_rotated(
    office: RunningOffice, loop: Loop, numbers: Iterator[str]
) -> None:
    settings = office.settings
    client = loop.run(connect(temporal_server(settings), payload_keys(settings)))
    sales = [sale(next(numbers)) for _ in range(SALES)]
    sold = threading.Semaphore(0)
    before = payload_keys(settings).now()

    def rotate_now_and_then() -> None:
        for _ in range(ROTATIONS):
            for _ in range(SALES // (ROTATIONS + 1)):
                sold.acquire()
            rotate(settings.payload_key_file, 0)

    rotating = threading.Thread(target=rotate_now_and_then)
    rotating.start()
    answers = []
    for one in sales:
        answers.append(loop.run(commit_sale(client, one)).said)
        sold.release()
    rotating.join(20)

    after = payload_keys(settings).now()
    assert {answer.outcome for answer in answers} == {Outcome.RECORDED}
    assert len(after.keys) == len(before.keys) + ROTATIONS
    assert after.writing != before.writing
