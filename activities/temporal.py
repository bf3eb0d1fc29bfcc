"""How the office's programs find Temporal and the keys of what it stores, by their settings."""

from __future__ import annotations

from activities.keyring import PayloadRing
from activities.settings import Settings
from workflows.client import TemporalServer


def temporal_server(settings: Settings) -> TemporalServer:
    """Say where Temporal is: at the address given, or embedded on this machine."""
    if settings.temporal_address is not None:
        return TemporalServer(settings.temporal_address, settings.temporal_namespace, shared=True)
    return TemporalServer(f"127.0.0.1:{settings.temporal_port}", settings.temporal_namespace)


def payload_keys(settings: Settings) -> PayloadRing:
    """Open the ring of keys that encrypt what Temporal stores."""
    return PayloadRing(settings.payload_key_file)
