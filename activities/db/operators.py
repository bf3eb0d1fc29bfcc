"""Whoever gives commands on the office's own machine, which has its keys."""

from __future__ import annotations

import getpass
import socket

from domain.audit import Actor
from domain.roles import Role


def operator(role: Role = Role.OPS) -> Actor:
    """Name the operator; where from is the account and the machine of the command."""
    return Actor("operator", role.value, f"{account()} on {machine()}")


def account() -> str:
    """Return the operating system's name of who gives the command, or say that there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no variable names one, and no list of accounts
        return "an account without a name"


def machine() -> str:
    """Return the name of this machine, or say that it has none."""
    try:
        return socket.gethostname() or "a machine without a name"
    except OSError:
        return "a machine without a name"
