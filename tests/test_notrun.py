import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent

LACKING = """
from notrun import not_run

def test_draws_a_window():
    not_run("no EGL library", "apt install libegl1")
"""
WHOLE_FILE_LACKING = """
from notrun import not_run

not_run("no strace", "apt install strace")
"""
WANTS_DATA = """
from notrun import optional_data

def test_reads_real_sales():
    optional_data("sales.parquet")
"""
LEAVES_A_DAEMON = """
import subprocess, sys

def test_forgets_a_process():
    waiting = "import os, signal; os.fork() and os._exit(0); signal.pause()"
    subprocess.run([sys.executable, "-c", waiting], check=True, start_new_session=True)
"""


class Session:
    """Runs pytest on one test file with the plugins of this project."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def run(self, source: str, **environment: str) -> tuple[int, str]:
        (self.folder / "test_it.py").write_text(source)
        (self.folder / "pytest.ini").write_text("[pytest]\n")
        finished = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "notrun", "-p", "leftovers", "test_it.py"],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        return finished.returncode, finished.stdout


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path, {"PYTHONPATH": str(HERE), "PATH": "/usr/bin:/bin"})


def test_what_a_machine_lacks_is_listed_with_its_remedy(session: Session) -> None:
    code, output = session.run(LACKING)

    assert code == 0
    assert "- NOT RUN -" in output
    assert "no EGL library -- remedy: apt install libegl1 (1 skipped)" in output


def test_on_ci_what_a_machine_lacks_is_a_failure(session: Session) -> None:
    code, output = session.run(LACKING, CI="true")

    assert code == 1
    assert "CI=true: what is not run counts as a failure." in output


def test_a_whole_file_that_cannot_run_is_a_failure_on_ci_as_well(session: Session) -> None:
    code, output = session.run(WHOLE_FILE_LACKING, CI="true")

    assert code == 1
    assert "no strace -- remedy: apt install strace (1 skipped)" in output


def test_absent_optional_data_is_told_and_never_a_failure(session: Session, tmp_path: Path) -> None:
    code, output = session.run(WANTS_DATA, CI="true", TILLFLOW_DATASETS=str(tmp_path))

    assert code == 0
    assert "sales.parquet -- remedy: set TILLFLOW_DATASETS" in output


def test_optional_data_that_is_there_is_used(session: Session, tmp_path: Path) -> None:
    (tmp_path / "sales.parquet").touch()

    code, output = session.run(WANTS_DATA, TILLFLOW_DATASETS=str(tmp_path))

    assert code == 0
    assert "1 passed" in output


def test_a_process_left_running_fails_the_session_even_as_a_daemon(session: Session) -> None:
    code, output = session.run(LEAVES_A_DAEMON)

    assert code == 1
    assert "- STILL RUNNING -" in output
