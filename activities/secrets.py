"""What people prove themselves by, hashed before it is kept: PINs, passwords and badges.

Argon2id (RFC 9106) over a text that was mixed with a pepper first, so that books alone tell nobody
a PIN. A PIN is looked at on a Raspberry Pi in the queue's time: 19 MiB, two passes, one lane
(OWASP's least). A password takes 64 MiB, three passes, four lanes (RFC 9106's second choice).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from domain import pins
from domain.errors import DomainError

SHORTEST_PASSWORD = 12
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BADGE_LETTERS = 26  # of 5 bits each: 130 bits

_pin_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_password_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


class BadPin(DomainError):
    """A text that has not the form of a PIN; it is not repeated, it may be half of one."""

    field = "pin"

    def __init__(self) -> None:
        super().__init__(f"A PIN has {pins.PIN_DIGITS} digits, 0 to 9. Nothing was changed.")


class PasswordTooShort(DomainError):
    """A password that is guessed too soon; neither it nor its length is repeated."""

    field = "password"

    def __init__(self) -> None:
        super().__init__(
            f"A password has at least {SHORTEST_PASSWORD} characters, spaces included: a few words "
            "are easier to keep than signs. Nothing was changed."
        )


def hash_pin(store_pepper: bytes, pin: str) -> str:
    """Return the text by which a store's tills know a PIN again; raises `BadPin`."""
    if not pins.is_pin(pin):
        raise BadPin
    return _pin_hasher.hash(pins.peppered(store_pepper, pin))


def hash_password(office_pepper: bytes, password: str) -> str:
    """Return the text by which the office knows a password again; raises `PasswordTooShort`."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    return _password_hasher.hash(_peppered_password(office_pepper, password))


def verify_password(office_pepper: bytes, password_hash: str, password: str) -> bool:
    """Tell whether the password is the one that was hashed.

    An empty hash fits nothing and takes as long, so that nobody learns who has a password.
    """
    try:
        right = _password_hasher.verify(
            password_hash or _nobodys(), _peppered_password(office_pepper, password)
        )
    except (InvalidHashError, VerificationError):
        return False
    return right and bool(password_hash)


def new_badge() -> str:
    """Return a badge's code, to be printed and given away: only its mark is kept."""
    return pins.BADGE_PREFIX + "".join(secrets.choice(_CROCKFORD) for _ in range(_BADGE_LETTERS))


def _peppered_password(pepper: bytes, password: str) -> bytes:
    return hmac.digest(pepper, b"password:" + password.encode(), hashlib.sha256)


@cache
def _nobodys() -> str:
    return _password_hasher.hash(secrets.token_bytes())
