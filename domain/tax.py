"""Tax on lines and on whole receipts: included, added on top, several at once, or exempt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import DomainError
from domain.money import Money, round_half_up

PPM = 1_000_000


class TaxRounding(StrEnum):
    """Where a store rounds tax: on each line, or once on the whole receipt."""

    LINE = "line"
    RECEIPT = "receipt"


class NotATax(DomainError):
    """A combination of tax rates that no law knows."""


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One tax: `rate_ppm` in millionths (200000 = 20 %), inside the shelf price or on top of it."""

    code: str
    name: str
    rate_ppm: int
    included: bool = True
    exempt_reason: str = ""

    def __post_init__(self) -> None:
        """Refuse a negative rate and an exemption that still takes money."""
        if self.rate_ppm < 0 or (self.exempt_reason and self.rate_ppm):
            message = f"Tax {self.code} cannot have a rate of {self.rate_ppm} ppm."
            raise NotATax(message)

    @property
    def percent(self) -> str:
        """The rate as people write it, as in `19` or `5.5`."""
        whole, rest = divmod(self.rate_ppm, 10_000)
        return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class TaxAmount:
    """What one tax comes to: `base` is the amount without any tax, `amount` the tax on it."""

    code: str
    base: Money
    amount: Money


def tax_of(amount: Money, rates: Sequence[TaxRate]) -> tuple[TaxAmount, ...]:
    """Work out each tax of an amount at shelf price, rounded half up once per amount.

    Included taxes are taken out of the amount together (gross = net × (1 + Σ rates)) and
    divided between them by rate; taxes on top are worked out on the net amount.
    """
    inside = [rate for rate in rates if rate.included]
    inside_ppm = sum(rate.rate_ppm for rate in inside)
    tax_inside = Money(round_half_up(amount.minor * inside_ppm, PPM + inside_ppm), amount.currency)
    net = amount - tax_inside
    parts = iter(tax_inside.split([rate.rate_ppm for rate in inside])) if inside else iter(())
    return tuple(
        TaxAmount(rate.code, net, next(parts) if rate.included else _on_top(net, rate))
        for rate in rates
    )


def _on_top(net: Money, rate: TaxRate) -> Money:
    return Money(round_half_up(net.minor * rate.rate_ppm, PPM), net.currency)


def tax_lines(
    amounts: Sequence[Money], rates: Sequence[tuple[TaxRate, ...]], rounding: TaxRounding
) -> tuple[tuple[TaxAmount, ...], ...]:
    """Work out the taxes of each line so that the lines add up to the receipt to the cent.

    With `RECEIPT` the tax is worked out once on the sum of all lines that share the same rates
    (sold and given back apart) and then divided over those lines.
    """
    if rounding is TaxRounding.LINE:
        return tuple(tax_of(a, r) for a, r in zip(amounts, rates, strict=True))
    result: list[tuple[TaxAmount, ...]] = [()] * len(amounts)
    sides = [(_by_code(own), amount.minor < 0) for amount, own in zip(amounts, rates, strict=True)]
    for side in dict.fromkeys(sides):
        members = [index for index, own in enumerate(sides) if own == side]
        shared = _share([amounts[index] for index in members], side[0])
        for index, taxes in zip(members, shared, strict=True):
            found = {tax.code: tax for tax in taxes}
            result[index] = tuple(found[rate.code] for rate in rates[index])
    return tuple(result)


def _by_code(rates: tuple[TaxRate, ...]) -> tuple[TaxRate, ...]:
    """Put a line's rates in one order, so that the same taxes are always worked out together."""
    return tuple(sorted(rates, key=lambda rate: rate.code))


def _share(amounts: Sequence[Money], rates: tuple[TaxRate, ...]) -> Iterator[tuple[TaxAmount, ...]]:
    """Work out the taxes of amounts of one sign together and divide them over the amounts."""
    together = tax_of(Money.total(amounts, amounts[0].currency), rates)
    weights = [abs(amount.minor) for amount in amounts]
    shares = [tax.amount.split(weights) for tax in together]
    for index, amount in enumerate(amounts):
        yield _line_taxes(amount, rates, [share[index] for share in shares])


def _line_taxes(
    amount: Money, rates: tuple[TaxRate, ...], taxes: Sequence[Money]
) -> tuple[TaxAmount, ...]:
    inside = (tax for tax, rate in zip(taxes, rates, strict=True) if rate.included)
    net = amount - Money.total(inside, amount.currency)
    return tuple(TaxAmount(rate.code, net, tax) for rate, tax in zip(rates, taxes, strict=True))
