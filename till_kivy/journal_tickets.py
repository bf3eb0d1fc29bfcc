"""Tickets that are not sold yet, kept in the journal's file so that no power cut loses them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter

from domain.basket import Basket
from domain.canonical import canonical, utc_text
from domain.events import Event, LineVoided, TicketHeld, TicketRecalled, TicketVoided
from domain.journal import Entry
from domain.sale import Sale
from till_kivy.journal_schema import Connection

_BASKET = TypeAdapter(Basket)


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket put aside to serve another customer."""

    basket: Basket
    label: str
    person_id: str
    at: dt.datetime


def held_tickets(connection: Connection) -> list[Held]:
    """Return the tickets put aside in the order of their entries, whatever the clock said."""
    rows = connection.execute(
        "SELECT basket, label, person_id, at FROM held ORDER BY sequence, basket_id"
    )
    return [
        Held(_BASKET.validate_json(basket), label, person_id, dt.datetime.fromisoformat(at))
        for basket, label, person_id, at in rows
    ]


def draft(connection: Connection) -> Basket | None:
    """Return the ticket that was being collected, `None` if there was none."""
    row = connection.execute("SELECT basket FROM draft").fetchone()
    return _BASKET.validate_json(row[0]) if row else None


def save_draft(connection: Connection, basket: Basket | None) -> None:
    """Keep the ticket being collected; none, or an empty one, is forgotten."""
    if basket:
        connection.execute("INSERT OR REPLACE INTO draft VALUES (1, ?)", (canonical(basket),))
    else:
        connection.execute("DELETE FROM draft WHERE only = 1")
        connection.execute(
            "DELETE FROM taken_off WHERE basket_id NOT IN (SELECT basket_id FROM held)"
        )


def follow(connection: Connection, event: Event, entry: Entry) -> None:
    """Change the tickets as an event says, in the transaction that records it."""
    match event:
        case TicketHeld(basket, label, person_id):
            held = Held(basket, label, person_id, entry.at)
            _put_aside(connection, held, entry.sequence)
        case TicketRecalled(basket_id):
            _take_up(connection, basket_id)
        case LineVoided(approval_id=None):
            _count_off(connection, event)
        case TicketVoided() | Sale():
            save_draft(connection, None)
        case _:
            pass


def taken_off_minor(connection: Connection, basket_id: UUID) -> int:
    """Return how much was voided from a ticket so far without approval, in minor units."""
    row = connection.execute(
        "SELECT minor FROM taken_off WHERE basket_id = ?", (str(basket_id),)
    ).fetchone()
    return int(row[0]) if row else 0


def _count_off(connection: Connection, voided: LineVoided) -> None:
    minor = abs(voided.amount.minor) if voided.amount else 0
    connection.execute(
        "INSERT INTO taken_off VALUES (?, ?)"
        " ON CONFLICT (basket_id) DO UPDATE SET minor = minor + excluded.minor",
        (str(voided.basket_id), minor),
    )


def _put_aside(connection: Connection, held: Held, sequence: int) -> None:
    basket = (str(held.basket.id), canonical(held.basket))
    connection.execute(
        "INSERT OR REPLACE INTO held (basket_id, basket, label, person_id, at, sequence)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (*basket, held.label, held.person_id, utc_text(held.at), sequence),
    )
    save_draft(connection, None)


def _take_up(connection: Connection, basket_id: UUID) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO draft SELECT 1, basket FROM held WHERE basket_id = ?",
        (str(basket_id),),
    )
    connection.execute("DELETE FROM held WHERE basket_id = ?", (str(basket_id),))
