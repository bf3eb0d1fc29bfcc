"""Asking for the owner, once, when an office starts in which nobody could let others in."""

from __future__ import annotations

import getpass
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from activities.secrets import SHORTEST_PASSWORD
from activities.settings import Settings
from api import programs
from api.running import CannotStart
from api.supervisor import Say

NAME, LOGIN = "TILLFLOW_OWNER_NAME", "TILLFLOW_OWNER_LOGIN"
PASSWORD, PASSWORD_FILE = "TILLFLOW_OWNER_PASSWORD", "TILLFLOW_OWNER_PASSWORD_FILE"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whoever lets the others in."""

    id: str
    name: str
    password: str


def insist_on_owner(settings: Settings, told: Owner | None, say: Say) -> None:
    """Make the owner unless somebody is an admin already; raises `CannotStart` if nobody answers.

    Without one from the environment the terminal is asked.
    """
    if programs.run_json(settings, "activities", "owner", "--needed"):
        make_owner(settings, told or _asked(say), say)


def make_owner(settings: Settings, owner: Owner, say: Say) -> None:
    """Let the owner log in; the password goes by standard input, which nobody else sees."""
    said = programs.run(settings, "activities", "owner", told=json.dumps(asdict(owner)))
    say(said.strip())


def owner_told() -> Owner | None:
    """Take the owner from the environment, before a program is started that would inherit it."""
    password, file = os.environ.pop(PASSWORD, ""), os.environ.get(PASSWORD_FILE, "")
    if file:
        try:
            password = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise CannotStart(
                f"{PASSWORD_FILE}={file} cannot be read: {error.strerror}."
            ) from error
    if not password:
        return None
    login = os.environ.get(LOGIN, "owner")
    return Owner(login, os.environ.get(NAME, login), password)


def insist_on_terminal() -> None:
    """Raise `CannotStart` when there is nobody to ask who the owner is."""
    if not sys.stdin.isatty():
        raise CannotStart(
            "This office has no owner yet, and there is no terminal to ask on. Set "
            f"{LOGIN}, {NAME} and {PASSWORD_FILE} (or {PASSWORD}), or start it once by hand."
        )


def _asked(say: Say) -> Owner:
    """Ask on the terminal until there is a password, typed twice alike."""
    insist_on_terminal()
    say("This office is new. Who owns it? The owner lets everybody else in.")
    name = _line("Your name: ")
    login = _line("Log-in name [owner]: ", "owner")
    while True:
        password = getpass.getpass(f"Password (at least {SHORTEST_PASSWORD} characters): ")
        long_enough = len(password) >= SHORTEST_PASSWORD
        if long_enough and password == getpass.getpass("The same again: "):
            return Owner(login, name, password)
        say("That was too short, or not the same twice.")


def _line(question: str, otherwise: str = "") -> str:
    answer = ""
    while not answer:
        answer = input(question).strip() or otherwise
    return answer
