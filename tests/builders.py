"""Shop things for tests: each call says what matters to the test and nothing else."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from uuid_utils.compat import uuid7

from domain.basket import Basket, BasketLine, line_for
from domain.catalog import Person, Product, Snapshot, Store
from domain.money import Money, UnitPrice
from domain.pricing import quote
from domain.quantity import Quantity, Unit
from domain.sale import Sale, SaleHeading, Tender, TenderKind, close
from domain.tax import TaxRate, TaxRounding

AT = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)
VAT = TaxRate("S", "VAT", 200_000)
REDUCED = TaxRate("R", "VAT", 50_000)
ADA = Person("p1", "Ada", "cashier", "no hash")
"""Makes all sales here."""

STORE = Store("S1", "Corner shop", "EUR", receipt_header=("1 High Street",))


def new_id() -> UUID:
    """Return another id each time, in order, as a till does."""
    return uuid7()


def product(name: str = "Tea", price: str = "3.50", **others: object) -> Product:
    """Make a product; anything else by name, such as `unit` or `barcodes`."""
    fields = {"sku": name.upper(), "tax_codes": ("S",), **others}
    return Product(name=name, price=UnitPrice.parse(price, "EUR"), **fields)  # type: ignore[arg-type]  # tests name the fields


def line(of: Product | None = None, pieces: int = 1, *, grams: int = 0) -> BasketLine:
    """Make a basket line by pieces, or by weight when grams are given."""
    quantity = Quantity.grams(grams) if grams else Quantity.pieces(pieces)
    default = product(unit=Unit.KILOGRAM) if grams else product()
    return line_for(of or default, new_id(), quantity, (VAT,))


def basket(*lines: BasketLine) -> Basket:
    """Collect lines, one of tea when none are given."""
    return Basket(new_id(), "EUR", lines or (line(),))


def cash(minor: int) -> Tender:
    """Hand over cash in cents."""
    return Tender(new_id(), TenderKind.CASH, Money(minor, "EUR"))


def sale(
    number: str = "A1-000001",
    of: Basket | None = None,
    *,
    given: int | None = None,
    till_id: str = "T1",
    sale_id: UUID | None = None,
) -> Sale:
    """Sell a basket for cash; the exact amount unless `given` says more."""
    sold = of or basket()
    quoted = quote(sold, TaxRounding.RECEIPT)
    heading = SaleHeading(
        id=sale_id or sold.id,
        store_id="S1",
        till_id=till_id,
        cashier_id="p1",
        receipt_number=number,
        business_date=AT.date(),
        sold_at=AT,
        catalog_version=1,
    )
    tenders = (cash(given or quoted.total.minor),)
    return close(heading, quoted, tenders, tax_rounding=TaxRounding.RECEIPT, cash_step_minor=1)


def snapshot(*products: Product, version: int = 1) -> Snapshot:
    """Make a catalogue of some products, tea alone when none are given."""
    return Snapshot(version, STORE, (ADA,), (VAT, REDUCED), products or (product(),))
