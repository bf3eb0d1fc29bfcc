"""Promise 1: a till killed at any moment loses and doubles nothing (and sabotage is caught)."""

from __future__ import annotations

import os
import random
import subprocess
import threading
from pathlib import Path

import pytest
from faults.selling_till import EARLY
from faults.tills_found import Said, all_problems, command, environment, problems, strace

from till_kivy.keystore import FileKeyStore

SALES = 7
# More system calls of a kind than seven sales make: the last tills of a range finish unharmed.
CALLS = {"pwrite64": 150, "fsync": 40}


def killed_at_each(
    call: str, folder: Path, first: int, last: int, *, sabotage: str = ""
) -> list[str]:
    """Kill one till after the other, each at its n-th system call, and tell what is wrong."""
    keys = FileKeyStore(folder)
    keys.create()
    subprocess.run(
        [
            *(strace(), "-f", "-qqq", "-o", os.devnull, "-e", f"trace={call}"),
            *("-e", f"inject={call}:signal=KILL:when={last}"),
            *command("range", folder, SALES, call, first, last),
        ],
        env=environment(sabotage),
        check=True,
        timeout=600,
    )
    return all_problems((folder / str(nth) for nth in range(first, last + 1)), keys)


def killed_at_random(folder: Path, rounds: int, seed: int) -> list[str]:
    """Kill the same till again and again while it sells, and tell what is wrong in the end."""
    keys, chance, acknowledged = FileKeyStore(folder), random.Random(seed), []
    keys.create()
    found: list[str] = []
    for _ in range(rounds):
        said = one_life(folder, chance)
        acknowledged += said.acknowledged
        found += problems(folder, keys, Said(acknowledged, [], [], done=False))
    assert acknowledged, "no till lived long enough to sell"
    return found


def one_life(folder: Path, chance: random.Random) -> Said:
    """Let a till sell until it is killed, a random moment after a random sale."""
    with subprocess.Popen(
        command("sell", folder, 100_000), env=environment(), stdout=subprocess.PIPE, text=True
    ) as till:
        assert till.stdout is not None
        heard = [till.stdout.readline() for _ in range(chance.randrange(1, 40))]
        threading.Event().wait(chance.uniform(0, 0.003))
        till.kill()
        return Said.of("".join(heard) + till.stdout.read())


@pytest.mark.parametrize("call", ["pwrite64", "fsync"])
def test_a_till_killed_at_any_write_of_its_first_sales_loses_nothing(
    call: str, tmp_path: Path
) -> None:
    found = killed_at_each(call, tmp_path, 1, CALLS[call])

    assert found == []
    assert_every_death_was_tried([tmp_path / str(nth) for nth in range(1, CALLS[call] + 1)])


def assert_every_death_was_tried(folders: list[Path]) -> None:
    """The range begins before the journal exists and ends behind the last sale."""
    fates = [Said.of((folder / "said.txt").read_text()) for folder in folders]
    assert fates[0].acknowledged == []
    assert fates[-1].done
    assert {len(fate.acknowledged) for fate in fates} == set(range(SALES + 1))


@pytest.mark.seeds(1, 17)
def test_a_till_killed_at_random_moments_of_a_day_loses_nothing(tmp_path: Path, seed: int) -> None:
    assert killed_at_random(tmp_path, rounds=25, seed=seed) == []


def test_sabotage_a_till_that_acknowledges_before_it_commits_is_caught(tmp_path: Path) -> None:
    found = killed_at_each("pwrite64", tmp_path, 80, 110, sabotage=EARLY)

    assert any("acknowledged sales are lost" in problem for problem in found)
