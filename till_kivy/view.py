"""Everything that a screen shows, as text that is ready to be drawn; screens decide nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.money import Money, exponent
from domain.quantity import Unit
from till_kivy.hardware.protocols import Cue

_NOTES = (5, 10, 50, 100, 200, 500)
_ALONE = 20  # handed over for less, but rather a fifty than two of them for more
_MOST_CHOICES = 4


class MessageKind(StrEnum):
    """How much a message asks of the cashier."""

    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence for the cashier and the sound that went with it."""

    kind: MessageKind
    text: str
    cue: Cue | None = None


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody who works at the till, without what must not be shown.

    `at_work_since`, as in `08:02`, is empty for who is not clocked in here.
    """

    id: str
    name: str
    role: str
    at_work_since: str = ""


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the ticket; `discount` is empty when there is none, `fixed` forbids quantity."""

    id: UUID
    sku: str
    name: str
    quantity: str
    unit: Unit
    unit_price: str
    discount: str
    total: str
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class LastSale:
    """The sale just finished, shown until the next one begins; amounts as in `3.50`."""

    sale_id: UUID
    number: str
    total: str
    given: str
    change: str


@dataclass(frozen=True, slots=True)
class HeldView:
    """A ticket put aside for another customer; `since` as in `2026-11-21 10:30`."""

    basket_id: UUID
    label: str
    items: int
    total: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class PaperView:
    """A receipt that did not surely come out, offered for printing again."""

    sale_id: UUID
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """Whether the office hears us; `unsent` entries wait, `refused` ones were not taken.

    `limited` says that without the office the till must stop to sell soon, or has to now.
    """

    online: bool
    unsent: int
    refused: int
    text: str
    limited: bool = False


@dataclass(frozen=True, slots=True)
class RegisterView:
    """What the screens of one till show right now; amounts are plain numbers as in `12.50`.

    `total` is exact, `cash_total` is what has to be paid in coins, `quick_cash` are amounts a
    customer is likely to hand over, starting with the exact one. While the till is `locked`, the
    person is who has to open it, or somebody else takes over.
    """

    till_id: str
    store_name: str
    currency: str
    person: PersonView | None
    people: tuple[PersonView, ...]
    lines: tuple[LineView, ...]
    items: int
    discount: str
    tax: str
    total: str
    cash_total: str
    quick_cash: tuple[Money, ...]
    held: int
    last_sale: LastSale | None
    message: Message | None
    connection: ConnectionView
    papers: tuple[PaperView, ...]
    locked: bool = False


def likely_cash(due: Money) -> tuple[Money, ...]:
    """Return the exact amount and the next round ones that notes make, at most four in all."""
    if due.minor <= 0:
        return (due,)
    digits = exponent(due.currency)
    scale = 10**digits if digits else 100
    steps = (note * scale for note in _NOTES)
    rounded = {-(-due.minor // step) * step for step in steps}
    alone = {_ALONE * scale} if due.minor < _ALONE * scale else set[int]()
    amounts = sorted({due.minor} | rounded | alone)
    return tuple(Money(minor, due.currency) for minor in amounts[:_MOST_CHOICES])
