"""What money on the counter comes to against what is due."""

from __future__ import annotations

from dataclasses import dataclass

from domain.money import Money


@dataclass(frozen=True, slots=True)
class Counted:
    """Cash given for an amount due: either some is missing, or some is change."""

    due: Money
    given: Money

    @property
    def missing(self) -> Money:
        """What the customer still owes, zero when enough was given."""
        short = self.due - self.given
        return short if short.minor > 0 else Money.zero(self.due.currency)

    @property
    def change(self) -> Money:
        """What the customer gets back, zero while some is missing."""
        over = self.given - self.due
        return over if over.minor > 0 else Money.zero(self.due.currency)
