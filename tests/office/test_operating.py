"""Commands act by the keys of the very office whose database they are given, and make no others."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from books import corner_shop
from fixtures_office import fresh_database
from pydantic import TypeAdapter
from typer.testing import CliRunner, Result

from activities.__main__ import app
from activities.db import audit, operators
from activities.db.engine import Database
from activities.keys import OfficeKey
from activities.operating import BadAddress, KeyNotHere, OtherOffice
from activities.settings import Settings
from api.engines.postgres import EmbeddedPostgres
from domain.catalog import Shop, Till

TILL = "T1"
KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
OWNER = '{"id": "olga", "name": "Olga", "password": "the owner\'s own words"}'


@dataclass
class Commands:
    """`python -m activities` in this process, with one database and folders to choose from."""

    url: str
    patch: pytest.MonkeyPatch

    def run(self, folder: Path, *words: str) -> Result:
        for name, text in Settings(data_dir=folder, database_url=self.url).as_environment().items():
            self.patch.setenv(name, text)
        return CliRunner().invoke(app, words, input=OWNER, standalone_mode=False)

    def acts(self) -> list[tuple[str, str, str]]:
        database = Database(self.url, as_owner=True)
        with database.begin() as connection:
            found = [(one.action, one.actor, one.address) for one in audit.entries(connection)]
        database.close()
        return found


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def commands(postgres: EmbeddedPostgres, patch: pytest.MonkeyPatch) -> Commands:
    return Commands(fresh_database(postgres), patch)


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("shop") / "shop.json"
    given = replace(corner_shop(), tills=(Till(TILL, "S1", "A1"),))
    file.write_bytes(TypeAdapter(Shop).dump_json(given))
    return file


@pytest.fixture(scope="module")
def own(commands: Commands, shop_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an office that has begun and signed what it did."""
    folder = tmp_path_factory.mktemp("own")
    for words in (["begin"], ["load", str(shop_file)]):
        done = commands.run(folder, *words)
        assert done.exception is None, done.exception
    return folder


ACTS: list[list[Any]] = [
    ["begin"],
    ["load", "--demo"],
    ["enrol", TILL, KEY],
    ["owner"],
    ["enrolment-code", TILL],
    ["rotate-keys", "tokens"],
    ["rotate-keys", "payload"],
    ["replace-lost-keys"],
    ["work"],
    ["export"],
]


@pytest.mark.parametrize("words", ACTS, ids=lambda words: words[0] + words[-1])
def test_no_command_makes_keys_beside_an_office_that_is_there(
    commands: Commands, own: Path, tmp_path: Path, words: list[str]
) -> None:
    before = commands.acts()

    done = commands.run(tmp_path / "elsewhere", *words)

    assert isinstance(done.exception, KeyNotHere)
    assert str(tmp_path / "elsewhere" / "keys") in str(done.exception)
    assert "TILLFLOW_DATA_DIR" in str(done.exception)
    assert "--dir" in str(done.exception)
    assert list(tmp_path.rglob("*")) == []
    assert commands.acts() == before


@pytest.mark.parametrize("words", ACTS[:-1], ids=lambda words: words[0] + words[-1])
def test_the_key_of_another_office_signs_nothing(
    commands: Commands, own: Path, tmp_path: Path, words: list[str]
) -> None:
    for name in ("office.ed25519", "pin.pepper"):
        OfficeKey.at(tmp_path / "keys" / name)
    files, before = set(tmp_path.rglob("*")), commands.acts()

    done = commands.run(tmp_path, *words)

    assert isinstance(done.exception, OtherOffice)
    assert str(tmp_path / "keys") in str(done.exception)
    assert set(tmp_path.rglob("*")) == files
    assert commands.acts() == before


def test_an_office_begins_once_and_its_own_folder_goes_on(
    commands: Commands, own: Path, shop_file: Path
) -> None:
    key = (own / "keys" / "office.ed25519").read_text()

    done = [commands.run(own, *words) for words in (["begin"], ["owner"], ["verify"])]

    assert [one.exception for one in done] == [None, None, None]
    assert (own / "keys" / "office.ed25519").read_text() == key
    assert commands.acts()[-1][0] == "user_added"


def test_the_audit_says_which_account_on_which_machine_gave_the_command(
    commands: Commands, own: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(getpass, "getuser", lambda: "ada")
        patch.setattr(socket, "gethostname", lambda: "backroom")

        done = commands.run(own, "enrol", TILL, KEY)

    assert done.exception is None
    assert commands.acts()[-1] == ("till_enrolled", "operator", "ada on backroom")


def test_an_account_or_machine_without_a_name_is_said_to_have_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nameless() -> str:
        raise OSError

    monkeypatch.setattr(getpass, "getuser", nameless)
    monkeypatch.setattr(socket, "gethostname", nameless)

    found = operators.operator().address

    assert found == "an account without a name on a machine without a name"


def test_an_address_with_a_password_that_breaks_it_is_refused_and_not_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = Commands("postgresql://till:se@canary@127.0.0.1:1/office", monkeypatch)

    done = broken.run(tmp_path, "tally")

    assert isinstance(done.exception, BadAddress)
    assert "%40" in str(done.exception)
    assert "canary" not in str(done.exception) + done.output
