"""Programs are kept running, and none is left behind, however their master ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest
from waiting import until

from api import supervisor as supervising
from api.supervisor import Child, Supervisor

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
FALLER = "import sys; print('out of paper', flush=True); sys.exit(3)"
# A child with a child of its own, as database servers have.
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"
MASTER = """
import sys, time
from pathlib import Path
from api.supervisor import Child, Supervisor
with Supervisor(print) as supervisor:
    child = Child([sys.executable, "-c", sys.argv[1]], {}, Path(sys.argv[2]))
    supervisor.start("sleeper", child)
    print(child.pid, flush=True)
    time.sleep(600)
"""


def child(folder: Path, script: str) -> Child:
    return Child([sys.executable, "-c", script], {}, folder / "child.log")


def test_everything_that_was_started_is_stopped_with_its_children(tmp_path: Path) -> None:
    with Supervisor(print) as supervisor:
        parent = child(tmp_path, PARENT)
        supervisor.start("parent", parent)
        family = until_family_of(parent, size=2)

    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive


class Stubborn:
    """Something that cannot be stopped."""

    pid = None

    def start(self) -> None:
        pass

    def stop(self) -> None:
        raise OSError("it does not answer")


def test_what_cannot_be_stopped_hinders_nobody_else(tmp_path: Path) -> None:
    sleeper = child(tmp_path, SLEEPER)
    supervisor = Supervisor(print).__enter__()
    supervisor.start("sleeper", sleeper)
    supervisor.start("stubborn", Stubborn())

    with pytest.raises(OSError, match="it does not answer"):
        supervisor.stop()

    assert sleeper.pid is None


def test_what_falls_is_started_again_and_its_last_words_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "FIRST_DELAY_S", 0.0)
    said: list[str] = []
    with Supervisor(said.append) as supervisor:
        supervisor.start("printer", child(tmp_path, FALLER))

        until(lambda: looked(supervisor) and len(said) >= 4)

    assert said[0].startswith("printer has ended unexpectedly; starting it again in")
    assert "out of paper" in said[1]


def test_the_second_wait_is_longer_than_the_first(tmp_path: Path) -> None:
    said: list[str] = []
    with Supervisor(said.append) as supervisor:
        supervisor.start("printer", child(tmp_path, FALLER))

        until(lambda: looked(supervisor) and len(said) >= 4)

    assert said[0].endswith("in 0.5 s.")
    assert said[2].endswith("in 1 s.")


def test_what_is_meant_to_end_is_not_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    with Supervisor(said.append) as supervisor:
        once = child(tmp_path, FALLER)
        supervisor.start("once", once, again=False)
        until(lambda: once.exit_code == 3, 20)

        supervisor.look()

    assert said == []


def test_nothing_outlives_a_master_that_was_killed(tmp_path: Path) -> None:
    master = subprocess.Popen(
        [sys.executable, "-c", MASTER, PARENT, str(tmp_path / "log")],
        stdout=subprocess.PIPE,
        text=True,
    )
    with master:
        assert master.stdout is not None
        leader = psutil.Process(int(master.stdout.readline()))
        until(lambda: len(leader.children(recursive=True)) == 1, 20)
        family = [leader, *leader.children(recursive=True)]

        master.send_signal(signal.SIGKILL)

    gone, alive = psutil.wait_procs(family, timeout=20)
    assert len(gone) == 2
    assert not alive


def looked(supervisor: Supervisor) -> bool:
    supervisor.look()
    return True


def until_family_of(parent: Child, size: int) -> Sequence[psutil.Process]:
    until(lambda: parent.pid is not None, 20)
    leader = psutil.Process(parent.pid)
    until(lambda: len(leader.children(recursive=True)) == size - 1, 20)
    return [leader, *leader.children(recursive=True)]
