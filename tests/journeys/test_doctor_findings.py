"""Each finding of the doctor, good and bad, with what to do about it; and who tells of progress."""

from __future__ import annotations

import io
import shutil
import socket
import sys
from collections import namedtuple
from pathlib import Path

import psycopg
import pytest
from commands import settings_in
from rich.console import Console

from activities.settings import Settings
from api import doctor, programs, replaying
from api.board import Board
from api.doctor import Finding, Grade, examine, run_doctor
from api.engines.postgres import EmbeddedPostgres
from api.programs import ProgramFailed
from api.replaying import Seller
from api.running import OneAtATime
from api.supervisor import Child

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 -- as shutil's own


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the packages: asking them starts four programs."""
    monkeypatch.setattr(doctor, "_PACKAGES", ())


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(settings)}


@pytest.mark.parametrize(
    ("free_mb", "grade", "remedy"),
    [
        (6_000, Grade.OK, ""),
        (5_001, Grade.OK, ""),
        (5_000, Grade.WARN, "Make room"),
        (501, Grade.WARN, "Make room"),
        (500, Grade.FAIL, "Make room"),
        (0, Grade.FAIL, "Make room"),
    ],
)
def test_room_on_the_disk_is_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_mb: int, grade: Grade, remedy: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free_mb * 1_000_000))

    disk = found(settings_in(tmp_path))["disk"]

    assert (disk.grade, disk.found) == (grade, f"{free_mb:,} MB free")
    assert disk.remedy.startswith(remedy)
    assert bool(disk.remedy) is bool(remedy)


@pytest.mark.parametrize(
    ("version", "grade"),
    [
        ((3, 10, 9), Grade.FAIL),
        ((3, 11, 0), Grade.OK),
        ((3, 13, 7), Grade.OK),
        ((3, 14, 0), Grade.FAIL),
    ],
)
def test_a_python_that_is_too_old_or_too_new_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], grade: Grade
) -> None:
    monkeypatch.setattr(sys, "version_info", version)

    python = doctor._python()  # noqa: SLF001 -- another interpreter cannot be had here

    assert python.grade is grade
    assert python.found == ".".join(map(str, version))
    assert bool(python.remedy) is (grade is Grade.FAIL)


def test_a_package_that_cannot_be_asked_fails_and_one_that_answers_tells_its_version() -> None:
    def absent() -> str:
        return doctor._said("/no/such/program")  # noqa: SLF001 -- as above

    def broken() -> str:
        return doctor._said(sys.executable, "-c", "raise SystemExit(3)")  # noqa: SLF001 -- as above

    def well() -> str:
        return doctor._said(sys.executable, "-c", "print('hello'); print('9.9')")  # noqa: SLF001 -- as above

    graded = [doctor._package("lamp", ask) for ask in (absent, broken, well)]  # noqa: SLF001 -- as above

    assert [one.grade for one in graded] == [Grade.FAIL, Grade.FAIL, Grade.OK]
    assert "No such file" in graded[0].found
    assert "exit status 3" in graded[1].found
    assert graded[2].found == "9.9"
    assert all("make demo" in one.remedy for one in graded[:2])


def test_a_running_office_is_found_and_its_ports_are_not_called_taken(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with OneAtATime(tmp_path) as lock, socket.socket() as api:
        lock.tell(settings)
        api.bind(("127.0.0.1", settings.api_port))
        api.listen()

        seen = found(settings)

    assert seen["office"].found == f"running at {settings.api_url}"
    assert not [what for what in seen if what.startswith("port of")]


def test_ports_of_a_temporal_elsewhere_are_nobodys_concern(tmp_path: Path) -> None:
    own = settings_in(tmp_path)
    elsewhere = own.model_copy(update={"temporal_address": "127.0.0.1:1"})

    ports = [what for what in found(elsewhere) if what.startswith("port of")]

    assert ports == ["port of API"]
    assert "port of Temporal UI" in found(own)


def test_addresses_that_answer_are_well_and_others_name_their_setting(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        settings = settings_in(tmp_path).model_copy(
            update={
                "database_url": f"postgresql://me@127.0.0.1:{port}/shop",
                "temporal_address": "127.0.0.1:1",
            }
        )

        seen = found(settings)

    assert seen["PostgreSQL"].found == f"127.0.0.1:{port} answers"
    assert seen["Temporal"].grade is Grade.FAIL
    assert "correct TILLFLOW_TEMPORAL_ADDRESS" in seen["Temporal"].remedy


@pytest.mark.parametrize(("folder", "code"), [("data", 0), ("file/data", 1)])
def test_the_doctor_ends_with_1_when_an_office_could_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, code: int
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 10**12))
    console = Console(file=io.StringIO(), width=200)

    ended = run_doctor(settings_in(tmp_path / folder), console)

    assert isinstance(console.file, io.StringIO)
    assert ended == code
    assert ("fail" in console.file.getvalue()) is bool(code)
    assert "1,000,000 MB free" in console.file.getvalue()


def test_programs_with_a_role_of_their_own_are_well(tmp_path: Path, postgres_url: str) -> None:
    settings = settings_in(tmp_path).model_copy(update={"database_url": postgres_url})

    assert found(settings)["database role"] == Finding(Grade.OK, "database role", "tillflow_office")


def test_programs_that_work_as_the_schemas_owner_are_told_what_to_do(
    tmp_path: Path, postgres: EmbeddedPostgres
) -> None:
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as owner:
        owner.execute("CREATE ROLE stranger LOGIN")
    address = postgres.url("postgres").replace("postgres@", "stranger@")
    settings = settings_in(tmp_path).model_copy(update={"database_url": address})

    finding = found(settings)["database role"]

    with psycopg.connect(postgres.url("postgres"), autocommit=True) as owner:
        owner.execute("DROP ROLE stranger")
    assert (finding.grade, finding.found) == (Grade.WARN, "the schema's owner")
    assert "GRANT tillflow_office TO" in finding.remedy


def test_nothing_is_cut_off_in_a_narrow_terminal(tmp_path: Path) -> None:
    folder = (
        tmp_path / "a-folder-[red]-whose-name-is-longer-than-the-terminal-of-this-office-is-wide"
    )
    console = Console(file=io.StringIO(), width=80)

    run_doctor(settings_in(folder), console)

    assert isinstance(console.file, io.StringIO)
    drawn = console.file.getvalue()
    columns = [line.split("│") for line in drawn.splitlines() if line.count("│") >= 4]
    assert "…" not in drawn
    assert str(folder) in "".join(column[3].strip() for column in columns)


def test_a_program_that_fails_is_told_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "lamp.py").write_text("print('\\n'.join(map(str, range(20)))); raise SystemExit(2)")

    with pytest.raises(ProgramFailed) as told:
        programs.run(settings_in(tmp_path), "lamp", "1", "2", "3", "4")

    *words, last = str(told.value).splitlines()
    assert words == [str(n) for n in range(12, 20)]
    assert last == "(`python -m lamp 1 2 …` said so)"


def test_a_file_of_the_users_own_folder_does_not_stand_in_for_a_program_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "analytics.py").write_text("print('not ours')")
    (tmp_path / "activities").mkdir()
    (tmp_path / "activities" / "__main__.py").write_text("print('not ours')")

    told = [
        programs.run(settings_in(tmp_path), module, "--help")
        for module in ("analytics", "activities")
    ]

    assert "not ours" not in "".join(told)


def test_a_program_that_does_not_end_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(programs, "RUN_WITHIN_S", 0.2)
    (tmp_path / "lamp.py").write_text(
        "input() if False else __import__('threading').Event().wait()"
    )

    with pytest.raises(ProgramFailed, match=r"^`python -m lamp` did not end within 0.2 s\.$"):
        programs.run(settings_in(tmp_path), "lamp")


def test_an_answer_in_json_is_the_last_line_and_the_settings_are_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    script = "import json, os; print('so'); print(json.dumps(os.environ['TILLFLOW_API_PORT']))"
    (tmp_path / "lamp.py").write_text(script)
    settings = settings_in(tmp_path)

    assert programs.run_json(settings, "lamp") == str(settings.api_port)
    assert programs.forward(settings, "lamp") == 0


def test_a_seller_reports_each_whole_line_once(tmp_path: Path) -> None:
    log = tmp_path / "seller.log"
    log.write_text('{"lines": 1}\n')
    seller = Seller(Child([], {}, log))
    with log.open("a") as file:
        file.write('{"lines": 2}\nhello\n{"lines": 3}\n{"lines"')

    first = list(seller.progress())
    again = list(seller.progress())
    with log.open("a") as file:
        file.write(": 4}\n")

    assert (first, again) == ([{"lines": 2}, {"lines": 3}], [])
    assert list(seller.progress()) == [{"lines": 4}]
    assert list(Seller(Child([], {}, tmp_path / "none.log")).progress()) == []


def test_tills_are_shared_out_so_that_no_worker_has_much_more_than_another() -> None:
    tills = [("a", 90), ("b", 50), ("c", 40), ("d", 30), ("e", 10)]

    shares = replaying._shares(tills, 2)  # noqa: SLF001 -- seen from outside only on many cores

    assert shares == [["a", "d"], ["b", "c", "e"]]
    assert replaying._shares(tills, 9) == [["a"], ["b"], ["c"], ["d"], ["e"]]  # noqa: SLF001 -- as above


def test_a_board_is_silent_while_no_office_answers(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=200)

    with Board(settings_in(tmp_path), console) as board:
        board.look()

    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""
