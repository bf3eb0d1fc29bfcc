"""Any payload comes back as it went, after any rotation of keys; none that was touched does."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from workflows.attributes import shortened
from workflows.codec import (
    COMPRESS_FROM_BYTES,
    ENCODING,
    NONCE_BYTES,
    CannotDecrypt,
    EncryptionCodec,
    NotEncrypted,
    PayloadKeys,
)

KEYS = {name: name.encode() * 32 for name in "abcd"}
SECRET = b"Canary in a payload"

payloads = st.builds(
    lambda kind, data: Payload(metadata={"encoding": kind}, data=data),
    st.sampled_from([b"json/plain", b"binary/null", b"binary/plain"]),
    st.binary(max_size=200) | st.integers(1, 3).map(lambda n: b"tea " * (n * COMPRESS_FROM_BYTES)),
)


def codec(writing: str, *others: str) -> EncryptionCodec:
    keys: Mapping[str, bytes] = {name: KEYS[name] for name in (writing, *others)}
    return EncryptionCodec(PayloadKeys(writing, keys))


def encoded(by: EncryptionCodec, *given_payloads: Payload) -> list[Payload]:
    return asyncio.run(by.encode(given_payloads))


@settings(deadline=None)
@given(sent=st.lists(payloads, max_size=4), writing=st.permutations("abcd"))
def test_every_payload_comes_back_in_its_place_after_any_rotation(
    sent: list[Payload], writing: list[str]
) -> None:
    stored = encoded(codec(writing[0]), *sent)

    for before, now in itertools.pairwise(writing):
        stored = encoded(codec(now), *codec(now, before).decrypt(stored))

    assert codec(writing[-1]).decrypt(stored) == sent
    assert {bytes(one.metadata["key-id"]) for one in stored} <= {writing[-1].encode()}


@settings(deadline=None)
@given(data=st.data(), sent=payloads)
def test_one_changed_bit_anywhere_is_noticed(data: st.DataObject, sent: Payload) -> None:
    (stored,) = encoded(codec("a"), sent)
    at = data.draw(st.integers(0, len(stored.data) - 1))
    bit = 1 << data.draw(st.integers(0, 7))

    stored.data = stored.data[:at] + bytes([stored.data[at] ^ bit]) + stored.data[at + 1 :]

    with pytest.raises(CannotDecrypt, match="of key a was changed or its key is another one"):
        codec("a").decrypt([stored])


@given(sent=payloads, cut=st.integers(1, 16))
def test_a_payload_that_was_cut_short_is_noticed(sent: Payload, cut: int) -> None:
    (stored,) = encoded(codec("a"), sent)

    stored.data = stored.data[:-cut]

    with pytest.raises(CannotDecrypt, match="was changed"):
        codec("a").decrypt([stored])


@pytest.mark.parametrize("left", [0, 1, NONCE_BYTES, NONCE_BYTES + 3])
def test_a_payload_of_almost_nothing_is_noticed(left: int) -> None:
    (stored,) = encoded(codec("a"), Payload(data=SECRET))

    stored.data = stored.data[:left]

    with pytest.raises(CannotDecrypt, match="of key a was changed"):
        codec("a").decrypt([stored])


def test_a_payload_that_claims_a_compression_it_has_not_is_noticed() -> None:
    (stored,) = encoded(codec("a"), Payload(data=SECRET))

    stored.metadata["compression"] = b"zlib"

    with pytest.raises(CannotDecrypt, match="of key a was changed"):
        codec("a").decrypt([stored])


def test_a_payload_that_lost_its_compression_is_noticed() -> None:
    (stored,) = encoded(codec("a"), Payload(data=b"tea " * COMPRESS_FROM_BYTES))

    del stored.metadata["compression"]

    with pytest.raises(CannotDecrypt, match="of key a was changed"):
        codec("a").decrypt([stored])


def test_a_key_id_that_is_no_text_is_a_key_that_is_not_at_hand() -> None:
    (stored,) = encoded(codec("a"), Payload(data=SECRET))

    stored.metadata["key-id"] = b"\xff"

    with pytest.raises(CannotDecrypt, match="is not at hand, only a"):
        codec("a").decrypt([stored])


def test_a_payload_that_names_another_key_than_its_own_is_noticed() -> None:
    (stored,) = encoded(codec("a"), Payload(data=SECRET))

    stored.metadata["key-id"] = b"b"

    with pytest.raises(CannotDecrypt, match="of key b was changed or its key is another one"):
        codec("a", "b").decrypt([stored])


def test_a_key_of_the_same_name_and_another_content_reads_nothing() -> None:
    (stored,) = encoded(codec("a"), Payload(data=SECRET))
    impostor = EncryptionCodec(PayloadKeys("a", {"a": KEYS["b"]}))

    with pytest.raises(CannotDecrypt, match="its key is another one"):
        impostor.decrypt([stored])


def test_all_keys_at_hand_are_named_when_one_is_missing() -> None:
    (stored,) = encoded(codec("d"), Payload(data=SECRET))

    with pytest.raises(CannotDecrypt, match=r"^Payload key d is not at hand, only a, b, c\.$"):
        codec("c", "b", "a").decrypt([stored])


def test_the_same_payload_never_looks_the_same_twice() -> None:
    one, two = encoded(codec("a"), Payload(data=SECRET), Payload(data=SECRET))

    assert one.data[:NONCE_BYTES] != two.data[:NONCE_BYTES]
    assert one.data[NONCE_BYTES:] != two.data[NONCE_BYTES:]
    assert SECRET not in one.data + two.data
    assert {bytes(stored.metadata["encoding"]) for stored in (one, two)} == {ENCODING}


@given(plain=payloads)
def test_a_plain_payload_among_encrypted_ones_is_refused_and_only_shown(plain: Payload) -> None:
    (stored,) = encoded(codec("a"), plain)

    with pytest.raises(NotEncrypted):
        codec("b", "a").decrypt([stored, plain, stored])

    assert codec("b", "a").shown([plain, stored, plain]) == [plain] * 3


@pytest.mark.parametrize(("name", "size"), [("short", 31), ("long", 33), ("empty", 0)])
def test_a_key_of_any_other_size_is_refused_with_its_name_and_size(name: str, size: int) -> None:
    with pytest.raises(ValueError, match=f"^Payload key {name} has {size} bytes; AES-256 needs 32"):
        PayloadKeys("a", {"a": KEYS["a"], name: b"x" * size})


def test_a_writing_key_that_is_not_among_them_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"^Payload key z is to encrypt, but only \['a', 'b'\]"):
        PayloadKeys("z", {"b": KEYS["b"], "a": KEYS["a"]})


@given(text=st.text(st.characters(exclude_categories=[])), most=st.integers(0, 40))
def test_a_text_for_the_server_fits_is_unicode_and_is_where_the_original_began(
    text: str, most: int
) -> None:
    short = shortened(text, most)

    whole = text.replace("\0", " ").encode("utf-8", "replace").decode()
    assert len(short.encode()) <= most
    assert "\0" not in short
    assert whole.startswith(short)
    assert short == whole or len(short.encode()) > most - 4
