"""A till on paper that is enrolled in a running office and sends its journal by the API."""

from __future__ import annotations

import uuid
from pathlib import Path

import httpx
from books import PaperTill
from offices import RunningOffice

from activities.db import shop
from activities.keys import OfficeKey
from domain.canonical import canonical
from domain.catalog import Shop, Till
from domain.events import Event


def enrolled(office: RunningOffice, folder: Path) -> PaperTill:
    """Enrol another till of store S1 each time."""
    name = uuid.uuid4().hex[:8]
    paper = PaperTill(OfficeKey.at(folder / name), name, name)
    with office.database.begin() as connection:
        shop.load_shop(connection, Shop(tills=(Till(name, "S1", name),)))
        shop.enrol(connection, name, paper.key.public_key)
    return paper


def send(office: RunningOffice, till: PaperTill, *events: Event) -> httpx.Response:
    """Write entries and send them together."""
    return office.as_till(till.id, till.key).post(
        f"/tills/{till.id}/journal",
        content=canonical({"entries": [till.record(event) for event in events]}),
        headers={"content-type": "application/json"},
    )
