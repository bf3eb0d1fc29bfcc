"""A shop was open for a while: no secret of it stands in anything that it has left behind."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import canaries
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from canaries import Artefact, Canary
from commands import Tillflow, place, settings_in, tillflow
from fixtures_office import fresh_database
from joserfc import jwt
from joserfc.jwk import OctKey
from tills import open_journal
from visit import secrets_of_a_visit
from waiting import until

from activities.demo_shop import BERLIN
from activities.settings import Settings
from api.demo import DEMO_OWNER
from api.engines.postgres import EmbeddedPostgres
from api.running import running_office
from domain.events import LoggedIn
from till_kivy.simulate import PIN
from till_kivy.till import create

pytestmark = pytest.mark.timeout(300)
SOLD_WITHIN_S = 150.0
CARD = "4111111111111111"


@dataclass
class Shop:
    """A demo that has ended, and what could be seen of its programs while they ran."""

    settings: Settings
    given: list[Canary] = field(default_factory=list)
    seen: dict[str, Artefact] = field(default_factory=dict)

    def has_sold(self, running: Tillflow) -> bool:
        """Tell whether the cashiers have come and gone, and look at what runs."""
        now = list(canaries.of_processes(running.programs()))
        self.seen |= {one.name: one for one in now}
        came = any(b"\nsimulate\n" in one.content for one in self.seen.values())
        return came and not any(b"\nsimulate\n" in one.content for one in now)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """Twenty sales of three tills, a visit to the manager's page, and everything stopped again."""
    with place() as folder:
        settings = settings_in(folder / "demo")
        shop = Shop(settings)
        with Tillflow(settings, "demo", "--sales", "20", "--dir", str(folder / "demo")) as running:
            until(lambda: shop.has_sold(running), SOLD_WITHIN_S)
            visited = running_office(settings)
            assert visited is not None
            owner = (DEMO_OWNER.id, DEMO_OWNER.password)
            shop.given = secrets_of_a_visit(Shop(visited), *owner, BERLIN.id)
            exported = tillflow("export", settings=settings)
            assert exported.returncode == 0, exported.stderr
        yield shop


def test_no_secret_stands_in_anything_that_was_left_behind(shop: Shop) -> None:
    artefacts = [*canaries.left_behind(shop.settings), *shop.seen.values()]

    names = " ".join(artefact.name for artefact in artefacts)
    places = ("table sales", "journal of", "rows of", "temporal.sqlite", "logs/api.log", "command")
    assert [place for place in places if place not in names] == []
    looked_for = [*canaries.canaries_of(shop.settings), *shop.given]
    assert canaries.finds(artefacts, looked_for) == []


def test_what_people_and_programs_prove_themselves_by_is_among_what_is_looked_for(
    shop: Shop,
) -> None:
    names = {canary.name for canary in shop.given}

    assert {"a password", "a cookie", "a badge", "an enrolment code", "access token 2"} <= names


def test_the_keys_of_office_and_tills_are_among_what_is_looked_for(shop: Shop) -> None:
    names = {path.name for path in canaries.key_files(shop.settings)}

    assert {"office.ed25519", "payload.aes256"} <= names
    assert len(names) > 2


def test_a_request_that_was_printed_would_be_found(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text(f"<Request POST /log-in body={{'pin': '{PIN}', 'card': '{CARD}'}}>\n")

    found = canaries.finds(
        [Artefact("api.log", log.read_bytes(), log)], [Canary("a PIN", PIN.encode(), word=True)]
    )

    assert found == ["a PIN in api.log", "a card number in api.log"]


def test_a_signed_token_is_found_without_being_known() -> None:
    token = jwt.encode({"alg": "HS256"}, {"sub": "T1"}, OctKey.generate_key(256))

    assert canaries.finds([Artefact("log", f"bearer {token};".encode())], []) == ["a token in log"]
    assert canaries.finds([Artefact("log", token.rpartition(".")[0].encode())], []) == []


def test_what_only_its_reader_can_read_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "till"
    create(folder, "T1", "A1")
    journal = open_journal(folder)
    journal.append(LoggedIn(f"pin {PIN}"))
    journal.close()
    (tmp_path / "export").mkdir()
    pq.write_table(pa.table({"note": [f"pin {PIN}"] * 50}), tmp_path / "export" / "a.parquet")
    pin = Canary("a PIN", PIN.encode(), word=True)

    in_files = [p.name for p in tmp_path.rglob("*.sqlite*") if PIN.encode() in p.read_bytes()]
    in_journals = canaries.finds(canaries.journals(tmp_path), [pin])

    assert in_files == []
    assert in_journals == ["a PIN in journal of T1"]


def test_every_table_is_read(postgres: EmbeddedPostgres) -> None:
    names = {one.name for one in canaries.tables(fresh_database(postgres))}

    assert {"table sales", "table audit_entries", "table journal_entries"} <= names


def test_a_key_is_found_as_bytes_and_as_text_but_not_at_home(tmp_path: Path) -> None:
    key = secrets.token_bytes(32)
    home, elsewhere = tmp_path / "keys" / "a.key", tmp_path / "log"
    wanted = [Canary("the key", key, (home,)), Canary("its text", key.hex().encode(), (home,))]

    assert canaries.finds([Artefact("home", key + key.hex().encode(), home)], wanted) == []
    assert canaries.finds([Artefact("log", b"x" + key + b"y", elsewhere)], wanted) == [
        "the key in log"
    ]
    assert canaries.finds([Artefact("log", key.hex().encode())], wanted) == ["its text in log"]


@pytest.mark.parametrize(
    "number", [CARD, "5555555555554444", "378282246310005", "6011111111111117"]
)
def test_a_card_number_is_found(number: str) -> None:
    assert canaries.card_numbers(f'{{"pan": "{number}"}}'.encode()) == [number]


@pytest.mark.parametrize(
    "harmless",
    [
        "4111111111111112",  # does not add up
        "4006381333931",  # a GTIN
        "0104006381333931",  # the same with its application identifier
        "1763888400000000000",  # a moment in nanoseconds
        "a4111111111111111",  # part of a hash
    ],
)
def test_what_is_no_card_number_is_let_be(harmless: str) -> None:
    assert canaries.card_numbers(harmless.encode()) == []


def test_six_digits_within_a_hash_are_no_pin() -> None:
    pin = Canary("a PIN", PIN.encode(), word=True)

    assert canaries.finds([Artefact("hashes", f"ab{PIN}cd 9{PIN} {PIN}1".encode())], [pin]) == []
    assert canaries.finds([Artefact("log", f"pin={PIN},".encode())], [pin]) == ["a PIN in log"]
