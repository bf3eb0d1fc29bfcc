"""A real ext4 on a disk that writes down what it is told, cut from power and mounted again.

A loop device carries ext4 and stands on a file of recording_disk.py; a till sells on that. Then the
disk is put together as each power cut may leave it, and ext4 and the till have to cope.

Started as a program, in mounts and processes of its own: when it ends, in whatever way, or when
whoever started it does, the kernel ends all of its processes, and with the last of them go its
mounts and loop devices. `power_lab.py cut FOLDER SALES SEED EACH` prints what was found, as JSON.
`power_lab.py sell DISK PLACE SALES` is the part of it that mounts the recording disk.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from ctypes.util import find_library
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypedDict

from faults.power_cut import Deed, Files, Kind, cuts
from faults.recording_disk import DISK, SAID, noted
from faults.selling_till import DONE
from faults.tills_found import Survey, command
from notrun import not_run
from waiting import until

from till_kivy.keystore import FileKeyStore

SIZE, BLOCK, JOURNAL_MB = "9M", 4096, 4  # the smallest that mke2fs gives a journal at this block
PROGRAM, RECORDING_DISK = Path(__file__), Path(__file__).with_name("recording_disk.py")
TOOLS = {"mke2fs": "e2fsprogs", "mount": "mount", "unshare": "util-linux", "setpriv": "util-linux"}
DEVICES = {"/dev/fuse": "fuse", "/dev/loop-control": "loop"}
ENOUGH = 5
ALONE = "setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child".split()
# ext4 must not be among the mounts of the process that serves its disk: were that the last to be
# killed, the kernel would unmount ext4 in it, and wait for the disk for ever.
APART = "unshare --mount".split()


class Found(TypedDict):
    """How many states were looked at, the first problems, and sales that no flush preceded."""

    states: int
    problems: list[str]
    unflushed: int


@cache
def insist() -> None:
    """NOT RUN where no file system can be mounted, with what to do about it."""
    what = "power cuts below ext4:"
    for tool, package in TOOLS.items():
        if shutil.which(tool) is None:
            not_run(f"{what} no {tool}", f"apt install {package}")
    if not find_library("fuse") and not find_library("fuse3"):
        not_run(f"{what} no libfuse", "apt install fuse3")
    for device, module in DEVICES.items():
        if not Path(device).exists():
            not_run(f"{what} no {device}", f"modprobe {module}")
    if os.geteuid() != 0:
        not_run(f"{what} only root mounts file systems", "run the tests as root")
    if subprocess.run([*ALONE, "true"], check=False, capture_output=True).returncode:
        not_run(f"{what} mounting is forbidden", "give the container CAP_SYS_ADMIN")


def laboratory(*arguments: object) -> list[str]:
    """Return the command that does an experiment; `FOLDER SALES SEED EACH`."""
    insist()
    return [*ALONE, sys.executable, str(PROGRAM), "cut", *map(str, arguments)]


def formatted(image: Path) -> bytes:
    """Make a file an empty ext4 and return what is in it then."""
    now_not_later = "nodiscard,lazy_itable_init=0,lazy_journal_init=0"
    options = ["-b", str(BLOCK), "-J", f"size={JOURNAL_MB}", "-E", now_not_later]
    image.touch()
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", *options, image, SIZE], check=True)
    return image.read_bytes()


@contextmanager
def mounted(disk: Path, place: Path) -> Iterator[Path]:
    """Mount the ext4 in a file; the loop device goes when it is unmounted."""
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "ext4", "-o", "loop", disk, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@contextmanager
def recording(image: Path, log: Path, place: Path) -> Iterator[Path]:
    """Show the image as a disk that writes down in a log what is done to it."""
    place.mkdir()
    program = [sys.executable, *map(str, (RECORDING_DISK, image, log, place))]
    with subprocess.Popen(program) as server, ExitStack() as at_the_end:
        at_the_end.callback(server.kill)
        until((place / DISK).exists)
        yield place
        subprocess.run(["umount", place], check=True)
        server.wait(60)


def recorded(folder: Path, sales: int) -> tuple[bytes, list[Deed]]:
    """Let a till sell; return the disk before, and what was done to it until it was unmounted."""
    FileKeyStore(folder).create()
    image, log = folder / "image", folder / "log"
    before = formatted(image)
    with (
        recording(image, log, folder / "fuse") as disk,
        (disk / SAID).open("r+b", buffering=0) as mouth,
    ):
        what = map(str, ("sell", disk / DISK, folder / "till", sales))
        program = [*APART, sys.executable, str(PROGRAM), *what]
        subprocess.run(program, stdout=mouth, check=True, timeout=600)
    return before, list(noted(log))


def sell(disk: Path, place: Path, sales: int) -> None:
    """Mount the disk and let a till sell there, whose words go where this program's would."""
    with mounted(disk, place):
        subprocess.run(command("sell", place, sales), check=True)


def blocks(deed: Deed) -> Iterator[Deed]:
    """Take a long write apart: a disk may have any of its blocks on it when the power goes.

    The first block, with the superblock, stays whole: ext4 does not mount one that is torn, and
    counts on disks that write at least 1 KiB at once, as cards and flash memory do.
    """
    for at in range(0, max(1, len(deed.content)), BLOCK):
        block = replace(deed, at=deed.at + at, content=deed.content[at : at + BLOCK])
        yield replace(block, whole=block.kind is Kind.WRITE and block.at == 0)


def unflushed(deeds: Iterable[Deed]) -> int:
    """Count the sales that were acknowledged without a flush since what was said before."""
    flushed, count = False, 0
    for deed in deeds:
        if deed.kind is Kind.SAY:
            count += not flushed and deed.content.strip() != DONE.encode()
        flushed = deed.kind is Kind.SYNC or (flushed and deed.kind is not Kind.SAY)
    return count


@contextmanager
def mounted_again(files: Files, folder: Path) -> Iterator[Path]:
    """Make a disk of a state and mount it, whereupon ext4 replays its own journal."""
    image = folder.with_suffix(".image")
    image.write_bytes(files[DISK])
    with mounted(image, folder) as place:
        yield place


def experiment(folder: Path, sales: int, seed: int, each: int) -> Found:
    """Sell, cut the power everywhere, and tell what is wrong afterwards."""
    before, deeds = recorded(folder, sales)
    begun = (
        Deed(Kind.CREATE, DISK),
        Deed(Kind.SYNC_FOLDER),
        Deed(Kind.WRITE, DISK, 0, before),
        Deed(Kind.SYNC, DISK),
    )
    single = [block for deed in deeds for block in blocks(deed)]
    survey = Survey(folder, lay=mounted_again)
    problems = survey.problems(cuts(single, random.Random(seed), each, begun))
    return Found(
        problems=list(islice(problems, ENOUGH)), states=survey.states, unflushed=unflushed(deeds)
    )


if __name__ == "__main__":
    what, where, *rest = sys.argv[1:]
    if what == "sell":
        sell(Path(where), Path(rest[0]), int(rest[1]))
    else:
        # In memory, so that no flush of the made-up disk waits for a real one.
        subprocess.run(["mount", "-t", "tmpfs", "laboratory", where], check=True)
        json.dump(experiment(Path(where), *map(int, rest)), sys.stdout)
