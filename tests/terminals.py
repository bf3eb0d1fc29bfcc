"""`tillflow up` on a terminal of its own, with somebody who answers what it asks."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from commands import DONE_WITHIN_S, OWNER, UP_WITHIN_S, environment_of

from activities.settings import Settings

_AT_ONCE = 4096
_LOOK_EVERY_S = 0.2


def said_on_a_terminal(settings: Settings, talk: Sequence[tuple[str, str]], ends: str) -> str:
    """Answer each question in turn, stop it by Ctrl-C after `ends`; return what was to be seen."""
    ours, theirs = pty.openpty()
    around = {name: text for name, text in environment_of(settings).items() if name not in OWNER}
    # `setsid --ctty` because passwords are asked for on the process's own terminal, not on stdin.
    line = ["setsid", "--ctty", sys.executable, "-u", "-m", "api.cli", "up"]
    running = subprocess.Popen(line, env=around, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        said = ""
        for question, answer in talk:
            said += _until(ours, question)
            os.write(ours, f"{answer}\n".encode())
        said += _until(ours, ends)
        running.send_signal(signal.SIGINT)
        running.wait(DONE_WITHIN_S)
    finally:
        running.kill()
        running.wait(DONE_WITHIN_S)
        os.close(ours)
    return said


def _until(terminal: int, words: str) -> str:
    said, deadline = "", time.monotonic() + UP_WITHIN_S
    while words not in said:
        assert time.monotonic() < deadline, said
        if select.select([terminal], [], [], _LOOK_EVERY_S)[0]:
            said += os.read(terminal, _AT_ONCE).decode(errors="replace")
    return said
