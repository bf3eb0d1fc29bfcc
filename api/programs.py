"""Running this project's other programs: each gets its settings by its environment alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from activities.settings import Settings

RUN_WITHIN_S = 1800
_MOST_LINES_TOLD = 8
_WORDS_TOLD = 4


class ProgramFailed(Exception):
    """A program of ours ended with an error; the sentence is what it said last."""


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment that gives a child process exactly these settings."""
    return {**os.environ, **settings.as_environment()}


def command(module: str, *arguments: object) -> list[str]:
    """Return the command line of `python -m module …` in this very environment.

    With `-P`, so that an `api.py` in the user's own folder does not stand in for ours.
    """
    return [sys.executable, "-P", "-m", module, *(str(argument) for argument in arguments)]


def run(settings: Settings, module: str, *arguments: object, told: str = "", **secrets: str) -> str:
    """Run a program to its end and return what it printed; raise `ProgramFailed`.

    `told` is its standard input, `secrets` are variables for its environment: a command line is
    seen by everybody.
    """
    line = command(module, *arguments)
    try:
        done = subprocess.run(
            line,
            env=environment(settings) | secrets,
            input=told,
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_WITHIN_S,
        )
    except subprocess.TimeoutExpired as error:
        message = f"`{_short(line)}` did not end within {RUN_WITHIN_S} s."
        raise ProgramFailed(message) from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-_MOST_LINES_TOLD:]
        raise ProgramFailed("\n".join([*said, f"(`{_short(line)}` said so)"]))
    return done.stdout


def run_json(settings: Settings, module: str, *arguments: object) -> Any:  # noqa: ANN401 -- JSON
    """Run a program that answers in JSON on its last line."""
    return json.loads(run(settings, module, *arguments).strip().splitlines()[-1])


def forward(settings: Settings, module: str, *arguments: object) -> int:
    """Run a program in this terminal and return its exit code."""
    done = subprocess.run(command(module, *arguments), env=environment(settings), check=False)
    return done.returncode


def _short(line: list[str]) -> str:
    words = [word for word in line[1:] if word != "-P"]
    return " ".join(["python", *words[:_WORDS_TOLD], *(["…"] if words[_WORDS_TOLD:] else [])])
