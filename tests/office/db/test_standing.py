"""Codes that make a device a till: once, ten minutes, one store, ten wrong tries (promise 34)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from books import Ask, PaperTill, corner_shop, load, take_in
from builders import AT

from activities.db import devices, shop, standing
from activities.db.engine import Database
from activities.db.intake import UnknownTill
from activities.db.standing import (
    BadEnrolmentCode,
    Desk,
    Device,
    EnrolmentRefused,
    NewCode,
    TillHasJournal,
    proof_text,
)
from activities.db.users import Acting
from activities.keys import OfficeKey, verify
from domain.audit import Actor
from domain.catalog import Till
from domain.lease import SignedLease, Standing, lease_text

MANAGER = Actor("mia", "manager", "192.0.2.7")
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(OfficeKey.at(tmp_path / "office"), b"p" * 32, AT)


@pytest.fixture
def books(database: Database, till: PaperTill) -> Database:
    """Books that know a till without a key, beside one that has its own."""
    shop = corner_shop(till)
    load(database, replace(shop, tills=(*shop.tills, Till("T9", "S1", "A9"))))
    return database


@pytest.fixture
def code(books: Database, desk: Desk) -> NewCode:
    with books.begin() as connection:
        return standing.make_code(connection, desk, MANAGER, "T9")


def device(folder: Path, code: str, name: str = "device") -> Device:
    key = OfficeKey.at(folder / name)
    return Device(code, key.public_key, key.sign(proof_text(code, key.public_key)))


Enrol = Callable[[Device, Desk], tuple[Till, SignedLease] | EnrolmentRefused]


@pytest.fixture
def enrol(books: Database) -> Enrol:
    def enrolled(device: Device, desk: Desk) -> tuple[Till, SignedLease] | EnrolmentRefused:
        with books.begin() as connection:
            return standing.enrol(connection, desk, device, "192.0.2.9")

    return enrolled


def later(desk: Desk, by: dt.timedelta) -> Desk:
    return replace(desk, at=desk.at + by)


def wrong(code: str) -> str:
    """Keep the group that finds the code, and guess the others."""
    return f"{code[:4]}-0000-0001" if not code.endswith("0000-0001") else f"{code[:4]}-0000-0002"


def test_a_code_makes_a_device_the_till_it_was_made_for(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path, ask: Ask
) -> None:
    new = device(tmp_path, code.code)

    answer = enrol(new, desk)

    assert not isinstance(answer, EnrolmentRefused)
    till, word = answer
    assert till == Till("T9", "S1", "A9", new.public_key)
    assert word.lease.standing is Standing.TRADING
    assert word.lease.until == desk.at + dt.timedelta(hours=72)
    assert verify(desk.signer.public_key, lease_text(word.lease), word.signature)
    assert ask("SELECT public_key FROM tills WHERE id = 'T9'") == [(new.public_key,)]


def test_the_same_device_may_ask_again_when_the_answer_was_lost(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path, ask: Ask
) -> None:
    new = device(tmp_path, code.code)
    first = enrol(new, desk)

    again = enrol(new, later(desk, MINUTE))

    assert not isinstance(first, EnrolmentRefused)
    assert not isinstance(again, EnrolmentRefused)
    assert first[0] == again[0]
    assert ask("SELECT count(*) FROM audit_entries WHERE action = 'till_enrolled'") == [(1,)]


def test_a_device_that_was_replaced_does_not_come_back_by_its_used_code(
    books: Database, code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path, ask: Ask
) -> None:
    first, other = device(tmp_path, code.code), OfficeKey.at(tmp_path / "other")
    enrol(first, desk)
    with books.begin() as connection:
        shop.enrol(connection, "T9", other.public_key)
    by_hand = enrol(first, desk)
    with books.begin() as connection:
        newer = standing.make_code(connection, desk, MANAGER, "T9")
    enrol(device(tmp_path, newer.code, "second"), desk)

    by_code = enrol(first, desk)

    assert isinstance(by_hand, EnrolmentRefused)
    assert isinstance(by_code, EnrolmentRefused)
    second = OfficeKey.at(tmp_path / "second").public_key
    assert ask("SELECT public_key FROM tills WHERE id = 'T9'") == [(second,)]


def test_a_code_is_read_however_it_was_typed(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path
) -> None:
    typed = code.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    answer = enrol(device(tmp_path, typed), desk)

    assert not isinstance(answer, EnrolmentRefused)


def test_a_second_device_is_refused(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path, ask: Ask
) -> None:
    first = device(tmp_path, code.code)
    enrol(first, desk)

    answer = enrol(device(tmp_path, code.code, "thief"), desk)

    assert isinstance(answer, EnrolmentRefused)
    assert "another device" in str(answer)
    assert ask("SELECT public_key FROM tills WHERE id = 'T9'") == [(first.public_key,)]


def replaced(ask: Ask) -> tuple[str, str]:
    """What the audit has as the key before, and what the manager is told."""
    ((before,),) = ask(
        "SELECT before FROM audit_entries WHERE action = 'till_enrolled'"
        " ORDER BY sequence DESC LIMIT 1"
    )
    ((why,),) = ask("SELECT why FROM exception_tasks WHERE kind = 'till_key_replaced'")
    return before, why


def test_a_device_that_another_replaces_is_told_of_until_its_lease_ends(
    code: NewCode, books: Database, desk: Desk, enrol: Enrol, tmp_path: Path, ask: Ask
) -> None:
    older = device(tmp_path, code.code)
    enrol(older, desk)
    with books.begin() as connection:
        newer = standing.make_code(connection, desk, MANAGER, "T9")

    enrol(device(tmp_path, newer.code, "newer"), later(desk, MINUTE))

    before, why = replaced(ask)
    ends = desk.at + dt.timedelta(hours=72)
    assert before == f'{{"public_key":"{older.public_key}"}}'
    assert f"until its lease ends at {ends:%Y-%m-%d %H:%M} UTC" in why
    assert older.public_key[:16] in why


@pytest.mark.parametrize(
    ("leased", "told"),
    [("NULL", "It never had a lease"), ("timestamptz '2020-01-01Z'", "so it sells no more")],
)
def test_a_replaced_device_without_a_lease_is_told_of_too(
    books: Database, desk: Desk, ask: Ask, leased: str, told: str
) -> None:
    ask(f"UPDATE tills SET lease_until = {leased} WHERE id = 'T1'")  # noqa: S608 -- see above

    with books.begin() as connection:
        acting = Acting(desk.signer, MANAGER)
        devices.register(connection, acting, "T1", "ab" * 32, desk.at)
        devices.register(connection, acting, "T1", "ab" * 32, desk.at)

    assert told in replaced(ask)[1]


def test_a_first_device_replaces_nobody(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path, ask: Ask
) -> None:
    enrol(device(tmp_path, code.code), desk)

    assert ask("SELECT before FROM audit_entries WHERE action = 'till_enrolled'") == [("",)]
    assert ask("SELECT count(*) FROM exception_tasks") == [(0,)]


def winners_of(devices: Sequence[Device], desk: Desk, enrol: Enrol) -> list[Device]:
    """Let devices enrol all at once, and return those that became the till."""
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda one: enrol(one, desk), devices))
    told = zip(devices, answers, strict=True)
    return [one for one, answer in told if not isinstance(answer, EnrolmentRefused)]


def test_of_fifty_devices_at_once_one_becomes_the_till(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path, ask: Ask
) -> None:
    devices = [device(tmp_path, code.code, f"device-{number}") for number in range(50)]

    winners = winners_of(devices, desk, enrol)

    assert len(winners) == 1
    assert ask("SELECT public_key FROM tills WHERE id = 'T9'") == [(winners[0].public_key,)]


def test_sabotage_a_code_that_may_be_used_again_is_caught(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "_refusal", lambda *_: None)
    devices = [device(tmp_path, code.code, f"device-{number}") for number in range(5)]

    assert len(winners_of(devices, desk, enrol)) > 1


@pytest.mark.parametrize(("minutes", "good"), [(9, True), (10, False), (60, False)])
def test_a_code_is_good_for_ten_minutes(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path, *, minutes: int, good: bool
) -> None:
    answer = enrol(device(tmp_path, code.code), later(desk, minutes * MINUTE))

    assert isinstance(answer, EnrolmentRefused) is not good


def test_ten_wrong_tries_end_a_code_and_nobody_learns_that_it_was_right(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path, ask: Ask
) -> None:
    told = {str(enrol(device(tmp_path, wrong(code.code)), desk)) for _ in range(10)}

    answer = enrol(device(tmp_path, code.code), desk)

    assert isinstance(answer, EnrolmentRefused)
    assert told == {str(answer)}
    assert ask("SELECT public_key FROM tills WHERE id = 'T9'") == [("",)]


def test_nine_wrong_tries_leave_the_code_good(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path
) -> None:
    for _ in range(9):
        enrol(device(tmp_path, wrong(code.code)), desk)

    assert not isinstance(enrol(device(tmp_path, code.code), desk), EnrolmentRefused)


def test_a_code_that_nobody_made_is_answered_like_a_wrong_one(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path
) -> None:
    unknown = enrol(device(tmp_path, f"0000-{code.code[5:]}"), desk)

    assert str(unknown) == str(enrol(device(tmp_path, wrong(code.code)), desk))


@pytest.mark.parametrize("text", ["", "K7QM", "K7QM-4T9X-2HR", "K7QM-4T9X-2HRPX", "K7QM-4T9X-2HRU"])
def test_a_text_that_is_no_code_is_refused_in_words(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path, text: str
) -> None:
    with pytest.raises(BadEnrolmentCode, match="3 groups"):
        enrol(device(tmp_path, text), desk)


def test_a_device_that_does_not_hold_the_key_is_refused(
    code: NewCode, desk: Desk, enrol: Enrol, tmp_path: Path
) -> None:
    honest = device(tmp_path, code.code)
    other = OfficeKey.at(tmp_path / "other")

    answer = enrol(replace(honest, public_key=other.public_key), desk)

    assert isinstance(answer, EnrolmentRefused)
    assert "prove" in str(answer)


def test_a_newer_code_ends_the_one_before_it(
    code: NewCode, books: Database, desk: Desk, enrol: Enrol, tmp_path: Path
) -> None:
    with books.begin() as connection:
        newer = standing.make_code(connection, desk, MANAGER, "T9")

    assert isinstance(enrol(device(tmp_path, code.code), desk), EnrolmentRefused)
    assert not isinstance(enrol(device(tmp_path, newer.code), desk), EnrolmentRefused)


def test_the_books_hold_no_code(code: NewCode, ask: Ask) -> None:
    kept = repr(ask("SELECT * FROM enrolment_codes") + ask("SELECT * FROM audit_entries"))

    first, *secret = code.code.split("-")
    assert first in kept
    assert [group for group in secret if group in kept] == []


def test_a_till_with_a_journal_gets_no_second_device(
    books: Database, till: PaperTill, desk: Desk
) -> None:
    take_in(books, till.sell())

    with books.begin() as connection, pytest.raises(TillHasJournal, match="new till"):
        standing.make_code(connection, desk, MANAGER, till.id)


def test_nobody_gets_a_code_for_a_till_that_is_not_there(books: Database, desk: Desk) -> None:
    with books.begin() as connection, pytest.raises(UnknownTill):
        standing.make_code(connection, desk, MANAGER, "T404")


def test_a_lease_repeats_under_its_signature_which_request_it_answers(
    books: Database, till: PaperTill, desk: Desk
) -> None:
    with books.begin() as connection:
        word = standing.renew(connection, desk, till.id, "asked once")

    assert word.lease.request_id == "asked once"
    assert verify(desk.signer.public_key, lease_text(word.lease), word.signature)


def test_a_lease_lasts_three_days_from_each_renewal(
    books: Database, till: PaperTill, desk: Desk, ask: Ask
) -> None:
    with books.begin() as connection:
        standing.renew(connection, desk, till.id)
        word = standing.renew(connection, later(desk, 60 * MINUTE), till.id)

    assert word.lease.until == desk.at + dt.timedelta(hours=73)
    assert ask("SELECT lease_until FROM tills WHERE id = 'T1'") == [(word.lease.until,)]


def test_a_revoked_till_gets_a_word_that_ends_its_trade_at_once(
    books: Database, till: PaperTill, desk: Desk
) -> None:
    with books.begin() as connection:
        standing.change(connection, desk, MANAGER, till.id, (Standing.REVOKED, "stolen"))
        word = standing.renew(connection, desk, till.id)

    assert (word.lease.standing, word.lease.why) == (Standing.REVOKED, "stolen")
    assert word.lease.until == word.lease.granted_at == desk.at
    assert verify(desk.signer.public_key, lease_text(word.lease), word.signature)


def test_each_change_is_in_the_audit_once_with_who_and_why(
    books: Database, till: PaperTill, desk: Desk, ask: Ask
) -> None:
    with books.begin() as connection:
        for wanted in (Standing.REVOKED, Standing.REVOKED, Standing.TRADING):
            standing.change(connection, desk, MANAGER, till.id, (wanted, "lost and found"))

    found = ask("SELECT action, actor, address, before, after FROM audit_entries ORDER BY sequence")
    assert [(action, actor, address) for action, actor, address, _, _ in found] == [
        ("till_revoked", "mia", "192.0.2.7"),
        ("till_trading", "mia", "192.0.2.7"),
    ]
    assert all("lost and found" in before + after for *_, before, after in found)
