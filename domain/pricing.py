"""`quote`: the one place where totals are made, on the till and in the office alike."""

from __future__ import annotations

from dataclasses import dataclass

from domain.basket import Basket, BasketLine, LineRefused
from domain.money import Money
from domain.tax import TaxAmount, TaxRate, TaxRounding, tax_lines


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A basket line worked out: `list_total` − `discount` + tax on top = `total`."""

    line: BasketLine
    list_total: Money
    discount: Money
    taxes: tuple[TaxAmount, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class Quote:
    """What the basket comes to; `total` includes every tax and is what lines add up to."""

    lines: tuple[QuotedLine, ...]
    discount: Money
    tax: Money
    total: Money

    def cash_total(self, step_minor: int) -> Money:
        """Return the total as it can be paid in coins of the given smallest step."""
        return self.total.rounded_to(step_minor)


def quote(basket: Basket, rounding: TaxRounding) -> Quote:
    """Price, discount and tax every line and add them up."""
    currency = basket.currency
    gross = [_list_total(line) for line in basket.lines]
    discounts = [_discount(*pair) for pair in zip(basket.lines, gross, strict=True)]
    nets = [total - discount for total, discount in zip(gross, discounts, strict=True)]
    taxed = tax_lines(nets, [line.taxes for line in basket.lines], rounding)
    lines = tuple(
        QuotedLine(line, list_total, discount, taxes, net + _on_top(line.taxes, taxes, currency))
        for line, list_total, discount, net, taxes in zip(
            basket.lines, gross, discounts, nets, taxed, strict=True
        )
    )
    return Quote(
        lines=lines,
        discount=Money.total((line.discount for line in lines), currency),
        tax=Money.total((tax.amount for line in lines for tax in line.taxes), currency),
        total=Money.total((line.total for line in lines), currency),
    )


def _list_total(line: BasketLine) -> Money:
    if line.embedded_total is not None:
        return line.embedded_total
    return line.unit_price.times(line.quantity.thousandths)


def _discount(line: BasketLine, list_total: Money) -> Money:
    discount = line.discount or Money.zero(list_total.currency)
    lowest, highest = sorted((0, list_total.minor))  # what comes back comes back discounted
    if not lowest <= discount.minor <= highest:
        message = f"A discount of {discount} is more than {line.name} costs."
        raise LineRefused(message)
    return discount


def _on_top(rates: tuple[TaxRate, ...], taxes: tuple[TaxAmount, ...], currency: str) -> Money:
    pairs = zip(rates, taxes, strict=True)
    return Money.total((tax.amount for rate, tax in pairs if not rate.included), currency)
