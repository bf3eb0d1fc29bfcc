"""The keys that sign access tokens: the newest signs, older ones verify until they are retired.

Each is an Ed25519 key (RFC 8032) in a file of its own, named by its place in the order and its id.
A process looks into the folder whenever it needs a key, so a new one is good at once everywhere.
"""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from activities.keys import BadKeyFile, OfficeKey
from domain.tokens import ACCESS_LASTS, ALGORITHM, CLOCK_LEEWAY

SUFFIX = ".ed25519"
RETIRED_AFTER = ACCESS_LASTS + CLOCK_LEEWAY + dt.timedelta(minutes=1)
"""So long an older key verifies after the next was made: no token that it signed lasts longer."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """One key, and when its file was made (seconds since 1970)."""

    id: str
    key: OKPKey
    made_at: float


class TokenKeys:
    """The keys in a folder; the first is made on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: tuple[tuple[str, ...], tuple[TokenKey, ...]] = ((), ())

    def signing(self) -> OKPKey:
        """Return the key that signs now."""
        return self._all()[-1].key

    def verifying(self) -> dict[str, OKPKey]:
        """Return every key that is not retired by its id, the newest last."""
        keys = self._all()
        oldest = time.time() - RETIRED_AFTER.total_seconds()
        alive = [key for key, next_one in itertools.pairwise(keys) if next_one.made_at > oldest]
        return {key.id: key.key for key in (*alive, keys[-1])}

    def rotate(self, *, retire_others: bool = False) -> str:
        """Make a new key that signs from now on, and return its id.

        The files of retired keys are removed; with `retire_others`, as after a theft, all others'.
        """
        kept = set() if retire_others else set(self.verifying())
        made = self._make()
        for name in self._names():
            if name.removesuffix(SUFFIX) not in kept | {made}:
                (self._folder / name).unlink(missing_ok=True)
        return made

    def _make(self) -> str:
        names = self._names()
        number = int(names[-1].partition("-")[0]) + 1 if names else 1
        made = f"{number:04}-{secrets.token_hex(4)}"
        OfficeKey.at(self._folder / f"{made}{SUFFIX}")
        return made

    def _all(self) -> tuple[TokenKey, ...]:
        names = self._names()
        if not names:
            self._make()
            names = self._names()
        if self._read[0] != names:
            self._read = (names, tuple(_read(self._folder / name) for name in names))
        return self._read[1]

    def _names(self) -> tuple[str, ...]:
        if not self._folder.exists():
            return ()
        names = os.listdir(self._folder)  # noqa: PTH208 -- asked on every request; names suffice
        return tuple(
            sorted(name for name in names if name.endswith(SUFFIX) and not name.startswith("."))
        )


def _read(path: Path) -> TokenKey:
    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii")))
    except ValueError as error:
        raise BadKeyFile(path, "64 hexadecimal digits") from error
    name = path.name.removesuffix(SUFFIX)
    raw = {"d": private.private_bytes_raw(), "x": private.public_key().public_bytes_raw()}
    numbers = {part: base64.urlsafe_b64encode(value).decode() for part, value in raw.items()}
    key = OKPKey.import_key(
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "kid": name,
            "use": "sig",
            "alg": ALGORITHM,
            "d": numbers["d"].rstrip("="),
            "x": numbers["x"].rstrip("="),
        }
    )
    return TokenKey(name, key, path.stat().st_mtime)
