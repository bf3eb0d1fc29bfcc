"""Turning any basket into a sale, for tests of what a sale is."""

from __future__ import annotations

from builders import AT, new_id

from domain.basket import Basket
from domain.money import Money
from domain.pricing import quote
from domain.sale import Sale, SaleHeading, Tender, TenderKind, close
from domain.tax import TaxRounding


def heading(of: Basket) -> SaleHeading:
    """Say who sold it and when."""
    return SaleHeading(of.id, "S1", "T1", "p1", "A1-000001", AT.date(), AT, catalog_version=1)


def sold(
    of: Basket, rounding: TaxRounding = TaxRounding.RECEIPT, step: int = 1, over: int = 0
) -> Sale:
    """Sell a basket for what it costs in coins of a step, and `over` minor units more."""
    quoted = quote(of, rounding)
    given_minor = quoted.cash_total(step).minor + over
    tender = Tender(new_id(), TenderKind.CASH, Money(given_minor, of.currency))
    return close(
        heading(of),
        quoted,
        (tender,) if given_minor else (),
        tax_rounding=rounding,
        cash_step_minor=step,
    )
