"""A small program that outlives its master only to stop what the master has left running.

The supervisor starts it once and writes `+PID` and `-PID` lines into its standard input. When that
ends without a goodbye (the master was killed), every process group named by then is ended.
Standard library only and run with `python -I -S`, so that it is up in a few milliseconds.
"""

import os
import signal
import sys
import time

PATIENCE_S = 10.0
LOOK_EVERY_S = 0.1


def main() -> None:
    """Listen until the master is gone, then end what it has left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    left: set[int] = set()
    for line in sys.stdin:
        pid = int(line[1:])
        if line.startswith("+"):
            left.add(pid)
        else:
            left.discard(pid)
    _end(left)


def _end(groups: set[int]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    left = {group for group in groups if _signal(group, signal.SIGTERM)}
    while left and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
        left = {group for group in left if _signal(group, 0)}
    for group in left:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
