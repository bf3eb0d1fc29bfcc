"""Encryption of everything that Temporal stores: AES-256-GCM, with the key's id beside it.

Layout of an encrypted payload (metadata `encoding` = `binary/encrypted`, `key-id`): 12 bytes of
nonce, then the ciphertext with its 16-byte tag over the serialised payload. The key id is bound
as associated data. Large payloads are deflated first (`compression` = `zlib`), because a ticket
of 2,000 lines would not pass Temporal's 2 MB otherwise.

Whoever reaches Temporal may send it something; only who has a key of the office is heard.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)
from temporalio.exceptions import ApplicationError

ENCODING = b"binary/encrypted"
COMPRESS_FROM_BYTES = 16_384
NONCE_BYTES = 12
KEY_BYTES = 32


class CannotDecrypt(Exception):
    """A payload whose key is not at hand or that was changed."""


class NotEncrypted(ApplicationError):
    """A payload that nobody with a key of the office made; it ends the workflow it is for."""

    def __init__(self) -> None:
        super().__init__(
            "A payload is not encrypted with a key of this office, so it does not come from one of "
            "its programs. It was refused, and nothing was done.",
            type="NotEncrypted",
            non_retryable=True,
        )


@dataclass(frozen=True, slots=True)
class PayloadKeys:
    """AES-256 keys by id: `writing` encrypts, every one of `keys` decrypts."""

    writing: str
    keys: Mapping[str, bytes]

    def __post_init__(self) -> None:
        """Refuse a key of the wrong size and a writing key that is not there."""
        for key_id, key in self.keys.items():
            if len(key) != KEY_BYTES:
                message = f"Payload key {key_id} has {len(key)} bytes; AES-256 needs {KEY_BYTES}."
                raise ValueError(message)
        if self.writing not in self.keys:
            message = (
                f"Payload key {self.writing} is to encrypt, but only {sorted(self.keys)} exist."
            )
            raise ValueError(message)

    def now(self, needed: str = "") -> PayloadKeys:
        """Serve as a ring of keys that never change."""
        return self


class KeyRing(Protocol):
    """Where a codec finds its keys, which may be rotated while it works."""

    def now(self, needed: str = "") -> PayloadKeys:
        """Return the keys of this moment, after another look when `needed` is not known yet."""
        ...


class EncryptionCodec(PayloadCodec):
    """Encrypt with one key, decrypt with any; what was never encrypted is refused.

    The office's programs encrypt all of their payloads: input, results, memo, summaries, failures.
    Search attributes never come here, and markers of the SDK's own only to be shown.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload with the key that writes now."""
        keys = self._ring.now()
        return [_encrypt(payload, keys) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt each payload with the key named in its metadata; raises `NotEncrypted`."""
        return self.decrypt(payloads)

    def decrypt(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Do what `decode` does, where nobody can wait."""
        return [self._decrypt(payload) for payload in payloads]

    def shown(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Decrypt what is encrypted and leave the rest as it is, for eyes only."""
        return [self._decrypt(one) if _is_encrypted(one) else one for one in payloads]

    def _decrypt(self, payload: Payload) -> Payload:
        if not _is_encrypted(payload):
            raise NotEncrypted
        key_id = payload.metadata["key-id"]
        name = key_id.decode("utf-8", "replace")
        keys = self._ring.now(name).keys
        if name not in keys:
            known = ", ".join(sorted(keys))
            message = f"Payload key {name} is not at hand, only {known}."
            raise CannotDecrypt(message)
        nonce, secret = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            plain = _cipher(keys[name]).decrypt(nonce, secret, key_id)
            if payload.metadata.get("compression") == b"zlib":
                plain = zlib.decompress(plain)
            return Payload.FromString(plain)
        except (InvalidTag, ValueError, zlib.error, DecodeError) as error:
            message = f"A payload of key {name} was changed or its key is another one."
            raise CannotDecrypt(message) from error


def _is_encrypted(payload: Payload) -> bool:
    return bool(payload.metadata.get("encoding") == ENCODING)


def _encrypt(payload: Payload, keys: PayloadKeys) -> Payload:
    plain = payload.SerializeToString()
    metadata = {"encoding": ENCODING, "key-id": keys.writing.encode()}
    if len(plain) >= COMPRESS_FROM_BYTES:
        plain = zlib.compress(plain, 1)
        metadata["compression"] = b"zlib"
    nonce = os.urandom(NONCE_BYTES)
    secret = _cipher(keys.keys[keys.writing]).encrypt(nonce, plain, metadata["key-id"])
    return Payload(metadata=metadata, data=nonce + secret)


_cipher = lru_cache(maxsize=64)(AESGCM)


def data_converter(ring: KeyRing) -> DataConverter:
    """Convert by pydantic, then encrypt payloads and the texts of failures."""
    return replace(
        pydantic_data_converter,
        payload_codec=EncryptionCodec(ring),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
