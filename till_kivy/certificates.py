"""Which authorities a till believes when its office speaks TLS."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def certificates() -> ssl.SSLContext:
    """Return the public authorities and those of this machine; read once, whatever asks.

    A shop's own authority is one of the machine's, put there by `update-ca-certificates`.
    """
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
