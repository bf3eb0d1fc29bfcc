import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders import AT
from little_office import LittleOffice
from tills import OFFICE, open_journal, sell
from waiting import until

from domain.events import LoggedIn
from domain.journal import Acknowledgement, Entry, Head, Refusal, verified
from till_kivy.clock import HandClock
from till_kivy.errors import OfficeAway
from till_kivy.journal import Journal
from till_kivy.keystore import Ed25519Signer, verify_ed25519
from till_kivy.outbox import Outbox, OutboxStatus, Pace, fitting

QUICK = Pace(shortest_s=0.01, longest_s=0.04, idle_s=0.05)
DAYS = Pace(idle_s=100_000)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(AT)


@pytest.fixture
def journal(tmp_path: Path, clock: HandClock) -> Iterator[Journal]:
    journal = open_journal(tmp_path, clock=clock)
    yield journal
    journal.close()


@pytest.fixture
def office(journal: Journal) -> LittleOffice:
    return LittleOffice({"T1": journal.public_key})


@contextmanager
def sending(journal: Journal, office: LittleOffice, pace: Pace = QUICK) -> Iterator[Outbox]:
    outbox = Outbox(journal, office, HandClock(AT), pace)
    outbox.start()
    yield outbox
    outbox.stop()


def arrived(office: LittleOffice) -> list[int]:
    return [entry.sequence for entry in office.chains["T1"]]


def test_everything_arrives_in_order(journal: Journal, office: LittleOffice) -> None:
    sell(journal, 5)

    with sending(journal, office) as outbox:
        assert outbox.drain(10)

    assert arrived(office) == [1, 2, 3, 4, 5]
    assert office.chains["T1"] == journal.entries()
    assert outbox.status() == OutboxStatus(online=True, unsent=0, refused=0, oldest_s=None)


def test_a_sale_is_sent_at_once_when_nudged(journal: Journal, office: LittleOffice) -> None:
    with sending(journal, office, DAYS) as outbox:
        sell(journal)
        outbox.nudge()

        until(lambda: arrived(office) == [1])


def test_a_sale_nobody_mentioned_is_found_by_itself(journal: Journal, office: LittleOffice) -> None:
    with sending(journal, office):
        sell(journal)

        until(lambda: arrived(office) == [1])


def test_a_backlog_goes_in_batches(journal: Journal, office: LittleOffice) -> None:
    for _ in range(1200):
        journal.append(LoggedIn("p1"))

    with sending(journal, office) as outbox:
        assert outbox.drain(30)

    assert [len(call) for call in office.calls] == [500, 500, 200]


def test_a_batch_is_never_larger_than_the_office_takes(journal: Journal) -> None:
    entries = sell(journal, 20)

    some = fitting(entries, most_bytes=10_000)

    assert 1 < len(some) < 20
    assert list(some) == entries[: len(some)]


def test_one_entry_goes_even_if_it_is_large(journal: Journal) -> None:
    entries = sell(journal, 2)

    assert list(fitting(entries, most_bytes=10)) == entries[:1]


def test_selling_goes_on_while_the_office_is_away(
    journal: Journal, office: LittleOffice, clock: HandClock
) -> None:
    office.away = "connection refused"
    outbox = Outbox(journal, office, clock, QUICK)
    outbox.start()
    sell(journal, 3)
    clock.advance(90)

    until(lambda: outbox.status().last_error)

    status = outbox.status()
    assert (status.online, status.unsent, status.oldest_s) == (False, 3, 90)
    assert "connection refused" in status.last_error
    outbox.stop()


def test_all_arrives_in_order_once_the_office_is_back(
    journal: Journal, office: LittleOffice
) -> None:
    office.away = "connection refused"
    with sending(journal, office) as outbox:
        sell(journal, 3)
        until(lambda: len(office.calls) > 20)
        sell(journal, 3)
        office.away = ""

        assert outbox.drain(10)

    assert arrived(office) == [1, 2, 3, 4, 5, 6]
    assert outbox.status().last_error == ""


def test_a_nudge_does_not_hammer_an_office_that_is_away(
    journal: Journal, office: LittleOffice
) -> None:
    office.away = "connection refused"
    with sending(journal, office, Pace(shortest_s=1000, longest_s=1000)) as outbox:
        sell(journal)
        outbox.nudge()
        until(lambda: outbox.status().last_error)

        for _ in range(100):
            outbox.nudge()

    assert len(office.calls) == 1


def test_an_office_that_asks_for_time_gets_it(journal: Journal, office: LittleOffice) -> None:
    office.away, office.retry_after_s = "it said 503", 0.3
    sell(journal)
    began = time.monotonic()

    with sending(journal, office):
        until(lambda: len(office.calls) == 2)

    assert time.monotonic() - began >= 0.3


def test_an_answer_heard_by_somebody_else_ends_the_waiting(
    journal: Journal, office: LittleOffice
) -> None:
    office.away = "connection refused"
    sell(journal)
    with sending(journal, office, Pace(shortest_s=1000, longest_s=1000)) as outbox:
        until(lambda: outbox.status().last_error)
        office.away = ""

        outbox.heard()

        until(lambda: arrived(office) == [1])


def test_a_silent_office_is_shown_also_while_there_is_nothing_to_send(
    journal: Journal, office: LittleOffice
) -> None:
    outbox = Outbox(journal, office, HandClock(AT))
    outbox.heard()
    online_before = outbox.status().online

    outbox.heard("connection refused")

    assert online_before
    assert outbox.status() == OutboxStatus(
        online=False, unsent=0, refused=0, oldest_s=None, last_error="connection refused"
    )


def test_draining_gives_up_at_its_deadline_and_says_so(
    journal: Journal, office: LittleOffice
) -> None:
    office.away = "connection refused"
    sell(journal)

    with sending(journal, office) as outbox:
        assert not outbox.drain(0.1)


class HangingOffice(LittleOffice):
    """Takes the call and does not answer until it is told to."""

    def __init__(self) -> None:
        super().__init__({})
        self.asked, self.answer = threading.Event(), threading.Event()

    def send(self, entries: Sequence[Entry]) -> Acknowledgement:
        self.asked.set()
        self.answer.wait(20)
        raise OfficeAway("the call timed out")


def test_no_sale_waits_for_an_office_that_hangs(journal: Journal) -> None:
    office = HangingOffice()
    with sending(journal, office) as outbox:
        sell(journal)
        outbox.nudge()
        assert office.asked.wait(10)

        sell(journal, 20)

        assert not office.answer.is_set()
        assert journal.head.sequence == 21
        office.answer.set()


# ---------------------------------------------------------------- what the office says no to


def test_an_entry_the_office_does_not_take_is_kept_counted_and_not_hammered(
    journal: Journal, office: LittleOffice
) -> None:
    office.public_keys["T1"] = Ed25519Signer(b"x" * 32).public_key
    sell(journal, 3)

    with sending(journal, office, Pace(shortest_s=0.01, longest_s=1000, idle_s=0.01)) as outbox:
        until(lambda: len(office.calls) >= 3)
        status = outbox.status()

    assert (status.unsent, status.refused, status.online) == (3, 3, True)
    assert "does not take entry 1" in status.last_error
    assert office.calls[0] == [1, 2, 3]
    assert office.calls[1:3] == [[1], [1]]


def test_a_refused_entry_is_offered_again_after_a_restart(
    journal: Journal, office: LittleOffice
) -> None:
    right_key = office.public_keys["T1"]
    office.public_keys["T1"] = Ed25519Signer(b"x" * 32).public_key
    sell(journal, 3)
    with sending(journal, office) as outbox:
        until(lambda: outbox.status().refused)

    office.public_keys["T1"] = right_key
    with sending(journal, office) as outbox:
        assert outbox.drain(10)

    assert outbox.status().refused == 0
    assert arrived(office) == [1, 2, 3]


def test_a_sale_that_was_set_aside_does_not_hold_up_the_others(
    journal: Journal, office: LittleOffice
) -> None:
    office.set_aside[2] = Refusal.CONFLICT
    sell(journal, 3)

    with sending(journal, office) as outbox:
        assert outbox.drain(10)

    assert arrived(office) == [1, 2, 3]
    assert outbox.status().refused == 1


def test_an_office_restored_from_a_backup_is_filled_up_again(
    journal: Journal, office: LittleOffice
) -> None:
    sell(journal, 5)
    with sending(journal, office) as outbox:
        assert outbox.drain(10)
        del office.chains["T1"][2:]
        sell(journal)

        until(lambda: arrived(office) == [1, 2, 3, 4, 5, 6])


def test_an_office_that_knows_another_continuation_stops_the_sending(
    journal: Journal, office: LittleOffice, tmp_path: Path
) -> None:
    a_copy_sells_first(journal, office, tmp_path)

    with sending(journal, office, Pace(idle_s=0.01, longest_s=0.01)) as outbox:
        until(lambda: outbox.status().stopped)
        calls = len(office.calls)
        assert not outbox.drain(0.2)

        status = outbox.status()

    assert "entry 3 that this till did not write" in status.last_error
    assert status.unsent == 3
    assert len(office.calls) == calls


def test_a_stopped_outbox_sends_again_once_the_till_may_trade_again(
    journal: Journal, office: LittleOffice, tmp_path: Path
) -> None:
    a_copy_sells_first(journal, office, tmp_path)
    with sending(journal, office, Pace(idle_s=0.01, longest_s=0.01)) as outbox:
        until(lambda: outbox.status().stopped)
        calls = len(office.calls)

        outbox.resume()

        until(lambda: len(office.calls) > calls and outbox.status().stopped)


def a_copy_sells_first(journal: Journal, office: LittleOffice, folder: Path) -> None:
    """After two sales the copy sells and sends its third; then the till sells its own third."""
    sell(journal, 2)
    copied = copy_of_the_till(journal, folder)
    sell(copied)
    office.send(copied.entries())
    copied.close()
    sell(journal)


def copy_of_the_till(journal: Journal, folder: Path) -> Journal:
    """Clone a disk: same keys, same entries up to now."""
    twin = folder / "twin"
    twin.mkdir()
    for file in folder.glob("*.*"):
        (twin / file.name).write_bytes(file.read_bytes())
    assert journal.head.sequence == 2
    return open_journal(twin)


def test_an_answer_from_a_stranger_is_not_taken_for_the_offices(
    journal: Journal, office: LittleOffice
) -> None:
    sell(journal)
    with sending(journal, office) as outbox:
        assert outbox.drain(10)
        office.signer = Ed25519Signer(b"s" * 32)
        sell(journal)

        until(lambda: "not signed by the office" in outbox.status().last_error)

        office.signer = OFFICE
        assert outbox.drain(10)


def test_what_arrived_is_the_tills_own_signed_chain(journal: Journal, office: LittleOffice) -> None:
    sell(journal, 10)

    with sending(journal, office) as outbox:
        assert outbox.drain(10)

    chain = verified(office.chains["T1"], Head("T1"), journal.public_key, verify_ed25519)
    assert len(list(chain)) == 10
    assert set(office.posted.values()) == {1}


# ---------------------------------------------------------------- how long it waits


def test_pauses_double_up_to_a_longest_one() -> None:
    pauses = [Pace().after(failures, jitter=1.0) for failures in range(1, 9)]

    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_after_a_year_of_failures_it_still_asks_every_half_minute() -> None:
    assert Pace().after(2_000_000, jitter=1.0) == 30.0


@pytest.mark.parametrize(("jitter", "pause"), [(0.0, 4.0), (0.5, 6.0), (1.0, 8.0)])
def test_half_of_a_pause_is_chance(jitter: float, pause: float) -> None:
    assert Pace().after(5, jitter) == pause
