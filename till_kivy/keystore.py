"""The till's secrets: what signs its entries, what encrypts its journal, what peppers its PINs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.journal import Signer
from till_kivy.errors import KeysUnusable

KEY_BYTES = 32
SIGNING_KEY = "till.key"
JOURNAL_KEY = "journal.key"
PIN_PEPPER = "pin.pepper"


class Ed25519Signer:
    """Signs with a private key that is held in memory."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self._public_key = self._key.public_key().public_bytes_raw().hex()

    @property
    def public_key(self) -> str:
        """The Ed25519 public key in hex."""
        return self._public_key

    def sign(self, message: bytes) -> str:
        return self._key.sign(message).hex()


def verify_ed25519(public_key: str, message: bytes, signature: str) -> bool:
    """Tell whether the signature (hex) of the message is the public key's (hex)."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


class KeyStore(Protocol):
    """Where a till's secrets lie: files today, a chip that signs and tells nothing tomorrow."""

    def create(self) -> None:
        """Mint the keys that are not there yet; existing keys stay as they are."""
        ...

    def signer(self) -> Signer:
        """Return the signer of this till's entries."""
        ...

    def journal_key(self) -> bytes:
        """Return the 32 bytes that encrypt this till's journal."""
        ...

    def pin_pepper(self) -> bytes:
        """Return what the store's PINs are mixed with, nothing for a till that was given none."""
        ...

    def keep_pin_pepper(self, pepper: bytes) -> None:
        """Keep what the office gave."""
        ...


class FileKeyStore:
    """A `KeyStore` of files in the till's folder, readable by the till's own user only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self) -> None:
        """Mint the keys that are not there yet; existing keys stay as they are."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._mint(SIGNING_KEY, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
        self._mint(JOURNAL_KEY, lambda: secrets.token_bytes(KEY_BYTES))

    def signer(self) -> Ed25519Signer:
        """Return the signer of this till's entries."""
        return Ed25519Signer(self._read(SIGNING_KEY))

    def journal_key(self) -> bytes:
        """Return the 32 bytes that encrypt this till's journal."""
        return self._read(JOURNAL_KEY)

    def pin_pepper(self) -> bytes:
        """Return what the store's PINs are mixed with, nothing for a till that was given none."""
        return self._read(PIN_PEPPER) if (self._folder / PIN_PEPPER).exists() else b""

    def keep_pin_pepper(self, pepper: bytes) -> None:
        """Keep what the office gave."""
        write_durably(self._folder / PIN_PEPPER, pepper.hex().encode())

    def _mint(self, name: str, make: Callable[[], bytes]) -> None:
        path = self._folder / name
        if not path.exists():
            write_durably(path, make().hex().encode())

    def _read(self, name: str) -> bytes:
        path = self._folder / name
        try:
            key = bytes.fromhex(path.read_text("ascii"))
        except FileNotFoundError as error:
            message = f"This till has no {name} in {self._folder}: create its keys with `init`."
            raise KeysUnusable(message) from error
        except (OSError, ValueError) as error:
            message = f"The key {path} cannot be read ({error}): restore it from where it was kept."
            raise KeysUnusable(message) from error
        if len(key) != KEY_BYTES:
            message = f"The key {path} has {len(key)} bytes, expected {KEY_BYTES}."
            raise KeysUnusable(message)
        return key


def key_store(folder: Path) -> KeyStore:
    """Return where the secrets of the till in a folder lie: the one place that chooses."""
    return FileKeyStore(folder)


def write_durably(path: Path, content: bytes) -> None:
    """Put a private file (0600) in place whole or not at all, power cuts included."""
    aside = path.with_name(path.name + ".new")
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)
    aside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder as durable as the files behind them."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
