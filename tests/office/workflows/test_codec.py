"""What Temporal stores is encrypted, by a key that may be replaced while old ones still read."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import basket, line, product, sale
from complaining import COMPLAINT, Complaining, stored_bytes
from fixtures_temporal import a_temporal
from loops import Loop
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.worker import office_worker
from domain.sale import Sale
from workflows.client import TemporalServer, commit_sale, connect
from workflows.codec import CannotDecrypt, EncryptionCodec, NotEncrypted, PayloadKeys

OLD, NEW = b"o" * 32, b"n" * 32
CANARY = "Canary-in-the-product-name"


@pytest.mark.parametrize(("encrypted", "found"), [(True, False), (False, True)])
def test_temporals_database_holds_no_word_of_a_sale_or_a_failure(
    loop: Loop, tmp_path: Path, *, encrypted: bool, found: bool
) -> None:
    sold = sale(of=basket(line(product(CANARY))))
    with a_temporal(tmp_path) as server:
        loop.run(post(server.address, sold, encrypted=encrypted))

    stored = stored_bytes(tmp_path)

    assert (CANARY.encode() in stored) is found
    assert (COMPLAINT.encode() in stored) is found
    assert sold.receipt_number.encode() in stored


async def post(address: str, sold: Sale, *, encrypted: bool) -> None:
    """Post a sale, without the codec when that is the sabotage."""
    client = await connect(TemporalServer(address), PayloadKeys("new", {"new": NEW}))
    if not encrypted:
        config = client.config()
        config["data_converter"] = pydantic_data_converter
        client = type(client)(**config)
    async with office_worker(client, [Complaining().post_sale]):
        await commit_sale(client, sold)


def codec(writing: str, **keys: bytes) -> EncryptionCodec:
    return EncryptionCodec(PayloadKeys(writing, keys))


PAYLOAD = Payload(metadata={"encoding": b"json/plain"}, data=b'"tea"')


def test_a_new_key_writes_while_the_old_one_still_reads(loop: Loop) -> None:
    written = loop.run(codec("old", old=OLD).encode([PAYLOAD]))

    rotated = codec("new", old=OLD, new=NEW)

    assert loop.run(rotated.decode(written)) == [PAYLOAD]
    assert loop.run(rotated.encode([PAYLOAD]))[0].metadata["key-id"] == b"new"


def test_a_payload_of_an_unknown_key_names_the_key_that_is_missing(loop: Loop) -> None:
    written = loop.run(codec("old", old=OLD).encode([PAYLOAD]))

    with pytest.raises(CannotDecrypt, match="key old is not at hand, only new"):
        loop.run(codec("new", new=NEW).decode(written))


def test_a_changed_payload_is_noticed(loop: Loop) -> None:
    (written,) = loop.run(codec("new", new=NEW).encode([PAYLOAD]))
    written.data = written.data[:-1] + bytes([written.data[-1] ^ 1])

    with pytest.raises(CannotDecrypt, match="changed"):
        loop.run(codec("new", new=NEW).decode([written]))


def test_a_large_payload_shrinks_and_comes_back_whole(loop: Loop) -> None:
    large = Payload(metadata={"encoding": b"json/plain"}, data=b'{"sku": "TEA"}' * 100_000)

    (written,) = loop.run(codec("new", new=NEW).encode([large]))

    assert len(written.data) < 100_000
    assert loop.run(codec("new", new=NEW).decode([written])) == [large]


def test_what_was_never_encrypted_is_refused_once_and_for_all(loop: Loop) -> None:
    with pytest.raises(NotEncrypted, match="not encrypted with a key of this office") as refused:
        loop.run(codec("new", new=NEW).decode([PAYLOAD]))

    assert (refused.value.type, refused.value.non_retryable) == ("NotEncrypted", True)


def test_a_key_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="has 3 bytes; AES-256 needs 32"):
        PayloadKeys("new", {"new": b"abc"})


def test_a_writing_key_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="new is to encrypt"):
        PayloadKeys("new", {"old": OLD})
