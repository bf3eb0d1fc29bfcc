"""Stores of several currencies, taxes, roundings and time zones, and sales in them by seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.basket import Basket, BasketLine, PriceSource
from domain.catalog import Shop, Store, StoreTax, Till
from domain.money import Money, UnitPrice
from domain.pricing import quote
from domain.quantity import Quantity
from domain.sale import Sale, SaleHeading, Tender, TenderKind, close
from domain.tax import TaxRate, TaxRounding

FIRST_NIGHT = dt.datetime(2026, 10, 24, 21, 0, tzinfo=dt.UTC)
"""The evening before clocks go back in Berlin: business dates and hours are at their worst."""

BERLIN = Store("berlin", "Späti", "EUR", "Europe/Berlin")
ZURICH = Store("zürich 1/2", "Kiosk's", "CHF", "Europe/Zurich", cash_step_minor=5)
TOKYO = Store("tokyo", "Konbini", "JPY", "Asia/Tokyo", tax_rounding=TaxRounding.LINE)
KUWAIT = Store("0042", "Baqala", "KWD", "Asia/Kuwait", cash_step_minor=5)
NEW_YORK = Store("new-york", "Bodega", "USD", "America/New_York")
KATHMANDU = Store("kathmandu", "Pasal", "NPR", "Asia/Kathmandu")

TAXES = {
    BERLIN.id: (TaxRate("A", "USt", 190_000), TaxRate("B", "USt", 70_000)),
    ZURICH.id: (TaxRate("N", "MWST", 81_000), TaxRate("R", "MWST", 26_000)),
    TOKYO.id: (TaxRate("10", "JCT", 100_000), TaxRate("8", "JCT", 80_000)),
    KUWAIT.id: (),
    NEW_YORK.id: (
        TaxRate("state", "Sales tax", 40_000, included=False),
        TaxRate("city", "Sales tax", 48_750, included=False),
    ),
    KATHMANDU.id: (TaxRate("V", "VAT", 130_000),),
}
STORES = (BERLIN, ZURICH, TOKYO, KUWAIT, NEW_YORK, KATHMANDU)
WORLD = Shop(
    stores=STORES,
    tills=tuple(
        Till(f"{store.id}-{n}", store.id, f"{store.id[:2].upper()}{n}")
        for store in STORES
        for n in (1, 2)
    ),
    taxes=tuple(StoreTax(store, rate) for store, rates in TAXES.items() for rate in rates),
)


@dataclass
class Shopping:
    """Makes sales that differ in everything, the same ones for the same seed."""

    seed: int = 0
    sold: int = 0
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    def sales(self, count: int, *stores: Store) -> list[Sale]:
        return [self.sale(self.random.choice(stores or STORES)) for _ in range(count)]

    def sale(self, store: Store, sold_at: dt.datetime | None = None) -> Sale:
        self.sold += 1
        at = sold_at or FIRST_NIGHT + dt.timedelta(seconds=self.random.randrange(3 * 86_400))
        quoted = quote(self._basket(store), store.tax_rounding)
        heading = SaleHeading(
            id=self._id(),
            store_id=store.id,
            till_id=f"{store.id}-{self.random.randint(1, 2)}",
            cashier_id=self.random.choice(("ada", "bo")),
            receipt_number=f"{self.seed}-{self.sold:06d}",
            business_date=at.astimezone(ZoneInfo(store.timezone)).date(),
            sold_at=at,
            catalog_version=1,
        )
        total = quoted.cash_total(store.cash_step_minor)
        return close(
            heading,
            quoted,
            tuple(self._tenders(total)),
            tax_rounding=store.tax_rounding,
            cash_step_minor=store.cash_step_minor,
        )

    def _basket(self, store: Store) -> Basket:
        lines = tuple(self._line(store) for _ in range(self.random.randint(1, 6)))
        return Basket(self._id(), store.currency, lines)

    def _line(self, store: Store) -> BasketLine:
        article = self.random.randint(1, 40)
        price = UnitPrice(self.random.randint(1_000, 90_000) * 1_000, store.currency)
        weighed = self.random.random() < 0.3
        grams = Quantity.grams(self.random.randint(1, 5_000))
        quantity = grams if weighed else Quantity.pieces(self.random.randint(1, 9))
        discounted = self.random.random() < 0.2 and price.times(quantity.thousandths).minor > 0
        return BasketLine(
            id=self._id(),
            sku=f"sku-{article}",
            name=f'Thing {article}, "good" \'n cheap ½',
            quantity=quantity,
            unit_price=price,
            taxes=self._taxes(store),
            price_source=self.random.choice((PriceSource.CATALOG, PriceSource.OVERRIDE)),
            discount=Money(1, store.currency) if discounted else None,
            category="" if article == 1 else f"aisle {article % 5}",
        )

    def _taxes(self, store: Store) -> tuple[TaxRate, ...]:
        rates = TAXES[store.id]
        if store is NEW_YORK or not rates:
            return rates
        return (self.random.choice(rates),)

    def _tenders(self, total: Money) -> Iterator[Tender]:
        first = self.random.randint(1, total.minor) if total.minor > 1 else 0
        if first:
            yield Tender(self._id(), TenderKind.CASH, Money(first, total.currency))
        rest = total.minor - first + self.random.randint(1, 500)
        yield Tender(self._id(), TenderKind.CASH, Money(rest, total.currency))

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)
