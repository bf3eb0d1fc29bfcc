"""Ports for servers of tests."""

from __future__ import annotations

import random

from api.ports import is_free

# Below those that Linux deals out by itself: a port found free there may be dealt out to somebody
# else (one of the server's own listeners, say) before the server takes it.
_QUIET = range(20_000, 32_000)


def quiet_port() -> int:
    """Find a port that nobody listens on and nobody is dealt."""
    return next(port for port in iter(_any_port, None) if is_free(port))


def _any_port() -> int:
    return random.SystemRandom().choice(_QUIET)
