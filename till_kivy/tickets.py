"""The open ticket and those put aside; every change is on the disk before it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from domain.basket import Basket, BasketLine
from domain.errors import Conflict, NotFound
from domain.events import LineVoided, TicketHeld, TicketRecalled, TicketVoided
from domain.money import Money
from domain.pricing import Quote, quote
from domain.quantity import Quantity
from domain.tax import TaxRounding
from till_kivy.catalog import SqliteCatalog
from till_kivy.journal import Held, Journal


class NothingOnTicket(Conflict):
    """An action that needs at least one line."""

    def __init__(self, action: str) -> None:
        super().__init__(f"There is nothing to {action}: the ticket is empty.")


class TicketOpen(Conflict):
    """A ticket that would be lost if another took its place."""

    def __init__(self, lines: int) -> None:
        super().__init__(
            f"The open ticket has lines on it ({lines}). Finish, hold or void it, then recall."
        )


class NoSuchTicket(NotFound):
    """A held ticket that is not there (any more)."""

    def __init__(self) -> None:
        super().__init__("That ticket is no longer held here. Look at the list again.")


@dataclass(frozen=True, slots=True)
class Less:
    """A line, wholly or in part, that is to leave the ticket: what the ticket costs less by it."""

    line: BasketLine
    quantity: Quantity
    amount: Money
    basket: Basket


class Tickets:
    """One open ticket, kept as a draft so that a restart comes back to it, and the held ones."""

    def __init__(
        self, catalog: SqliteCatalog, journal: Journal, new_id: Callable[[], UUID]
    ) -> None:
        self._catalog = catalog
        self._journal = journal
        self._new_id = new_id
        self._open = journal.draft()
        self._quote: Quote | None = None
        self._rounding: TaxRounding | None = None
        self.held_count = len(journal.held_tickets())

    @property
    def basket(self) -> Basket:
        """The open ticket, a new one where there is none; raises `NoCatalog`."""
        if self._open is None:
            self._open = Basket(self._new_id(), self._catalog.store.currency)
        return self._open

    @property
    def quote(self) -> Quote:
        """What the open ticket comes to, by the store's rounding of now."""
        rounding = self._catalog.store.tax_rounding
        if self._quote is None or self._rounding is not rounding:
            self._quote, self._rounding = quote(self.basket, rounding), rounding
        return self._quote

    @property
    def line_count(self) -> int:
        """How many lines the open ticket has."""
        return len(self._open.lines) if self._open else 0

    def some(self, action: str) -> Basket:
        """Return the open ticket or raise `NothingOnTicket`."""
        if not self._open:
            raise NothingOnTicket(action)
        return self._open

    def add(self, line: BasketLine) -> BasketLine:
        """Put a line on the ticket; return it as it stands there, perhaps merged."""
        before = self.basket
        basket = before.add(line)
        self._keep(basket)
        same = zip(before.lines, basket.lines, strict=False)
        return next((new for old, new in same if new is not old), basket.lines[-1])

    def add_all(self, lines: Iterable[BasketLine]) -> None:
        """Put many lines on the ticket at once: all or none, and saved once."""
        basket = self.basket
        for line in lines:
            basket = basket.add(line)
        self._keep(basket)

    def set_quantity(self, line_id: UUID, quantity: Quantity) -> None:
        """Change how much of a line is bought."""
        self._keep(self.basket.with_quantity(line_id, quantity))

    def less(self, line_id: UUID, left: Quantity | None = None) -> Less:
        """Work out what it means to leave so much of a line on the ticket, or nothing of it."""
        before, line = self.basket, self.basket.line(line_id)
        after = before.with_quantity(line_id, left) if left is not None else before.without(line_id)
        remaining = quote(after, self._catalog.store.tax_rounding).total
        kept = left.thousandths if left is not None else 0
        quantity = Quantity(line.quantity.thousandths - kept, line.quantity.unit)
        return Less(line, quantity, self.quote.total - remaining, after)

    def taken_off(self) -> Money:
        """Return how much left this ticket so far without anybody's approval."""
        return Money(self._journal.taken_off_minor(self.basket.id), self.basket.currency)

    def take_off(self, less: Less, person_id: str, approval_id: UUID | None) -> None:
        """Take a line off, wholly or in part, and write down who did."""
        voided = LineVoided(
            basket_id=self.basket.id,
            line_id=less.line.id,
            sku=less.line.sku,
            quantity=less.quantity,
            person_id=person_id,
            amount=less.amount,
            approval_id=approval_id,
        )
        self._journal.append(voided, draft=less.basket)
        self._now(less.basket or None)  # nothing left: the next customer's ticket is another one

    def void(self, person_id: str, approval_id: UUID | None) -> None:
        """Drop the whole ticket and write down who did."""
        basket, total = self.some("void"), self.quote.total
        voided = TicketVoided(basket.id, len(basket.lines), total, person_id, approval_id)
        self._journal.append(voided)
        self._now(None)

    def hold(self, label: str, person_id: str) -> None:
        """Put the ticket aside."""
        self._journal.append(TicketHeld(self.some("hold"), label, person_id))
        self._now(None)
        self.held_count += 1

    def recall(self, basket_id: UUID, person_id: str) -> None:
        """Take a held ticket up again; raises `TicketOpen` while another one has lines."""
        if self._open:
            raise TicketOpen(len(self._open.lines))
        held = next((held for held in self.held() if held.basket.id == basket_id), None)
        if held is None:
            raise NoSuchTicket
        self._journal.append(TicketRecalled(basket_id, person_id))
        self._now(held.basket)
        self.held_count -= 1

    def held(self) -> list[Held]:
        """Return the tickets put aside, the oldest first."""
        return self._journal.held_tickets()

    def sold(self) -> None:
        """Begin a new ticket: the journal has taken this one."""
        self._now(None)

    def _keep(self, basket: Basket) -> None:
        """Price the changed ticket, save it, and only then take it for the open one."""
        rounding = self._catalog.store.tax_rounding
        priced = quote(basket, rounding)
        self._journal.save_draft(basket)
        self._open, self._quote, self._rounding = basket, priced, rounding

    def _now(self, basket: Basket | None) -> None:
        self._open, self._quote = basket, None
