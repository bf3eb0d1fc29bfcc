"""The office's keys: what countersigns journals, encrypts payloads and peppers PINs.

Ed25519 is RFC 8032, both by `cryptography`. A key file is made on first use, readable by its
owner alone, and made once even when two processes start together.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from domain.pins import store_pepper

_KEY_BYTES = 32


class BadKeyFile(Exception):
    """A key file that does not hold a key."""

    def __init__(self, path: Path, expected: str) -> None:
        super().__init__(
            f"Key file {path} cannot be used: expected {expected}. "
            "Restore it from a backup; a new key would not fit what was signed or encrypted before."
        )


def verify(public_key: str, message: bytes, signature: str) -> bool:
    """Tell whether `signature` (hex) of `message` was made by the owner of `public_key` (hex)."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), message)
    except (ValueError, InvalidSignature):
        return False
    return True


@dataclass(frozen=True)
class OfficeKey:
    """The office's own Ed25519 key; a `domain.journal.Signer`."""

    _private: Ed25519PrivateKey

    @classmethod
    def at(cls, path: Path) -> OfficeKey:
        """Open the key file, made on first use (the private key in hex)."""
        text = _read_or_make(path, lambda: secrets.token_hex(_KEY_BYTES))
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text)))
        except ValueError as error:
            raise BadKeyFile(path, "64 hexadecimal digits") from error

    @property
    def public_key(self) -> str:
        """The public key in hex, which tills hold the countersignature against."""
        return self._private.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """Return the signature in hex."""
        return self._private.sign(message).hex()


@dataclass(frozen=True)
class PayloadKey:
    """An AES-256 key, the id by which an encrypted payload names it, and when it begins to write.

    `writes_from` counts seconds since 1970.
    """

    id: str
    secret: bytes
    writes_from: float = 0

    @classmethod
    def at(cls, path: Path, writes_from: float = 0) -> PayloadKey:
        """Open the key file, made on first use (JSON with `id` and `key` in hex)."""
        text = _read_or_make(path, lambda: _new_payload_key(writes_from))
        try:
            fields = json.loads(text)
            begins = float(fields.get("writes_from", 0))
            key = cls(str(fields["id"]), bytes.fromhex(fields["key"]), begins)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadKeyFile(path, 'JSON such as {"id": "…", "key": "<64 hex digits>"}') from error
        if len(key.secret) != _KEY_BYTES:
            raise BadKeyFile(path, "a key of 64 hexadecimal digits")
        return key


@dataclass(frozen=True)
class PinPepper:
    """The office's 32 bytes that PINs, badges and passwords are mixed with before hashing."""

    office: bytes

    @classmethod
    def at(cls, path: Path) -> PinPepper:
        """Open the key file, made on first use (the bytes in hex)."""
        text = _read_or_make(path, lambda: secrets.token_hex(_KEY_BYTES))
        try:
            pepper = cls(bytes.fromhex(text))
        except ValueError as error:
            raise BadKeyFile(path, "64 hexadecimal digits") from error
        if len(pepper.office) != _KEY_BYTES:
            raise BadKeyFile(path, "64 hexadecimal digits")
        return pepper

    def of_store(self, store_id: str) -> bytes:
        """Return the pepper that the tills of one store get."""
        return store_pepper(self.office, store_id)


def _new_payload_key(writes_from: float) -> str:
    key = {"id": secrets.token_hex(4), "key": secrets.token_hex(_KEY_BYTES)}
    return json.dumps({**key, "writes_from": writes_from})


def _read_or_make(path: Path, make: Callable[[], str]) -> str:
    """Return the file's text; a link makes the file appear whole, and for one process only."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(aside)
        aside.unlink()
    return path.read_text(encoding="ascii").strip()
