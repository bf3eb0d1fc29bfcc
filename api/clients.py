"""Programs that users let act for them: public clients (RFC 8252), known by name and address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from domain.tokens import OFFICE_CLIENT

CLI = "tillflow-cli"
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
BUILT_IN: Mapping[str, Sequence[str]] = {
    CLI: ("http://127.0.0.1/callback", "http://[::1]/callback"),
    OFFICE_CLIENT: (),
}
"""A program on the user's own machine listens on a port that it finds free.

Nobody is sent anywhere in the name of the office's own commands.
"""


class Clients:
    """The built-in client and those of the settings, each with its redirect addresses."""

    def __init__(self, others: Mapping[str, Sequence[str]]) -> None:
        self._known = {**others, **BUILT_IN}

    def may_be_sent_to(self, client_id: str, redirect_uri: str) -> bool:
        """Tell whether this is an address of the client; loopback ones have any port."""
        return any(_same(redirect_uri, known) for known in self._known.get(client_id, ()))


def place_of(redirect_uri: str) -> str:
    """Say where a program is that has this address: somewhere in the web, or with the user."""
    parts = urlsplit(redirect_uri)
    elsewhere = parts.scheme in {"http", "https"} and parts.hostname not in _LOOPBACK
    return f"at {parts.netloc}" if elsewhere else "on this device"


def _same(asked: str, known: str) -> bool:
    try:
        return asked == known or (_is_loopback(known) and _portless(asked) == _portless(known))
    except ValueError:  # a port that is no number
        return False


def _is_loopback(url: str) -> bool:
    return urlsplit(url).scheme == "http" and urlsplit(url).hostname in _LOOPBACK


def _portless(url: str) -> tuple[object, ...]:
    parts = urlsplit(url)
    assert parts.port is None or parts.port >= 0
    return parts.scheme, parts.username, parts.hostname, parts.path, parts.query, parts.fragment
