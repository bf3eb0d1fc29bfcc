"""PINs and badges, as both sides treat them before hashing: mixed with a pepper kept apart.

A PIN's hash is argon2id of HMAC-SHA256(pepper, PIN): six digits fall in minutes to whoever has the
hash alone. A badge's code is random enough (128 bits) to be looked up by its mark.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

PIN_DIGITS = 6
MOST_TRIES = 5
LOCKED_FOR = dt.timedelta(minutes=30)
BADGE_PREFIX = "TFB"


def is_pin(text: str) -> bool:
    """Tell whether a text has the form of a PIN: six ASCII digits."""
    return len(text) == PIN_DIGITS and text.isascii() and text.isdigit()


def is_badge(code: str) -> bool:
    """Tell whether a scanned code is a person's badge and not a product's."""
    return code.startswith(BADGE_PREFIX)


def peppered(pepper: bytes, pin: str) -> bytes:
    """Return the 32 bytes of a PIN that argon2id is to hash."""
    return hmac.digest(pepper, b"pin:" + pin.encode(), hashlib.sha256)


def badge_mark(pepper: bytes, badge: str) -> str:
    """Return, in hex, what stands for a badge in books and catalogues."""
    return hmac.digest(pepper, b"badge:" + badge.encode(), hashlib.sha256).hex()


def store_pepper(office_pepper: bytes, store_id: str) -> bytes:
    """Return the pepper that the tills of one store get: theirs tells nothing of the others'."""
    return hmac.digest(office_pepper, b"store:" + store_id.encode(), hashlib.sha256)
