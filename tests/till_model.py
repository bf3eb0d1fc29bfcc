"""What a till should hold, worked out anew in whole cents: the other book of the state machines."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from till_kivy import sample

PIECE_CENTS = {1: 140, 2: 420, 3: 110, 7: 89}
"""Products by the piece of the sample shop: the number of their code and what one costs."""
DELI_CENTS = {20001: 2490, 20004: 4900}
"""Products with a price on the label: the item and what a kilogram costs."""
FRUIT_CENTS = {10001: 189, 10003: 349}
"""Products with a weight on the label, or for the scale."""


@dataclass(frozen=True)
class Wanted:
    """A line as the customer would write it down; `fixed` ones have their quantity for good."""

    sku: str
    thousandths: int
    cents_each: int
    printed_cents: int | None = None
    by_piece: bool = False

    @property
    def cents(self) -> int:
        """What the line costs, halves of a cent rounded up."""
        if self.printed_cents is not None:
            return self.printed_cents
        return (self.cents_each * self.thousandths * 2 + 1_000) // 2_000


Ticket = tuple[Wanted, ...]


def cents(ticket: Ticket) -> int:
    """Add a ticket up."""
    return sum(line.cents for line in ticket)


def pieces(number: int, count: int) -> Wanted:
    """So many of a product by the piece."""
    return Wanted(f"P{number:03d}", count * 1_000, PIECE_CENTS[number], by_piece=True)


def pack(item: int, printed_cents: int) -> Wanted:
    """A pack of the deli; its weight is what its price buys, to the gram."""
    price = DELI_CENTS[item]
    grams = (printed_cents * 2_000 + price) // (2 * price)
    return Wanted(f"W{item}", grams, price, printed_cents)


def weighed(item: int, grams: int) -> Wanted:
    """Loose goods."""
    return Wanted(f"W{item}", grams, FRUIT_CENTS[item])


@dataclass
class TillModel:
    """The open ticket, those put aside with their labels, what was sold, what was written down."""

    ticket: Ticket = ()
    held: list[tuple[str, Ticket]] = field(default_factory=list)
    sold_cents: list[int] = field(default_factory=list)
    written: list[tuple[str, object]] = field(default_factory=list)
    taken_off: int = 0
    """Cents that left the open ticket without approval; what is put aside keeps its own."""
    held_taken_off: list[int] = field(default_factory=list)
    approvals: list[tuple[str, int]] = field(default_factory=list)
    role: str = "cashier"

    def put(self, line: Wanted) -> None:
        """Add a line; pieces of the same product become one line."""
        same = [own for own in self.ticket if own.by_piece and own.sku == line.sku]
        if not same:
            self.ticket = (*self.ticket, line)
            return
        more = replace(same[0], thousandths=same[0].thousandths + line.thousandths)
        self.ticket = tuple(more if own is same[0] else own for own in self.ticket)

    def change(self, place: int, thousandths: int) -> bool:
        """Buy more or less of a line; tell whether somebody has to approve that."""
        own = self.ticket[place]
        line = replace(own, thousandths=thousandths)
        self.ticket = (*self.ticket[:place], line, *self.ticket[place + 1 :])
        less = own.thousandths - thousandths
        return less > 0 and self._voided(own.sku, less, own.cents - line.cents)

    def take_off(self, place: int) -> bool:
        """Void a line; tell whether somebody has to approve that."""
        line = self.ticket[place]
        self.ticket = (*self.ticket[:place], *self.ticket[place + 1 :])
        return self._voided(line.sku, line.thousandths, line.cents)

    def drop(self) -> bool:
        """Void the ticket; tell whether somebody has to approve that."""
        total = cents(self.ticket)
        approved = self._over("ticket", total)
        if approved:
            self.approvals.append(("void_ticket", total))
        self.written.append(("ticket_voided", (len(self.ticket), total, approved)))
        self._begin()
        return approved

    def _voided(self, sku: str, thousandths: int, off: int) -> bool:
        approved = self._over("line", off)
        if approved:
            self.approvals.append(("void_line", off))
        else:
            self.taken_off += off
        if not self.ticket:
            self.taken_off = 0
        self.written.append(("line_voided", (sku, thousandths, off, approved)))
        return approved

    def _over(self, what: str, off: int) -> bool:
        limits = {"cashier": {"line": 5_000, "ticket": 2_000}, "supervisor": {}}
        return self.taken_off + off > limits[self.role].get(what, 50_000)

    def _begin(self) -> None:
        self.ticket, self.taken_off = (), 0

    def hold(self, label: str) -> None:
        """Put the ticket aside."""
        self.written.append(("ticket_held", (label, len(self.ticket))))
        self.held.append((label, self.ticket))
        self.held_taken_off.append(self.taken_off)
        self._begin()

    def recall(self, place: int) -> None:
        """Take a ticket up again."""
        label, self.ticket = self.held.pop(place)
        self.taken_off = self.held_taken_off.pop(place)
        self.written.append(("ticket_recalled", label))

    def pay(self) -> None:
        """Sell the ticket."""
        self.sold_cents.append(cents(self.ticket))
        self.written.append(("sale", cents(self.ticket)))
        self._begin()

    @property
    def numbers(self) -> list[str]:
        """The receipt numbers that must have been given, without a gap."""
        return [f"{sample.TILL.series}-{n:06d}" for n in range(1, len(self.sold_cents) + 1)]
