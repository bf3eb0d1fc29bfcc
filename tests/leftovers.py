"""Fail a session that leaves a process running, also one that has become a daemon.

Every process a test starts inherits a mark in its environment. A database server that detached
itself is no child any more, but it still carries the mark.
"""

import os
import uuid
from contextlib import suppress

import psutil
import pytest

MARK = "TILLFLOW_TEST_SESSION"
GRACE_S = 3.0


class Leftovers:
    """Marks what a session starts, and looks for the mark when it ends."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.found: list[str] = []

    # Last, so that the fixtures of the whole session have stopped what they started.
    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        _, alive = psutil.wait_procs(marked(self.mark), timeout=GRACE_S)
        self.found = [described(process) for process in alive]
        for process in alive:
            end(process)
        if self.found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.found:
            terminalreporter.section("STILL RUNNING", sep="-", red=True)
            terminalreporter.write("".join(f"{line}\n" for line in self.found))


def marked(mark: str) -> list[psutil.Process]:
    """Processes started by this session, the session itself excepted."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and carries(process, mark)
    ]


def carries(process: psutil.Process, mark: str) -> bool:
    try:
        helper = any("multiprocessing.resource_tracker" in word for word in process.cmdline())
        # Python stops its resource tracker itself, after the last hook has run.
        return not helper and process.environ().get(MARK) == mark
    except (psutil.Error, OSError):
        return False


def end(process: psutil.Process) -> None:
    """Kill it: the session has failed already, and the next one needs its ports and files."""
    with suppress(psutil.Error):
        process.kill()


def described(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:200]}"
    except psutil.Error:
        return f"{process.pid} (gone while being looked at)"


def pytest_configure(config: pytest.Config) -> None:
    mark = uuid.uuid4().hex
    os.environ[MARK] = mark
    config.pluginmanager.register(Leftovers(mark), "tillflow-leftovers")
