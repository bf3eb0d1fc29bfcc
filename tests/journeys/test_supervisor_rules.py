"""How often, how long and in which order things are started and stopped, without any waiting."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from waiting import until

from api import supervisor as supervising
from api import watchdog
from api.supervisor import FIRST_DELAY_S, LONGEST_DELAY_S, STEADY_AFTER_S, Child, Supervisor

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
SLEEPER = "import time; print('up', flush=True); time.sleep(600)"


@dataclass
class Bulb:
    """Something that runs until it goes out; `burnt` is how often it was started and stopped."""

    name: str = "bulb"
    pid: int | None = None
    burnt: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.pid = os.getpid()
        self.burnt.append(f"start {self.name}")

    def stop(self) -> None:
        self.pid = None
        self.burnt.append(f"stop {self.name}")


@dataclass
class Clock:
    """A clock that goes on when it is told to."""

    now: float = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(supervising, "time", clock)
    return clock


def child(folder: Path, script: str) -> Child:
    return Child([sys.executable, "-c", script], {}, folder / "child.log")


def test_each_wait_is_twice_the_last_until_it_is_long_enough(clock: Clock) -> None:
    said: list[str] = []
    bulb = Bulb()
    supervisor = Supervisor(said.append)
    supervisor.start("bulb", bulb)

    for wait in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0):
        bulb.pid = None
        supervisor.look()
        assert said[-1] == (f"bulb has ended unexpectedly; starting it again in {wait:g} s.")
        clock.now += wait - 0.01
        supervisor.look()
        assert bulb.pid is None
        clock.now += 0.02
        supervisor.look()
        assert bulb.pid is not None

    assert (FIRST_DELAY_S, LONGEST_DELAY_S) == (0.5, 30.0)
    assert len(said) == 8


def test_what_ran_steadily_for_a_while_begins_with_the_short_wait_again(clock: Clock) -> None:
    said: list[str] = []
    bulb = Bulb()
    supervisor = Supervisor(said.append)
    supervisor.start("bulb", bulb)
    for _ in range(3):
        bulb.pid = None
        supervisor.look()
        clock.now += LONGEST_DELAY_S
        supervisor.look()

    clock.now += STEADY_AFTER_S + 1
    bulb.pid = None
    supervisor.look()

    assert [words.rpartition(" in ")[2] for words in said] == ["0.5 s.", "1 s.", "2 s.", "0.5 s."]


def test_a_fall_is_told_once_however_often_one_looks(clock: Clock) -> None:
    said: list[str] = []
    bulb = Bulb()
    supervisor = Supervisor(said.append)
    supervisor.start("bulb", bulb)
    bulb.pid = None

    for _ in range(50):
        supervisor.look()

    assert len(said) == 1
    assert bulb.burnt == ["start bulb"]


def test_the_rest_of_a_fallen_piece_is_stopped_before_it_starts_again(clock: Clock) -> None:
    bulb = Bulb()
    supervisor = Supervisor(lambda _: None)
    supervisor.start("bulb", bulb)
    bulb.pid = None

    supervisor.look()
    clock.now += 1
    supervisor.look()

    assert bulb.burnt == ["start bulb", "stop bulb", "start bulb"]


def test_things_are_stopped_in_the_reverse_order_of_their_start() -> None:
    book: list[str] = []

    with Supervisor(lambda _: None) as supervisor:
        for name in ("postgres", "temporal", "worker", "api"):
            supervisor.start(name, Bulb(name, burnt=book), again=name != "api")

    assert book[:4] == ["start postgres", "start temporal", "start worker", "start api"]
    assert book[4:] == ["stop api", "stop worker", "stop temporal", "stop postgres"]


def test_stopping_twice_stops_nothing_twice() -> None:
    bulb = Bulb()
    with Supervisor(lambda _: None) as supervisor:
        supervisor.start("bulb", bulb)
        supervisor.stop()

    assert bulb.burnt == ["start bulb", "stop bulb"]


def test_a_piece_that_does_not_start_is_still_stopped_at_the_end() -> None:
    bulb = Bulb()

    def fails() -> None:
        raise OSError("no such lamp")

    bulb.start = fails  # type: ignore[method-assign]  # this one never lights
    with pytest.raises(OSError, match="no such lamp"), Supervisor(lambda _: None) as supervisor:
        supervisor.start("bulb", bulb)

    assert bulb.burnt == ["stop bulb"]


def test_a_child_that_does_not_hear_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "STOP_WITHIN_S", 0.2)
    deaf = child(tmp_path, DEAF)
    deaf.start()
    until(lambda: deaf.last_words == "deaf", 20)
    process = psutil.Process(deaf.pid)

    deaf.stop()

    assert not process.is_running()
    assert (deaf.pid, deaf.exit_code) == (None, None)


def test_a_child_tells_its_last_five_lines_and_how_it_ended(tmp_path: Path) -> None:
    lines = child(tmp_path, "[print(n) for n in range(9)]; raise SystemExit(4)")
    assert (lines.last_words, lines.pid, lines.exit_code) == ("", None, None)

    lines.start()
    until(lambda: lines.exit_code is not None, 20)

    assert (lines.exit_code, lines.pid) == (4, None)
    assert lines.last_words == "4\n5\n6\n7\n8"
    lines.stop()


def test_a_structured_line_is_put_into_words(tmp_path: Path) -> None:
    script = """print('{"time": "2026-11-21T09:30:00Z", "level": "error", "event": "It broke.", '
        '"error": "OSError"}'); print('{"lines": 3}'); print("[1]"); print("plain")"""
    teller = child(tmp_path, script)

    teller.start()
    until(lambda: teller.exit_code is not None, 20)

    assert teller.last_words.splitlines() == [
        "09:30:00 ERROR It broke. error=OSError",
        '{"lines": 3}',
        "[1]",
        "plain",
    ]
    teller.stop()


def test_a_child_adds_to_its_log_and_knows_its_environment(tmp_path: Path) -> None:
    script = "import os; print(os.environ['LAMP'], 'PATH' in os.environ)"
    told = Child([sys.executable, "-c", script], {"LAMP": "on"}, tmp_path / "logs" / "lamp.log")

    for _ in range(2):
        told.start()
        until(lambda: told.exit_code == 0, 20)
        told.stop()

    assert told.log.read_text() == "on True\n" * 2


def test_stopping_what_never_ran_is_harmless(tmp_path: Path) -> None:
    idle = child(tmp_path, SLEEPER)

    idle.stop()

    assert not idle.log.exists()


def dog_that_hears(*words: str) -> subprocess.Popen[str]:
    """Run the watchdog on some lines; then its master is gone."""
    dog = subprocess.Popen(
        [sys.executable, "-I", "-S", str(watchdog.__file__)], stdin=subprocess.PIPE, text=True
    )
    assert dog.stdin is not None
    dog.stdin.writelines(f"{word}\n" for word in words)
    dog.stdin.close()
    return dog


def test_the_watchdog_ends_what_was_named_and_spares_what_was_taken_back(tmp_path: Path) -> None:
    left, spared = child(tmp_path / "a", SLEEPER), child(tmp_path / "b", SLEEPER)
    for one in (left, spared):
        one.start()

    with dog_that_hears(f"+{left.pid}", f"+{spared.pid}", f"-{spared.pid}") as dog:
        until(lambda: left.exit_code is not None, 20)

    assert (left.exit_code, spared.exit_code) == (-signal.SIGTERM, None)
    assert dog.returncode == 0
    spared.stop()
    left.stop()


def test_the_watchdog_minds_nobody_who_is_gone_already(tmp_path: Path) -> None:
    gone = child(tmp_path, "pass")
    gone.start()
    pid = gone.pid
    until(lambda: gone.exit_code == 0, 20)

    with dog_that_hears(f"+{pid}", "-123456789") as dog, dog_that_hears() as idle:
        pass

    assert (dog.returncode, idle.returncode) == (0, 0)
    gone.stop()
