"""Promise 2 below ext4: the disk loses its cache, ext4 replays its journal, the till its own."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from faults.power_cut import Deed, Kind, torn
from faults.power_lab import BLOCK, Found, blocks, laboratory, unflushed
from faults.recording_disk import DISK, note, noted
from faults.selling_till import NORMAL
from faults.tills_found import environment
from waiting import until

pytestmark = pytest.mark.timeout(1800)  # the experiment has a deadline of its own, see found()


@pytest.fixture(autouse=True)
def nothing_stays_mounted(tmp_path: Path) -> Iterator[None]:
    yield
    until(lambda: held_below(tmp_path) == [])


def held_below(folder: Path) -> list[str]:
    """Return the loop devices and mounts that a folder's files hold."""
    loops = Path("/sys/block").glob("loop*/loop/backing_file")
    backing = [line for loop in loops for line in read(loop).splitlines()]
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [place for place in (*backing, *mounts) if Path(place).is_relative_to(folder)]


def read(file: Path) -> str:
    """Read a file that may vanish."""
    try:
        return file.read_text()
    except OSError:
        return ""


def found(folder: Path, sales: int, seed: int, each: int, sabotage: str = "") -> Found:
    done = subprocess.run(
        laboratory(folder, sales, seed, each),
        env=environment(sabotage),
        stdout=subprocess.PIPE,
        check=True,
        timeout=1700,
    )
    answer: Found = json.loads(done.stdout)
    return answer


@pytest.mark.seeds(1, 9)
def test_a_power_cut_below_ext4_loses_no_acknowledged_sale(tmp_path: Path, seed: int) -> None:
    after = found(tmp_path, sales=5, seed=seed, each=1)

    assert after["problems"] == []
    assert after["states"] > 150
    assert after["unflushed"] == 0


def test_sabotage_a_till_on_ext4_that_does_not_wait_for_the_disk_is_caught(tmp_path: Path) -> None:
    after = found(tmp_path, sales=5, seed=2, each=0, sabotage=NORMAL)

    assert any("acknowledged sales are lost" in problem for problem in after["problems"])
    assert after["unflushed"] > 0


def test_nothing_stays_mounted_when_the_test_is_killed(tmp_path: Path) -> None:
    command = laboratory(tmp_path, 100_000, 1, 0)
    # A shell between, as pytest would be: it is what dies, and the laboratory has to notice.
    with subprocess.Popen(["sh", "-c", '"$@"; true', "sh", *command], env=environment()) as shell:
        until(lambda: str(tmp_path / "fuse" / DISK) in held_below(tmp_path))
        below_it = psutil.Process(shell.pid).children(recursive=True)

        shell.kill()

    # One that waits for its own disk would stay for ever, and hold a nameless loop device.
    _, alive = psutil.wait_procs(below_it, timeout=20)
    assert alive == []


def test_what_a_disk_was_told_is_read_as_it_was_written(tmp_path: Path) -> None:
    deeds = [
        Deed(Kind.WRITE, DISK, 4096, b"two\nlines\n"),
        Deed(Kind.SYNC, DISK),
        Deed(Kind.SAY, content=b"sold\n"),
    ]
    with (tmp_path / "log").open("wb") as log:
        for deed in deeds:
            note(log, deed)

    assert list(noted(tmp_path / "log")) == deeds


def test_a_long_write_may_arrive_block_by_block() -> None:
    flush = Deed(Kind.SYNC, DISK)
    long = Deed(Kind.WRITE, DISK, 8192, b"a" * BLOCK + b"b" * BLOCK)

    single = [block for deed in (long, flush) for block in blocks(deed)]

    assert single == [
        Deed(Kind.WRITE, DISK, 8192, b"a" * BLOCK),
        Deed(Kind.WRITE, DISK, 8192 + BLOCK, b"b" * BLOCK),
        flush,
    ]


def test_the_superblock_is_never_torn() -> None:
    superblock, next_block = blocks(Deed(Kind.WRITE, DISK, 0, bytes(2 * BLOCK)))

    assert {torn(superblock, random.Random(seed)) for seed in range(20)} == {superblock}
    assert len({torn(next_block, random.Random(seed)) for seed in range(20)}) > 5


def test_a_sale_said_before_its_flush_is_counted() -> None:
    flush, say = Deed(Kind.SYNC, DISK), Deed(Kind.SAY, content=b"sale\n")

    assert unflushed([flush, say, flush, say]) == 0
    assert unflushed([flush, say, say, flush]) == 1
