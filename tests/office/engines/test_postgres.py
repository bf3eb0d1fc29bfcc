"""An embedded PostgreSQL: in any folder, taken over after a crash, gone when stopped."""

from __future__ import annotations

import os
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from waiting import until

from api.engines.postgres import EmbeddedPostgres, PostgresProblem

ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tillflow-pg-") as path:
        yield Path(path)


def _answer(server: EmbeddedPostgres) -> object:
    with psycopg.connect(server.url("postgres")) as connection:
        row = connection.execute("SELECT lower('ÄÖÜ')").fetchone()
        return row and row[0]


def test_it_keeps_its_data_over_restarts_and_leaves_nothing_running(folder: Path) -> None:
    with EmbeddedPostgres(folder / "pg") as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE kept")
        pid = server.pid
    assert pid is not None
    assert server.pid is None

    with EmbeddedPostgres(folder / "pg") as server, psycopg.connect(server.url("kept")):
        assert server.pid != pid

    with pytest.raises(psycopg.OperationalError):
        _answer(server)


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_what_is_committed_is_on_the_disk(postgres: EmbeddedPostgres, setting: str) -> None:
    with psycopg.connect(postgres.url("postgres")) as connection:
        (value,) = connection.execute(f"SHOW {setting}").fetchone() or ("nothing",)

    assert value == "on"


def test_text_is_unicode_also_for_lower_case(folder: Path) -> None:
    with EmbeddedPostgres(folder / "pg") as server:
        assert _answer(server) == "äöü"


def test_a_folder_with_a_long_name_with_spaces_gets_its_socket_elsewhere(folder: Path) -> None:
    with EmbeddedPostgres(folder / ("a long name " * 9) / "it's pg") as server:
        assert _answer(server)
        (socket_folder,) = parse_qs(urlsplit(server.url()).query)["host"]
        assert Path(socket_folder).exists()

    assert not Path(socket_folder).exists()


def test_a_server_that_was_left_running_is_taken_over(folder: Path) -> None:
    left = EmbeddedPostgres(folder / "pg")
    left.start()

    with EmbeddedPostgres(folder / "pg") as server:
        assert server.pid == left.pid

    assert left.pid is None


def test_a_pid_file_that_names_another_process_by_now_does_not_matter(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "pg")
    server.start()
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: server.pid is None)

    if ROOT:
        lines = (folder / "pg" / "postmaster.pid").read_text().split("\n")
        lines[0] = str(os.getpid())
        (folder / "pg" / "postmaster.pid").write_text("\n".join(lines))
    until(lambda: _starts(server))

    assert _answer(server)
    server.stop()


def _starts(server: EmbeddedPostgres) -> bool:
    try:
        server.start()
    except PostgresProblem:
        return False
    return True


@pytest.mark.skipif(not ROOT, reason="only root has to run it as somebody else")
def test_roots_server_runs_as_another_user_below_a_folder_that_only_root_may_list(
    folder: Path,
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)

    with EmbeddedPostgres(closed / "pg") as server:
        owner = Path(f"/proc/{server.pid}").stat().st_uid
        assert _answer(server)

    assert owner != 0
    assert stat.S_IMODE(closed.stat().st_mode) == 0o701


def test_a_cluster_that_cannot_start_says_why_and_where_its_report_is(folder: Path) -> None:
    with EmbeddedPostgres(folder / "pg"):
        pass
    (folder / "pg" / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(
        PostgresProblem, match=r"pg_ctl in .*no_such_setting.* Its own report is in"
    ):
        EmbeddedPostgres(folder / "pg").start()
