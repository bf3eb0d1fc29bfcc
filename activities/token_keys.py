"""The keys that sign access tokens: the newest signs, older ones verify until they are retired.

Each is an Ed25519 key (RFC 8032) in a file of its own, named by the microsecond from which it
signs: no two that one process makes begin together. A process looks into the folder whenever it
needs a key, so all know a new one at once.
"""

from __future__ import annotations

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
from domain.tokens import ACCESS_LASTS, ALGORITHM, CLOCK_LEEWAY, base64url

SUFFIX = ".ed25519"
RETIRED_AFTER = ACCESS_LASTS + CLOCK_LEEWAY + dt.timedelta(minutes=1)
"""So long a key verifies after the next began to sign: no token that it signed lasts longer."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """One key and when it begins to sign, in microseconds since 1970."""

    id: str
    signs_from: int
    key: OKPKey


class TokenKeys:
    """The keys in a folder; the first is made on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: tuple[tuple[str, ...], tuple[TokenKey, ...]] = ((), ())

    def are_there(self) -> bool:
        """Tell whether there is any; none is made."""
        return bool(self._names())

    def signing(self) -> OKPKey:
        """Return the key that signs now."""
        keys, now = self._keys(), _now_us()
        begun = [key for key in keys if key.signs_from <= now]
        return (begun or keys)[-1 if begun else 0].key

    def verifying(self) -> dict[str, OKPKey]:
        """Return by its id every key that is not retired, in the order in which they sign."""
        keys = self._keys()
        retired = _now_us() - RETIRED_AFTER // dt.timedelta(microseconds=1)
        older = [key for key, after in itertools.pairwise(keys) if after.signs_from > retired]
        return {key.id: key.key for key in (*older, keys[-1])}

    def rotate(self, after_s: float = 0, *, retire_others: bool = False) -> str:
        """Make a key that signs from then on, and return its id; retired ones' files are removed.

        With `retire_others`, as after a theft, no other key is good any more.
        """
        kept = set() if retire_others else set(self.verifying())
        made = self._make(after_s)
        for name in self._names():
            if name.removesuffix(SUFFIX) not in kept | {made}:
                (self._folder / name).unlink(missing_ok=True)
        return made

    def _make(self, after_s: float = 0) -> str:
        made = f"{_now_us() + int(after_s * 1_000_000):018}-{secrets.token_hex(4)}"
        OfficeKey.at(self._folder / f"{made}{SUFFIX}")
        return made

    def _keys(self) -> tuple[TokenKey, ...]:
        names = self._names()
        if not names:
            self._make()
            names = self._names()
        if self._known[0] != names:
            try:
                self._known = (names, tuple(_read(self._folder / name) for name in names))
            except FileNotFoundError:  # another process removed a retired one: look again
                return self._keys()
        return self._known[1]

    def _names(self) -> tuple[str, ...]:
        if not self._folder.exists():
            return ()
        names = os.listdir(self._folder)  # noqa: PTH208 -- asked on every request; names suffice
        return tuple(sorted(name for name in names if name.endswith(SUFFIX) and name[0] != "."))


def _read(path: Path) -> TokenKey:
    id_ = path.name.removesuffix(SUFFIX)
    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii")))
        signs_from = int(id_.partition("-")[0])
    except ValueError as error:
        expected = (
            "a name that begins with the microsecond from which it signs, and 64 hex digits in it"
        )
        raise BadKeyFile(path, expected) from error
    jwk: dict[str, str | list[str]] = {
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": id_,
        "use": "sig",
        "alg": ALGORITHM,
        "d": base64url(private.private_bytes_raw()),
        "x": base64url(private.public_key().public_bytes_raw()),
    }
    return TokenKey(id_, signs_from, OKPKey.import_key(jwk))


def _now_us() -> int:
    return time.time_ns() // 1_000
