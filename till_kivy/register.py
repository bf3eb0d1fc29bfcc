"""The till without pixels: what a cashier can do, in the order in which it becomes durable."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

from domain.approval import ApprovalAsked
from domain.barcode import parse_code
from domain.basket import Basket, BasketLine, line_for
from domain.catalog import BlockedProduct, Person, Product, Store, Till, find
from domain.errors import DomainError
from domain.events import TillStarted
from domain.money import Money
from domain.pins import is_badge
from domain.pricing import Quote, quote
from domain.quantity import Quantity, Unit
from domain.roles import Action
from domain.sale import Sale
from till_kivy import showing
from till_kivy.after_sale import AfterSale
from till_kivy.approvals import Approvals, may_approve
from till_kivy.catalog import CatalogDamaged, NoCatalog, SqliteCatalog
from till_kivy.clock import Clock
from till_kivy.hardware.protocols import Cue, Devices
from till_kivy.journal import Journal
from till_kivy.people import Pin, Shown, Staff, StillOpen
from till_kivy.permission import Always, Permission
from till_kivy.selling import Checkout, Payment
from till_kivy.tickets import Tickets
from till_kivy.timeclock import TimeClock
from till_kivy.view import (
    ConnectionView,
    HeldView,
    Message,
    MessageKind,
    PersonView,
    RegisterView,
    likely_cash,
)
from till_kivy.voice import Voice
from till_kivy.weighing import scanned_line, weigh

T = TypeVar("T")
_NONE = Money.zero(3 * "X")  # ISO 4217's code for no currency
_NOTHING = Quote((), _NONE, _NONE, _NONE)


class BadgeIsNoProduct(DomainError):
    """A badge where goods are expected; its code is neither looked up nor repeated."""

    def __init__(self) -> None:
        super().__init__("That is a badge, not a product. Nothing was sold.")


class Register:
    """One till at work. Every method either does all it says or raises a `DomainError`.

    An error leaves the ticket as it was; it becomes the message of the next `view()` and a
    sound before it is raised. To be used from one thread.
    """

    def __init__(
        self,
        till: Till,
        catalog: SqliteCatalog,
        journal: Journal,
        devices: Devices,
        clock: Clock,
        new_id: Callable[[], UUID],
    ) -> None:
        self._till = till
        self._catalog = catalog
        self._journal = journal
        self._devices = devices
        self._new_id = new_id
        self._staff = Staff(catalog, journal, clock)
        self._time_clock = TimeClock(journal)
        self._approvals = Approvals(journal, clock, new_id)
        self._tickets = Tickets(catalog, journal, new_id)
        self._checkout = Checkout(till, catalog, journal, clock)
        self._after = AfterSale(devices, catalog, journal)
        self._voice = Voice(devices)
        self._last_sale: Sale | None = None
        self._unfinished = ""
        self.permission: Permission = Always()

    def start(self, version: str) -> None:
        """Write down that the program came up, and find what it had not finished."""
        self._unfinished = self._sale_cut_off()
        self._journal.append(TillStarted(version))
        self._staff.start()
        self._after.recover()

    def stop(self) -> None:
        """Let the printer finish; the open ticket is on the disk already."""
        self._after.close()

    # ------------------------------------------------------------ people

    def log_in(self, person_id: str, pin: str) -> Person:
        """Let a person work here; raises `WrongPin` or `PinIsLocked`."""
        return self.log_in_by(Pin(person_id, pin))

    def log_in_by(self, shown: Shown) -> Person:
        """Let a person work here, or take over, or open their lock; the ticket stays as it is.

        Raises `WrongPin`, `PinIsLocked`, `UnknownBadge` or `NotAllowed`.
        """
        with self._voice.attempt():
            person = self._staff.log_in(shown)
            self._voice.say(f"Good day, {person.name}.")
            if self._unfinished:
                self._voice.note(self._unfinished)
                self._unfinished = ""
            return person

    def log_out(self) -> None:
        """Leave the till; raises `StillOpen` while a ticket has lines."""
        with self._voice.attempt():
            if lines := self._tickets.line_count:
                raise StillOpen(lines)
            self._staff.log_out()
            self._voice.message = None

    def lock(self) -> None:
        """Let nobody do anything before they have shown who they are; the ticket stays."""
        if self._staff.person and not self._staff.locked:
            self._voice.message = None
            with self._voice.attempt():
                self._staff.lock()

    def refuse(self) -> None:
        """Make the sound of a touch or scan that does nothing."""
        self._voice.play(Cue.REFUSED)

    def clock(self, shown: Shown) -> None:
        """Note that somebody came, or went if they are here; raises what `log_in_by` raises."""
        with self._voice.attempt():
            person = self._staff.proved(shown)
            came = self._time_clock.turn(person)
            self._voice.say(f"{person.name} is clocked {'in' if came else 'out'}.", Cue.GOOD)

    def clock_out(self, shown: Shown) -> None:
        """Note that somebody went who came at another till; raises what `log_in_by` raises."""
        with self._voice.attempt():
            person = self._staff.proved(shown)
            self._time_clock.clock_out(person)
            self._voice.say(f"{person.name} is clocked out.", Cue.GOOD)

    def approvers(self, asked: ApprovalAsked) -> tuple[PersonView, ...]:
        """Return whose consent would do."""
        return tuple(
            showing.person_view(own) for own in self._catalog.people() if may_approve(asked, own)
        )

    def approve(self, asked: ApprovalAsked, shown: Shown, act: Callable[[], T]) -> T:
        """Do what needed an approval, once somebody else has shown who they are and consented.

        The consent is in the journal before the act; without the act it is worth nothing. Raises
        `ApprovalRefused`, what `log_in_by` raises, and whatever the act raises.
        """
        with self._voice.attempt():
            self._approvals.give(asked, self._staff.proved(shown))
        try:
            return act()
        finally:
            self._approvals.forget()

    # ------------------------------------------------------------ the ticket

    @property
    def basket(self) -> Basket:
        """The open ticket."""
        return self._tickets.basket

    def scan(self, text: str) -> BasketLine:
        """Sell what a code means.

        Raises `BadCode`, `UnknownCode`, `BlockedProduct`, or `ScaleRefused` for loose goods.
        """
        with self._voice.attempt():
            self._staff.allowed(Action.SELL)
            if is_badge(text):
                raise BadgeIsNoProduct
            store = self._catalog.store
            scanned = parse_code(text, store.in_store_rules, store.currency)
            product = find(self._catalog, scanned)
            taxes = self._catalog.taxes_of(product)
            line = scanned_line(scanned, product, self._new_id(), taxes, self._devices.scale)
            return self._added(line)

    def search(self, text: str, limit: int = 50) -> list[Product]:
        """Find products by the beginnings of words of their names or SKUs."""
        with self._voice.attempt():
            return [] if is_badge(text) else self._catalog.search(text, limit)

    def add(self, product: Product, quantity: Quantity | None = None) -> BasketLine:
        """Sell a product that was found by name; without a quantity one piece, or as weighed."""
        with self._voice.attempt():
            self._staff.allowed(Action.SELL)
            if product.blocked:
                raise BlockedProduct(product)
            quantity = quantity or self._usual_quantity(product)
            taxes = self._catalog.taxes_of(product)
            return self._added(line_for(product, self._new_id(), quantity, taxes))

    def add_line(self, line: BasketLine) -> BasketLine:
        """Sell a line that was made elsewhere, such as one of a replayed sale."""
        with self._voice.attempt():
            self._staff.allowed(Action.SELL)
            return self._added(line)

    def add_lines(self, lines: Iterable[BasketLine]) -> None:
        """Sell many lines that were made elsewhere, all or none."""
        with self._voice.attempt():
            self._staff.allowed(Action.SELL)
            self._tickets.add_all(lines)
            self._last_sale = None

    def set_quantity(self, line_id: UUID, quantity: Quantity) -> None:
        """Change how much of a line is bought; less of it is a void of the difference."""
        with self._voice.attempt():
            person, own = self._staff.allowed(Action.SELL), self.basket.line(line_id).quantity
            if quantity.unit is own.unit and quantity.thousandths < own.thousandths:
                self._take_off(person, line_id, quantity)
            else:
                self._tickets.set_quantity(line_id, quantity)
            self._shown(self.basket.line(line_id))

    def void_line(self, line_id: UUID) -> None:
        """Take a line off the ticket; raises `ApprovalNeeded` for more than the person may."""
        with self._voice.attempt():
            line = self._take_off(self._staff.allowed(Action.SELL), line_id)
            self._voice.say(f"{line.name} was taken off.")

    def void_ticket(self) -> None:
        """Drop the whole ticket; raises `ApprovalNeeded` for more than the person may."""
        with self._voice.attempt():
            person = self._staff.allowed(Action.SELL)
            ticket, total = self._tickets.some("void"), self._tickets.quote.total
            asked = ApprovalAsked(Action.VOID_TICKET, ticket.id, total, person.id)
            approval = self._approvals.needed(person, asked, self._tickets.taken_off())
            self._tickets.void(person.id, approval)
            self._voice.say("The ticket was dropped.")

    def hold(self, label: str) -> None:
        """Put the ticket aside to serve another customer."""
        with self._voice.attempt():
            person = self._staff.allowed(Action.SELL)
            self._tickets.hold(label, person.id)
            self._voice.say(f"Ticket {label} is held.")

    def recall(self, basket_id: UUID) -> None:
        """Take a held ticket up again; raises `TicketOpen` or `NoSuchTicket`."""
        with self._voice.attempt():
            person = self._staff.allowed(Action.SELL)
            self._tickets.recall(basket_id, person.id)
            self._voice.say("The held ticket is open again.")

    def held(self) -> tuple[HeldView, ...]:
        """Return the tickets put aside, the oldest first."""
        store = self._catalog.store
        return tuple(
            showing.held_view(held, quote(held.basket, store.tax_rounding), store.timezone)
            for held in self._tickets.held()
        )

    # ------------------------------------------------------------ the sale

    def pay(self, cash: Money, reference: str = "") -> Sale:
        """Finish the sale: on the disk first, then the drawer, then paper.

        Raises `NotEnoughMoney` when cash is short. Once this returns, the sale exists,
        whatever drawer and printer do.
        """
        with self._voice.attempt():
            cashier = self._staff.allowed(Action.SELL)
            self.permission.insist()
            ticket = self._tickets.some("pay")
            payment = Payment(cashier.id, cash, reference)
            entry, sale = self._checkout.sell(ticket.id, self._tickets.quote, payment, self._new_id)
        self._tickets.sold()
        self._last_sale = sale
        self._voice.say(f"Change {sale.change}. Receipt {sale.receipt_number}.")
        self._voice.show_customer(f"Total {sale.total.amount}", f"Change {sale.change.amount}")
        self._voice.warn(self._after.sold(sale, entry))
        return sale

    def print_again(self, sale_id: UUID) -> None:
        """Print another receipt of a sale of this till, marked as a copy."""
        with self._voice.attempt():
            self._staff.allowed(Action.PRINT_COPY)
            self._after.print_copy(sale_id)
            self._voice.say("A copy is being printed.")

    def view(self, *, online: bool = False) -> RegisterView:
        """Return what screens show; `online` is what the outbox last found out."""
        store, person, quoted = self._store(), self._staff.person, self._quoted()
        due = quoted.cash_total(store.cash_step_minor) if store else quoted.total
        return RegisterView(
            till_id=self._till.id,
            store_name=store.name if store else "",
            currency=quoted.total.currency if store else "",
            person=showing.person_view(person) if person else None,
            locked=self._staff.locked,
            people=self._people(store),
            lines=tuple(showing.line_view(line) for line in quoted.lines),
            items=showing.items(line.line for line in quoted.lines),
            discount=quoted.discount.amount,
            tax=quoted.tax.amount,
            total=quoted.total.amount,
            cash_total=due.amount,
            quick_cash=likely_cash(due),
            held=self._tickets.held_count,
            last_sale=showing.last_sale(self._last_sale) if self._last_sale else None,
            message=self._voice.message or self._standing_message(),
            connection=self._connection(store.timezone if store else "UTC", online=online),
            papers=tuple(showing.paper_view(*paper) for paper in self._after.papers()),
        )

    # ------------------------------------------------------------ inside

    def _sale_cut_off(self) -> str:
        """Say that the program ended right after a sale: nobody may ring it up again."""
        for entry in self._journal.latest("sale", 1):
            if entry.sequence == self._journal.head.sequence:
                sale = self._journal.sale_of(entry)
                return (
                    f"The till stopped right after receipt {sale.receipt_number} over {sale.total} "
                    f"was recorded, change {sale.change}. It is sold: do not ring it up again."
                )
        return ""

    def _store(self) -> Store | None:
        try:
            return self._catalog.store
        except (NoCatalog, CatalogDamaged):
            return None

    def _quoted(self) -> Quote:
        try:
            return self._tickets.quote
        except (NoCatalog, CatalogDamaged):
            return _NOTHING

    def _people(self, store: Store | None) -> tuple[PersonView, ...]:
        zone, at_work = store.timezone if store else "UTC", self._time_clock.at_work
        return tuple(
            showing.person_view(own, at_work.get(own.id), zone) for own in self._catalog.people()
        )

    def _take_off(self, person: Person, line_id: UUID, left: Quantity | None = None) -> BasketLine:
        """Void a line, wholly or in part, if the person may or somebody has approved."""
        less = self._tickets.less(line_id, left)
        asked = ApprovalAsked(Action.VOID_LINE, self.basket.id, less.amount, person.id)
        approval = self._approvals.needed(person, asked, self._tickets.taken_off())
        self._tickets.take_off(less, person.id, approval)
        return less.line

    def _added(self, line: BasketLine) -> BasketLine:
        if not self._tickets.line_count:
            self.permission.insist()  # a ticket that is open may be finished, if it may be paid
        added = self._tickets.add(line)
        self._last_sale = None
        self._shown(added)
        return added

    def _shown(self, line: BasketLine) -> None:
        """Tell cashier and customer what a line is now."""
        self._voice.say(f"{line.name}: {line.quantity}", Cue.GOOD)
        self._voice.show_customer(line.name, f"Total {self._tickets.quote.total.amount}")

    def _usual_quantity(self, product: Product) -> Quantity:
        if product.unit is Unit.PIECE:
            return Quantity.pieces(1)
        return weigh(product, self._devices.scale)

    def _connection(self, zone: str, *, online: bool) -> ConnectionView:
        unsent, trading = self._journal.unsent, self.permission.brief(zone)
        return showing.connection_view(unsent, online=online, zone=zone, trading=trading)

    def _standing_message(self) -> Message | None:
        """What stays on the screen while nothing else is said."""
        store = self._store()
        notice = self._catalog.notice or ("" if store else str(NoCatalog()))
        notice = self.permission.warning(store.timezone if store else "UTC") or notice
        return Message(MessageKind.WARNING, notice) if notice else None
