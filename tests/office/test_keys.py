"""The office's keys: made once, private, and never quietly replaced."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from activities.keys import BadKeyFile, OfficeKey, PayloadKey, PinPepper, verify


def test_what_the_office_signs_can_be_verified_by_its_public_key(tmp_path: Path) -> None:
    key = OfficeKey.at(tmp_path / "keys" / "office")

    signature = OfficeKey.at(tmp_path / "keys" / "office").sign(b"head")

    assert verify(key.public_key, b"head", signature)
    assert not verify(key.public_key, b"tail", signature)


@pytest.mark.parametrize(
    ("public_key", "signature"), [("", ""), ("zz", "00"), ("00" * 32, "00" * 64), ("ab" * 32, "☃")]
)
def test_nonsense_is_no_signature(public_key: str, signature: str) -> None:
    assert not verify(public_key, b"head", signature)


def test_a_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    OfficeKey.at(tmp_path / "office")
    PayloadKey.at(tmp_path / "payload")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}
    assert {path.name for path in tmp_path.iterdir()} == {"office", "payload"}


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(PayloadKey.at, [tmp_path / "payload"] * 8))

    assert len(set(keys)) == 1
    assert len(keys[0].secret) == 32


@pytest.mark.parametrize("text", ["", "no key", "{}", '{"id": "a", "key": "00"}', "[1]"])
def test_a_spoilt_key_file_is_told_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)

    with pytest.raises(BadKeyFile, match="Restore it from a backup"):
        PayloadKey.at(path)
    with pytest.raises(BadKeyFile, match="64 hexadecimal digits"):
        OfficeKey.at(path)
    with pytest.raises(BadKeyFile, match="64 hexadecimal digits"):
        PinPepper.at(path)

    assert path.read_text() == text


def test_each_store_has_a_pepper_of_its_own_and_always_the_same(tmp_path: Path) -> None:
    pepper = PinPepper.at(tmp_path / "keys" / "pin.pepper")

    again = PinPepper.at(tmp_path / "keys" / "pin.pepper")

    assert again.of_store("berlin") == pepper.of_store("berlin")
    assert pepper.of_store("berlin") != pepper.of_store("vancouver")
    assert len(pepper.of_store("berlin")) == 32
