"""Whether a sale may come in by the API, where nobody signs: one look before it is posted."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from activities.db import audit
from activities.db.checks import NoSuchStore
from activities.db.engine import Connection
from activities.db.intake import UnknownTill
from activities.db.roles import roles_of
from activities.db.users import Acting
from domain.audit import Act
from domain.canonical import content_hash
from domain.errors import DomainError, NotFound
from domain.ledger import Outcome, Posted
from domain.sale import Sale


class TillSignsItself(DomainError):
    """A sale in the name of a till whose sales come signed, by its journal and no other way."""

    status = 403

    def __init__(self, till_id: str) -> None:
        super().__init__(
            f"Till {till_id} signs its own journal; only the journal may bring its sales. "
            "Nothing was stored. Use a till without a key for other clients."
        )


class OtherStoresTill(DomainError):
    """A sale at a till that stands in another store."""

    status = 404

    def __init__(self, sale: Sale) -> None:
        super().__init__(f"Store {sale.store_id!r} has no till {sale.till_id!r}.")


class NoSuchCashier(NotFound):
    """A sale by somebody who works in its store neither now nor about when it was made."""

    def __init__(self, sale: Sale) -> None:
        super().__init__(
            f"Sale {sale.receipt_number} ({sale.id}) names the cashier {sale.cashier_id[:100]!r}, "
            f"who did not work in store {sale.store_id} then. Nothing was stored."
        )


class ForeignCurrency(DomainError):
    """A sale in a currency that its store does not take."""

    def __init__(self, sale: Sale, currency: str) -> None:
        super().__init__(
            f"Sale {sale.receipt_number} ({sale.id}) is in {sale.currency}; store "
            f"{sale.store_id} sells in {currency}. Nothing was stored."
        )


def admitted(connection: Connection, sale: Sale) -> Posted | None:
    """Return what the ledger has of this sale, or None when it may be posted now.

    A till that signs its own journal gives its receipt numbers itself: a stranger who took them
    here would have its genuine sales refused. Raises `NoSuchStore`, `UnknownTill`,
    `OtherStoresTill`, `TillSignsItself`, `ForeignCurrency` or `NoSuchCashier`.
    """
    asked = {"sale_id": sale.id, "store_id": sale.store_id, "till_id": sale.till_id}
    row = connection.execute(_KNOWN, asked).one()
    if row.content_hash == content_hash(sale):
        return Posted(sale.id, Outcome.ALREADY, row.content_hash)
    if row.currency is None:
        raise NoSuchStore(sale.store_id)
    if row.till_store_id is None:
        raise UnknownTill(sale.till_id)
    if row.till_store_id != sale.store_id:
        raise OtherStoresTill(sale)
    if row.public_key:
        raise TillSignsItself(sale.till_id)
    if row.currency != sale.currency:
        raise ForeignCurrency(sale, row.currency)
    people = roles_of(connection, sale.store_id, [sale.cashier_id])
    if not people.works_now(sale.cashier_id) and not people.near(sale.cashier_id, sale.sold_at):
        raise NoSuchCashier(sale)
    return _another(sale.id, row.content_hash)


def note(connection: Connection, acting: Acting, sale: Sale) -> None:
    """Write into the audit who brings this sale, once however often it is brought."""
    told = {
        "receipt_number": sale.receipt_number,
        "total": sale.total,
        "cashier": sale.cashier_id,
        "content_hash": content_hash(sale),
    }
    act = Act("sale_recorded", str(sale.id), sale.store_id, after=told)
    audit.record_once(connection, acting.signer, acting.actor, act)


def _another(sale_id: UUID, content_hash: str | None) -> Posted | None:
    return None if content_hash is None else Posted(sale_id, Outcome.CONFLICT, content_hash)


_KNOWN = sa.text("""
    SELECT (SELECT content_hash FROM sales WHERE id = :sale_id) AS content_hash,
           (SELECT currency FROM stores WHERE id = :store_id) AS currency,
           till.store_id AS till_store_id, till.public_key
    FROM (SELECT) AS always
    LEFT JOIN tills till ON till.id = :till_id
""")
