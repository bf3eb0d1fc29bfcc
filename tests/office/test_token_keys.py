"""The keys that sign access tokens: in order, on every process at once, retired in time."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from activities.keys import BadKeyFile
from activities.token_keys import RETIRED_AFTER, SUFFIX, TokenKeys


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "tokens"


def ids(keys: TokenKeys) -> list[str]:
    return list(keys.verifying())


def make_older(folder: Path, by_s: float) -> None:
    """Let time pass for every key there is."""
    for file in folder.glob(f"*{SUFFIX}"):
        since, _, rest = file.name.partition("-")
        file.rename(folder / f"{int(since) - int(by_s * 1_000_000):018}-{rest}")


def test_the_first_key_is_made_on_first_use_and_signs_at_once(folder: Path) -> None:
    keys = TokenKeys(folder)

    (key_id,) = ids(keys)

    assert keys.signing().kid == key_id
    assert ids(TokenKeys(folder)) == [key_id]


def test_a_key_file_is_its_owners_alone(folder: Path) -> None:
    ids(TokenKeys(folder))

    (file,) = folder.iterdir()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_processes_that_start_together_know_each_others_keys(folder: Path) -> None:
    processes = [TokenKeys(folder) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        signed_by = set(pool.map(lambda keys: str(keys.signing().kid), processes))

    assert all(signed_by <= set(ids(keys)) for keys in processes)


def test_a_new_key_signs_everywhere_and_the_old_one_still_verifies(folder: Path) -> None:
    here, elsewhere = TokenKeys(folder), TokenKeys(folder)
    old = here.signing().kid

    new = elsewhere.rotate()

    assert here.signing().kid == elsewhere.signing().kid == new
    assert ids(here) == [old, new]


def test_a_new_key_is_known_before_it_signs(folder: Path) -> None:
    keys = TokenKeys(folder)
    old = keys.signing().kid

    new = keys.rotate(after_s=60)

    assert keys.signing().kid == old
    assert ids(keys) == [old, new]
    make_older(folder, 60)
    assert str(keys.signing().kid).endswith(new.partition("-")[2])


def test_a_key_that_is_wanted_now_does_not_wait_for_one_that_was_made_for_later(
    folder: Path,
) -> None:
    keys = TokenKeys(folder)
    old, later = keys.signing().kid, keys.rotate(after_s=60)

    now = keys.rotate()

    assert keys.signing().kid == now
    assert ids(keys) == [old, now, later]


def test_a_key_is_retired_once_no_token_of_it_can_be_good_and_its_file_goes(folder: Path) -> None:
    keys = TokenKeys(folder)
    ids(keys)
    keys.rotate()
    make_older(folder, RETIRED_AFTER.total_seconds() + 1)

    assert len(ids(keys)) == 1
    keys.rotate()
    assert len(list(folder.glob(f"*{SUFFIX}"))) == 2


def test_a_retired_key_may_go_while_another_process_reads(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = TokenKeys(folder), TokenKeys(folder)
    old = here.signing().kid
    here.rotate()
    make_older(folder, RETIRED_AFTER.total_seconds() + 1)
    read = Path.read_text

    def read_late(path: Path, encoding: str) -> str:
        if path.name.endswith(f"{str(old).partition('-')[2]}{SUFFIX}"):
            path.unlink()
        return read(path, encoding)

    monkeypatch.setattr(Path, "read_text", read_late)

    assert len(ids(elsewhere)) == 1


def test_after_a_theft_no_other_key_is_good(folder: Path) -> None:
    keys = TokenKeys(folder)
    ids(keys)

    new = keys.rotate(after_s=0, retire_others=True)

    assert ids(keys) == [new]
    assert keys.signing().kid == new


@pytest.mark.parametrize(
    ("name", "text"),
    [("000000000001-aa", "xyz"), ("000000000001-aa", "ab"), ("first", "ab" * 32)],
)
def test_a_file_that_is_no_key_is_named(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / f"{name}{SUFFIX}").write_text(text)

    with pytest.raises(BadKeyFile, match=name):
        TokenKeys(folder).signing()
