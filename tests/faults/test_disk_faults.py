"""Promise 12: a full or failing disk refuses a sale in words, leaves nothing half-written, and
the till sells on by itself as soon as the disk does (and sabotage is caught).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from faults.selling_till import LEAVE, SWALLOW
from faults.tills_found import Said, all_problems, command, environment, strace
from notrun import not_run

from till_kivy.keystore import FileKeyStore

SALES = 5
Fault = tuple[str, str, int, int]
# The call that fails, with what, how many times in a row, and how many such calls the sales make.
FAULTS = [("pwrite64", "ENOSPC", 3, 100), ("pwrite64", "EIO", 1, 100), ("fsync", "EIO", 1, 25)]


def failing_at_each(fault: Fault, folder: Path, *, first: int = 1, sabotage: str = "") -> list[str]:
    """Let one till after the other meet a failing disk at its n-th call; tell what is wrong."""
    call, error, times, calls = fault
    keys = FileKeyStore(folder)
    keys.create()
    subprocess.run(
        [
            *(strace(), "-f", "-qqq", "-o", os.devnull, "-e", f"trace={call}"),
            *("-e", f"inject={call}:error={error}:when={calls}..{calls + times - 1}"),
            *command("range", folder, SALES, call, first, calls),
        ],
        env=environment(sabotage),
        check=True,
        timeout=600,
    )
    return all_problems((folder / str(nth) for nth in range(first, calls + 1)), keys)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[0]}-{fault[1]}")
def test_a_failing_disk_costs_no_recorded_sale_and_the_till_sells_on(
    fault: Fault, tmp_path: Path
) -> None:
    assert failing_at_each(fault, tmp_path) == []

    fates = [Said.of((tmp_path / str(n) / "said.txt").read_text()) for n in range(1, fault[3] + 1)]
    assert all(fate.done for fate in fates)
    assert sum(len(fate.refused) for fate in fates) >= SALES
    assert {answers(fate) for fate in fates} == {SALES}


def answers(fate: Said) -> int:
    """Count what the cashier was told: no sale stays without an answer."""
    return len(fate.acknowledged) + len(fate.refused) + len(fate.uncertain)


def test_a_disk_that_fails_again_at_once_leaves_an_honest_doubt(tmp_path: Path) -> None:
    """Not to know is told as such: nothing is called refused that a restart may find recorded."""
    assert failing_at_each(("fsync", "EIO", 3, 20), tmp_path, first=10) == []

    fates = [Said.of((tmp_path / str(n) / "said.txt").read_text()) for n in range(10, 21)]
    assert any(fate.uncertain for fate in fates)


def test_sabotage_a_till_that_swallows_the_disks_error_is_caught(tmp_path: Path) -> None:
    found = failing_at_each(("pwrite64", "ENOSPC", 3, 70), tmp_path, first=50, sabotage=SWALLOW)

    assert any("acknowledged sales are lost" in problem for problem in found)


def test_sabotage_a_till_that_leaves_a_failed_commit_in_the_log_is_caught(tmp_path: Path) -> None:
    found = failing_at_each(("fsync", "EIO", 1, 25), tmp_path, sabotage=LEAVE)

    assert any("a refused sale was recorded" in problem for problem in found)


FULL_DISK = """
mount -t tmpfs -o size=400k tmpfs "$0" && cp "$0.keys/"*.key "$0/"
"$@" sell "$0" 400 > "$0.said" || exit 1
cp "$0"/journal.sqlite* "$0.after/"
"""


def test_a_full_disk_is_told_for_every_sale_it_does_not_take(tmp_path: Path) -> None:
    if not may_mount():
        not_run(
            "a disk that is really full: no unshare", "apt install util-linux, allow namespaces"
        )
    folder, after = tmp_path / "till", tmp_path / "till.after"
    keys = FileKeyStore(tmp_path / "till.keys")
    keys.create()
    folder.mkdir()
    after.mkdir()

    subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL_DISK, str(folder), *command()],
        env=environment(),
        check=True,
        timeout=60,
    )

    said = Said.of((tmp_path / "till.said").read_text())
    assert said.refused
    assert said.acknowledged
    (after / "said.txt").write_text((tmp_path / "till.said").read_text())
    renamed = after.rename(tmp_path / "1")
    assert all_problems([renamed], keys) == []


def may_mount() -> bool:
    tool = shutil.which("unshare")
    return tool is not None and not subprocess.run([tool, "-rm", "true"], check=False).returncode
