import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import AT, product, snapshot
from little_http import LittleServer, serving
from little_office import LittleOffice
from tills import OFFICE, open_journal, sell

from domain.canonical import canonical
from domain.journal import Entry
from domain.lease import Lease, SignedLease, Standing, lease_text
from till_kivy.errors import OfficeAway, OfficeRefused
from till_kivy.keystore import Ed25519Signer
from till_kivy.office import HttpOffice

TILL = Ed25519Signer(b"1" * 32)


@pytest.fixture
def server() -> Iterator[LittleServer]:
    with serving(LittleOffice({"T1": TILL.public_key})) as server:
        yield server


@pytest.fixture
def office(server: LittleServer) -> Iterator[HttpOffice]:
    with HttpOffice(server.url, "T1", TILL, timeout=5.0) as office:
        yield office


@pytest.fixture
def entries(tmp_path: Path, server: LittleServer) -> Iterator[list[Entry]]:
    journal = open_journal(tmp_path)
    server.office.public_keys["T1"] = journal.public_key
    yield sell(journal, 3)
    journal.close()


def test_entries_arrive_as_they_were_signed(
    office: HttpOffice, server: LittleServer, entries: list[Entry]
) -> None:
    ack = office.send(entries)

    assert server.office.chains["T1"] == entries
    assert ack.head == entries[-1].head
    assert server.headers[0]["content-encoding"] == "gzip"


def test_refusals_arrive_with_their_reason(office: HttpOffice, entries: list[Entry]) -> None:
    ack = office.send([entries[0], replace(entries[1], body="{}")])

    (refused,) = ack.refused
    assert (refused.sequence, refused.refusal) == (2, "bad_hash")
    assert "changed after it was sealed" in refused.why


def test_a_busy_office_says_when_to_come_back(
    office: HttpOffice, server: LittleServer, entries: list[Entry]
) -> None:
    server.office.away = "Temporal is away"

    with pytest.raises(OfficeAway, match="it said 503") as caught:
        office.send(entries)

    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_by_itself_is_away_and_not_refused(
    office: HttpOffice, server: LittleServer, entries: list[Entry], status: int
) -> None:
    server.scripted = (status, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, "")

    with pytest.raises(OfficeAway) as caught:
        office.send(entries)

    assert caught.value.retry_after_s == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500])
def test_a_no_is_told_with_the_offices_own_words(
    office: HttpOffice, server: LittleServer, entries: list[Entry], status: int
) -> None:
    server.scripted = (status, {}, '{"detail": "Till T1 is not enrolled."}')

    with pytest.raises(OfficeRefused, match=rf"answered {status}: .*Till T1 is not enrolled"):
        office.send(entries)


@pytest.mark.parametrize("text", ["", "<html>Welcome to the hotel</html>", "{}", '{"head": 5}'])
def test_an_answer_that_is_no_acknowledgement_acknowledges_nothing(
    office: HttpOffice, server: LittleServer, entries: list[Entry], text: str
) -> None:
    server.scripted = (200, {}, text)

    with pytest.raises(OfficeRefused, match="was not understood"):
        office.send(entries)


def test_an_answer_cut_off_half_way_is_no_answer(
    office: HttpOffice, server: LittleServer, entries: list[Entry]
) -> None:
    server.scripted = (200, {"content-length": "9999", "connection": "close"}, '{"head": {')

    with pytest.raises(OfficeAway):
        HttpOffice(server.url, "T1", TILL, timeout=0.3).send(entries)


def test_nobody_there_is_told_in_words(entries: list[Entry]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = HttpOffice(f"http://127.0.0.1:{closed.getsockname()[1]}", "T1", TILL)

        with pytest.raises(OfficeAway, match="The office does not answer"):
            nobody.send(entries)


def test_a_silent_office_is_given_up_in_time(entries: list[Entry]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        office = HttpOffice(f"http://127.0.0.1:{silent.getsockname()[1]}", "T1", TILL, timeout=0.2)

        with pytest.raises(OfficeAway):
            office.send(entries)


# ---------------------------------------------------------------- the catalogue


def test_a_newer_catalogue_arrives_whole(office: HttpOffice, server: LittleServer) -> None:
    server.office.catalogue = snapshot(product("Tea"), product("Crème brûlée"), version=4)

    found = office.snapshot(3)

    assert found == server.office.catalogue


def test_the_catalogue_a_till_has_is_not_sent_again(
    office: HttpOffice, server: LittleServer
) -> None:
    server.office.catalogue = snapshot(version=4)

    assert office.snapshot(4) is None
    assert server.headers[0]["if-none-match"] == '"4"'


def test_an_answer_that_is_no_catalogue_changes_nothing(
    office: HttpOffice, server: LittleServer
) -> None:
    server.scripted = (200, {}, "<html>")

    with pytest.raises(OfficeRefused, match="was not understood"):
        office.snapshot(1)


def word(standing: Standing) -> SignedLease:
    lease = Lease("T1", standing, AT, AT, "stolen")
    return SignedLease(lease, OFFICE.sign(lease_text(lease)))


def test_the_offices_word_that_the_till_may_not_trade_is_handed_on(server: LittleServer) -> None:
    heard: list[SignedLease] = []
    told = word(Standing.REVOKED)
    body = {"type": "urn:tillflow:problem:till-not-trading", "detail": "stolen", "lease": told}
    server.scripted = (403, {}, canonical(body))

    with (
        HttpOffice(server.url, "T1", TILL, timeout=5.0, told=heard.append) as office,
        pytest.raises(OfficeRefused, match=r"403.*stolen"),
    ):
        office.snapshot(0)

    assert heard == [told]


def test_a_refusal_gives_no_permission(server: LittleServer) -> None:
    heard: list[SignedLease] = []
    server.scripted = (403, {}, canonical({"detail": "no", "lease": word(Standing.TRADING)}))

    with (
        HttpOffice(server.url, "T1", TILL, timeout=5.0, told=heard.append) as office,
        pytest.raises(OfficeRefused),
    ):
        office.snapshot(0)

    assert heard == []


def test_a_permission_that_was_held_back_answers_another_request(
    office: HttpOffice, server: LittleServer
) -> None:
    server.scripted = (200, {}, canonical(word(Standing.TRADING)))

    with pytest.raises(OfficeRefused, match="another request"):
        office.renew_lease()


def test_a_refusal_for_another_reason_says_nothing_of_trading(server: LittleServer) -> None:
    heard: list[SignedLease] = []
    server.scripted = (403, {}, canonical({"detail": "That is another till's."}))

    with (
        HttpOffice(server.url, "T1", TILL, timeout=5.0, told=heard.append) as office,
        pytest.raises(OfficeRefused, match="another till"),
    ):
        office.snapshot(0)

    assert heard == []
