"""An office begins once with all its keys, and gets over one that is lost, but not unasked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from books import PaperTill, take_in
from builders import STORE
from fixtures_office import fresh_database
from offices import begin
from typer.testing import CliRunner, Result
from waiting import until

from activities import operating
from activities.__main__ import app
from activities.db import audit, shop
from activities.db.engine import Database
from activities.keys import OfficeKey, PayloadKey, PinPepper
from activities.operating import KeyLost, KeyNotHere, NotBegun, OtherOffice
from activities.settings import Settings
from activities.temporal import payload_keys
from activities.token_keys import TokenKeys
from api.engines.postgres import EmbeddedPostgres
from domain.catalog import Shop, Till

OWNER = '{"id": "olga", "name": "Olga", "password": "the owner\'s own words"}'
OF_THE_OWNER = "SELECT password_hash FROM users WHERE id = 'olga'"
LOST: dict[str, Callable[[Settings], Path]] = {
    "pin.pepper": lambda settings: settings.pin_pepper_file,
    "payload.aes256": lambda settings: settings.payload_key_file,
    "tokens": lambda settings: settings.token_keys_dir,
}

Run = Callable[..., Result]


@pytest.fixture
def url(postgres: EmbeddedPostgres) -> str:
    return fresh_database(postgres)


@pytest.fixture
def run(url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`python -m activities` in this process, with the database and a folder."""

    def invoke(folder: Path, *words: str) -> Result:
        for name, text in at(folder, url).as_environment().items():
            monkeypatch.setenv(name, text)
        return CliRunner().invoke(app, words, input=OWNER, standalone_mode=False)

    return invoke


@pytest.fixture
def own(run: Run, tmp_path: Path) -> Path:
    """The folder of an office that has begun and has an owner."""
    for word in ("begin", "owner"):
        done = run(tmp_path / "own", word)
        assert done.exception is None, done.exception
    return tmp_path / "own"


def at(folder: Path, url: str) -> Settings:
    return Settings(data_dir=folder, database_url=url)


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    database = Database(url, as_owner=True)
    with database.begin() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(query))]
    database.close()
    return found


def tell(url: str, *statements: str) -> None:
    database = Database(url, as_owner=True)
    with database.begin() as connection:
        for one in statements:
            connection.exec_driver_sql(one)
    database.close()


def acts(url: str) -> list[str]:
    database = Database(url, as_owner=True)
    with database.begin() as connection:
        found = [one.action for one in audit.entries(connection)]
    database.close()
    return found


def insist(settings: Settings) -> None:
    """Look at the keys as worker and API do when they start."""
    database = operating.database(settings)
    try:
        operating.insist_on_own_keys(settings, database)
    finally:
        database.close()


def lose(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def test_keys_that_are_copied_after_the_beginning_are_all_that_two_machines_need(
    run: Run, url: str, tmp_path: Path
) -> None:
    here, there = at(tmp_path / "here", url), at(tmp_path / "there", url)
    assert run(here.data_dir, "begin").exception is None

    shutil.copytree(here.data_dir / "keys", there.data_dir / "keys")

    rings = [payload_keys(one).now() for one in (here, there)]
    tokens = [TokenKeys(one.token_keys_dir).signing().kid for one in (here, there)]
    assert rings[0].writing == rings[1].writing
    assert tokens[0] == tokens[1]


def test_the_beginning_is_signed_once_with_the_key_that_it_makes(
    run: Run, url: str, tmp_path: Path
) -> None:
    done = [run(tmp_path, "begin"), run(tmp_path, "begin"), run(tmp_path, "verify")]

    assert [one.exception for one in done] == [None, None, None]
    key = OfficeKey.at(tmp_path / "keys" / "office.ed25519").public_key
    assert ask(url, "SELECT action, actor, after FROM audit_entries") == [
        ("office_begun", "operator", f'{{"public_key":"{key}"}}')
    ]


@pytest.mark.parametrize("word", ["owner", "begin"])
def test_another_offices_folder_cannot_sign_the_first_act_after_the_beginning(
    run: Run, url: str, tmp_path: Path, word: str
) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    assert run(own, "begin").exception is None
    OfficeKey.at(other / "keys" / "office.ed25519")
    PinPepper.at(other / "keys" / "pin.pepper")

    done = run(other, word)

    assert isinstance(done.exception, OtherOffice)
    assert acts(url) == ["office_begun"]
    assert run(own, "owner").exception is None


@pytest.mark.parametrize("word", ["owner", "work", "replace-lost-keys"])
def test_nobody_but_the_beginning_signs_the_first_act(
    run: Run, url: str, tmp_path: Path, word: str
) -> None:
    OfficeKey.at(tmp_path / "keys" / "office.ed25519")
    PinPepper.at(tmp_path / "keys" / "pin.pepper")

    done = run(tmp_path, word)

    assert isinstance(done.exception, NotBegun)
    assert "python -m activities begin" in str(done.exception)
    assert acts(url) == []


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("word", ["begin", "work", "rotate-keys tokens", "rotate-keys payload"])
def test_a_lost_key_is_told_with_its_remedy_and_not_made(
    run: Run, url: str, own: Path, lost: str, word: str
) -> None:
    path = LOST[lost](at(own, url))
    lose(path)
    before = acts(url)

    done = run(own, *word.split())

    assert isinstance(done.exception, KeyLost)
    assert f"key {lost} is not in {own / 'keys'}" in str(done.exception)
    assert "tillflow replace-lost-keys" in str(done.exception)
    assert not path.exists()
    assert acts(url) == before


@pytest.mark.parametrize("lost", LOST)
def test_a_lost_key_is_replaced_when_it_is_asked_for_and_the_audit_has_it(
    run: Run, url: str, own: Path, lost: str
) -> None:
    path = LOST[lost](at(own, url))
    lose(path)

    done = run(own, "replace-lost-keys")

    assert done.exception is None
    assert f"{lost} is new: " in done.output
    assert path.exists()
    assert ask(url, "SELECT action, subject FROM audit_entries ORDER BY sequence DESC LIMIT 1") == [
        ("lost_key_replaced", lost)
    ]
    assert [run(own, word).exception for word in ("begin", "verify")] == [None, None]


def test_the_owner_gets_a_new_password_after_the_pepper_was_lost(
    run: Run, url: str, own: Path
) -> None:
    before = ask(url, OF_THE_OWNER)
    lose(own / "keys" / "pin.pepper")

    refused, replaced, again = [
        run(own, *word) for word in (["owner"], ["replace-lost-keys"], ["owner"])
    ]

    assert isinstance(refused.exception, KeyLost)
    assert "every PIN, badge and password has to be given anew" in replaced.output
    assert again.exception is None
    assert ask(url, OF_THE_OWNER) != before


def test_nothing_is_replaced_where_nothing_is_lost(run: Run, url: str, own: Path) -> None:
    before = acts(url)

    done = run(own, "replace-lost-keys")

    assert done.output == "No key is lost. Nothing was changed.\n"
    assert acts(url) == before


def test_a_pepper_that_nothing_was_mixed_with_is_made_again_by_itself(
    run: Run, url: str, tmp_path: Path
) -> None:
    assert run(tmp_path, "begin").exception is None
    lose(tmp_path / "keys" / "pin.pepper")

    done = [run(tmp_path, word) for word in ("begin", "owner")]

    assert [one.exception for one in done] == [None, None]
    assert acts(url) == ["office_begun", "user_added"]


def an_older_office(url: str, folder: Path) -> OfficeKey:
    """Leave journals and the office's key, from when there was no pepper and no audit."""
    key = OfficeKey.at(folder / "keys" / "office.ed25519")
    till = PaperTill(OfficeKey.at(folder / "till"))
    database = Database(url, as_owner=True)
    with database.begin() as connection:
        tills = (Till(till.id, "S1", till.series, till.key.public_key),)
        shop.load_shop(connection, Shop(stores=(STORE,), tills=tills))
    assert take_in(database, till.sell()).fresh
    database.close()
    return key


def test_an_office_from_before_peppers_and_audit_starts_again_with_its_key(
    run: Run, url: str, tmp_path: Path
) -> None:
    key = an_older_office(url, tmp_path)

    done = [run(tmp_path, word) for word in ("begin", "owner")]

    assert [one.exception for one in done] == [None, None]
    assert OfficeKey.at(tmp_path / "keys" / "office.ed25519").public_key == key.public_key
    assert acts(url) == ["office_begun", "user_added"]


def test_an_older_office_is_not_begun_with_a_new_key_or_one_that_signs_another_audit(
    run: Run, url: str, tmp_path: Path, postgres: EmbeddedPostgres
) -> None:
    an_older_office(url, tmp_path / "own")
    elsewhere, others = tmp_path / "elsewhere", tmp_path / "others"
    signs_another = at(others, fresh_database(postgres))
    begin(signs_another)

    done = [run(folder, "begin") for folder in (elsewhere, others)]

    assert [type(one.exception) for one in done] == [KeyNotHere, OtherOffice]
    assert not elsewhere.exists()
    assert acts(url) == []


def test_of_two_folders_that_begin_one_office_at_once_one_gets_keys(
    url: str, tmp_path: Path
) -> None:
    first, second = at(tmp_path / "first", url), at(tmp_path / "second", url)
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    with ThreadPoolExecutor(1) as pool:
        with operating.books(first) as connection:
            operating.begin(connection, first)
            other = pool.submit(begin, second)
            until(lambda: ask(url, waits) == [(1,)], 30)

        with pytest.raises(KeyNotHere):
            other.result(30)
    assert acts(url) == ["office_begun"]
    assert not second.data_dir.exists()


def test_an_audit_from_before_beginnings_were_told_goes_on_with_all_keys(
    run: Run, url: str, own: Path
) -> None:
    tell(url, "ALTER TABLE audit_entries DISABLE TRIGGER USER")
    tell(url, "DELETE FROM audit_entries WHERE action = 'office_begun'")
    for path in (own / "keys" / "payload.aes256", own / "keys" / "tokens"):
        lose(path)

    done = run(own, "begin")

    assert done.exception is None
    assert acts(url) == ["user_added", "office_begun"]
    insist(at(own, url))


def test_an_api_or_worker_goes_by_the_files_while_the_database_is_away(tmp_path: Path) -> None:
    settings = at(tmp_path, "postgresql://nobody@127.0.0.1:1/none")
    OfficeKey.at(settings.office_key_file)
    PinPepper.at(settings.pin_pepper_file)
    PayloadKey.at(settings.payload_key_file)

    with pytest.raises(KeyLost, match="key tokens is not"):
        insist(settings)
    TokenKeys(settings.token_keys_dir).signing()
    insist(settings)


def test_a_database_without_tables_has_not_begun(
    postgres: EmbeddedPostgres, run: Run, tmp_path: Path
) -> None:
    settings = at(tmp_path, postgres.url("postgres"))
    OfficeKey.at(settings.office_key_file)

    with pytest.raises(NotBegun):
        insist(settings)
