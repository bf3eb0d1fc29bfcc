"""PINs, passwords and badges before they are kept: peppered, hashed, never repeated."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from activities.secrets import (
    BadPin,
    PasswordTooShort,
    hash_password,
    hash_pin,
    new_badge,
    verify_password,
)
from domain.pins import is_badge, peppered

PEPPER = bytes(range(32))
LONG_ENOUGH = "four words and a tea"


def test_a_pins_hash_is_argon2id_of_the_peppered_pin() -> None:
    text = hash_pin(PEPPER, "135790")

    assert text.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PasswordHasher().verify(text, peppered(PEPPER, "135790"))


def test_the_same_pin_has_another_hash_each_time() -> None:
    assert hash_pin(PEPPER, "135790") != hash_pin(PEPPER, "135790")


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "12345a", "१२३४५६", "12 456"])
def test_what_is_no_pin_is_refused_and_not_repeated(pin: str) -> None:
    with pytest.raises(BadPin, match="6 digits") as refused:
        hash_pin(PEPPER, pin)

    assert not pin or pin not in str(refused.value)


def test_a_password_is_known_again_and_no_other_is() -> None:
    kept = hash_password(PEPPER, LONG_ENOUGH)

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert verify_password(PEPPER, kept, LONG_ENOUGH)
    assert not verify_password(PEPPER, kept, f"{LONG_ENOUGH} ")


def test_a_password_is_worth_nothing_without_the_pepper() -> None:
    kept = hash_password(PEPPER, LONG_ENOUGH)

    assert not verify_password(bytes(32), kept, LONG_ENOUGH)


@pytest.mark.parametrize("kept", ["", "no hash", "$argon2id$v=19$m=8,t=1,p=1$xx$yy"])
def test_nothing_fits_a_hash_that_is_none(kept: str) -> None:
    assert not verify_password(PEPPER, kept, LONG_ENOUGH)


def test_a_short_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(PasswordTooShort, match="at least 12") as refused:
        hash_password(PEPPER, "elevenchars")

    assert "elevenchars" not in str(refused.value)


def test_badges_are_told_from_products_and_from_each_other() -> None:
    badges = {new_badge() for _ in range(100)}

    assert len(badges) == 100
    assert all(is_badge(badge) and len(badge) == 29 for badge in badges)
    assert all(badge.isascii() and badge.isalnum() for badge in badges)
