"""Asking for the owner, once, when an office starts in which nobody could let others in."""

from __future__ import annotations

import getpass
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

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


def insist_on_owner(settings: Settings, say: Say) -> None:
    """Make the owner unless somebody is an admin already; raises `CannotStart` if nobody answers.

    Taken from the environment, or else asked for on the terminal.
    """
    if not programs.run_json(settings, "activities", "owner", "--needed"):
        return
    make_owner(settings, _told() or _asked(say), say)


def make_owner(settings: Settings, owner: Owner, say: Say) -> None:
    """Let the owner log in; the password goes by standard input, which nobody else sees."""
    said = programs.run(settings, "activities", "owner", told=json.dumps(asdict(owner)))
    say(said.strip())


def _told() -> Owner | None:
    """Take the owner from the environment; the password is not left there for other programs."""
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


def _asked(say: Say) -> Owner:
    """Ask on the terminal until there is a password, typed twice alike."""
    if not sys.stdin.isatty():
        raise CannotStart(
            "This office has no owner yet, and there is no terminal to ask on. Set "
            f"{LOGIN}, {NAME} and {PASSWORD_FILE} (or {PASSWORD}), or start it once by hand."
        )
    say("This office is new. Who owns it? The owner lets everybody else in.")
    name = _line("Your name: ")
    login = _line("Log-in name [owner]: ", "owner")
    while True:
        password = getpass.getpass("Password (at least 12 characters): ")
        if len(password) >= 12 and password == getpass.getpass("The same again: "):  # noqa: PLR2004 -- as it says
            return Owner(login, name, password)
        say("That was too short, or not the same twice.")


def _line(question: str, otherwise: str = "") -> str:
    answer = ""
    while not answer:
        answer = input(question).strip() or otherwise
    return answer
