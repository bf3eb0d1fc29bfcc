"""Ports of this machine: which are free, and which others to take."""

from __future__ import annotations

import socket
from random import SystemRandom

from activities.settings import Settings
from api.running import CannotStart

# Below those that the system deals out by itself: one of those, found free, may be dealt to
# somebody else before we take it.
_QUIET = range(20_000, 32_000)
_PORTS = ("api_port", "temporal_port", "temporal_ui_port")


def refuse_taken_port(port: int, setting: str) -> None:
    """Raise `CannotStart` when another program listens on a port."""
    if not is_free(port):
        raise CannotStart(
            f"Port {port} is taken by another program. Stop that program, or set {setting} to a "
            "free port. Nothing was started."
        )


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port of this machine."""
    with socket.socket() as probe:
        # A port whose last connections are still closing is free for a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def with_free_ports(settings: Settings) -> Settings:
    """Exchange every port that is taken for a free one."""
    taken = [name for name in _PORTS if not is_free(getattr(settings, name))]
    return settings.model_copy(update=dict(zip(taken, free_ports(len(taken)), strict=True)))


def free_ports(count: int) -> list[int]:
    """Choose ports that nobody listens on."""
    dice, found = SystemRandom(), set[int]()
    while len(found) < count:
        port = dice.choice(_QUIET)
        if is_free(port):
            found.add(port)
    return list(found)
