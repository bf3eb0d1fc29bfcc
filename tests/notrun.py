"""Skip what this machine cannot run, say so at the end, and let CI refuse to call that a pass.

Two kinds of skip exist. `not_run` is for something the machine lacks and could have: it is listed
with its remedy, and with CI=true it fails the session. `optional_data` is for real data sets that
nobody has to own: it is listed too, and never fails.
"""

import os
from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest

PROJECT = Path(__file__).resolve().parent.parent
NOT_RUN = "NOT RUN: "
NO_DATA = "OPTIONAL DATA absent: "


def not_run(what: str, remedy: str) -> NoReturn:
    """Skip the calling test, or all users of the calling fixture, for want of something."""
    pytest.skip(f"{NOT_RUN}{what} -- remedy: {remedy}", allow_module_level=True)


def optional_data(name: str) -> Path:
    """Give the path of a real data file, or skip where the machine does not have it."""
    folder = Path(os.environ.get("TILLFLOW_DATASETS") or PROJECT.parent / "shared" / "data")
    if not (folder / name).exists():
        pytest.skip(
            f"{NO_DATA}{name} -- remedy: set TILLFLOW_DATASETS to the folder that holds it",
            allow_module_level=True,
        )
    return folder / name


class Skips:
    """Collects the reasons of one session and tells them at its end."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._count(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._count(report)

    def _count(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            self.counted[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1

    def starting_with(self, prefix: str) -> list[str]:
        return [
            f"{reason.removeprefix(prefix)} ({times} skipped)"
            for reason, times in sorted(self.counted.items())
            if reason.startswith(prefix)
        ]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        green = session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
        if green and on_ci() and self.starting_with(NOT_RUN):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        missing, absent = self.starting_with(NOT_RUN), self.starting_with(NO_DATA)
        if missing:
            terminalreporter.section("NOT RUN", sep="-")
            terminalreporter.write("".join(f"{line}\n" for line in missing))
            if on_ci():
                terminalreporter.write_line("CI=true: what is not run counts as a failure.")
        if absent:
            terminalreporter.section("OPTIONAL DATA absent", sep="-")
            terminalreporter.write("".join(f"{line}\n" for line in absent))


def on_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true"}


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Skips(), "tillflow-skips")
