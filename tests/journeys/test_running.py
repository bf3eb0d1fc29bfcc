"""One office per folder, found from other terminals, on ports that are free."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from commands import settings_in

from api.ports import free_ports, is_free, refuse_taken_port, with_free_ports
from api.running import CannotStart, OneAtATime, running_office

HOLDER = """
import sys
from pathlib import Path
from api.running import OneAtATime
with OneAtATime(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_has_one_office_at_a_time(tmp_path: Path) -> None:
    with OneAtATime(tmp_path), pytest.raises(CannotStart) as refused:
        OneAtATime(tmp_path).__enter__()

    assert f"Process {os.getpid()} already runs an office in {tmp_path}" in str(refused.value)
    assert "choose another folder" in str(refused.value)
    with OneAtATime(tmp_path):
        pass


def test_a_folder_is_free_again_when_its_holder_was_killed(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
        holder.wait(20)

    with OneAtATime(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(CannotStart, match=r"cannot be used.*--dir or TILLFLOW_DATA_DIR"):
        OneAtATime(tmp_path / "file" / "data").__enter__()


def test_other_terminals_learn_where_the_office_of_a_folder_listens(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    other = settings.model_copy(update={"api_port": 1, "temporal_port": 2})

    with OneAtATime(tmp_path) as lock:
        lock.tell(settings)
        found = running_office(other)

    assert found is not None
    assert (found.api_port, found.temporal_port) == (settings.api_port, settings.temporal_port)


def test_a_folder_without_a_running_office_tells_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with OneAtATime(tmp_path) as lock:
        lock.tell(settings)

    assert running_office(settings) is None
    assert running_office(settings_in(tmp_path / "elsewhere")) is None


def test_the_lock_says_who_holds_it(tmp_path: Path) -> None:
    with OneAtATime(tmp_path):
        told = json.loads((tmp_path / "office.lock").read_text())

    assert told == {"pid": os.getpid()}


def test_a_taken_port_is_refused_by_the_name_of_its_setting() -> None:
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", 0))
        taker.listen()
        port = taker.getsockname()[1]

        with pytest.raises(CannotStart, match=rf"Port {port} is taken.*TILLFLOW_API_PORT"):
            refuse_taken_port(port, "TILLFLOW_API_PORT")


def test_a_demo_takes_other_ports_where_its_own_are_taken(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", settings.temporal_port))
        taker.listen()

        moved = with_free_ports(settings)

    assert moved.temporal_port != settings.temporal_port
    assert (moved.api_port, moved.temporal_ui_port) == (
        settings.api_port,
        settings.temporal_ui_port,
    )


def test_chosen_ports_are_different_and_free() -> None:
    ports = free_ports(5)

    assert len(set(ports)) == 5
    assert all(is_free(port) for port in ports)
