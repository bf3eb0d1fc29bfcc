"""What the office is told about its stores: loading a whole shop, enrolling a till's key."""

from __future__ import annotations

from activities.db.engine import Connection
from domain.catalog import Shop, Till


def load_shop(connection: Connection, shop: Shop) -> None:
    """Insert or update all of it; raises the catalogue version of each store that it touches."""
    raise NotImplementedError


def enrol(connection: Connection, till_id: str, public_key: str) -> Till:
    """Register the till's Ed25519 public key (hex); raises `UnknownTill` or `BadPublicKey`."""
    raise NotImplementedError
