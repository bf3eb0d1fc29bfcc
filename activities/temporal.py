"""How the office's programs find Temporal and the keys of what it stores, by their settings."""

from __future__ import annotations

from activities.keys import PayloadKey
from activities.settings import Settings
from workflows.client import TemporalServer
from workflows.codec import PayloadKeys


def temporal_server(settings: Settings) -> TemporalServer:
    """Say where Temporal is: at the address given, or embedded on this machine."""
    if settings.temporal_address is not None:
        return TemporalServer(settings.temporal_address, settings.temporal_namespace, shared=True)
    return TemporalServer(f"127.0.0.1:{settings.temporal_port}", settings.temporal_namespace)


def payload_keys(settings: Settings) -> PayloadKeys:
    """Read the key that encrypts, and older ones beside it (`payload-*.aes256`) that decrypt."""
    current = PayloadKey.at(settings.payload_key_file)
    folder = settings.payload_key_file.parent
    older = [PayloadKey.at(path) for path in sorted(folder.glob("payload-*.aes256"))]
    return PayloadKeys(current.id, {key.id: key.secret for key in (*older, current)})
