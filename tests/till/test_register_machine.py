"""Any order of what cashiers do, restarts and copies of the disk included, against a plain model.

After every step the open ticket, its draft on the disk, the tickets put aside, the tally and the
screen's total are those of the model; at the end the whole journal says what the model says.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from builders import new_id
from counter import BLOCKED, Counter, euros
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from till_model import DELI_CENTS, FRUIT_CENTS, PIECE_CENTS, TillModel, cents, pack, pieces, weighed
from waiting import until

from domain.approval import ApprovalGiven, ApprovalNeeded, ApprovalRefused
from domain.basket import LineRefused, NoSuchLine
from domain.errors import DomainError
from domain.events import (
    Event,
    JobState,
    LineVoided,
    ReceiptPrinted,
    TicketHeld,
    TicketRecalled,
    TicketVoided,
)
from domain.money import Money
from domain.quantity import Quantity
from domain.sale import NotEnoughMoney, Sale, check
from till_kivy import sample
from till_kivy.journal_verify import verify_journal
from till_kivy.people import Badge, Pin, StillOpen, TillIsLocked, UnknownBadge, WrongPin
from till_kivy.tickets import NoSuchTicket, NothingOnTicket, TicketOpen
from till_kivy.view import MessageKind

PLACES = st.integers(0, 50)
REFUSED_CODES = (BLOCKED, "5901234123457", "9000000000019", "no code", "")


class AtTheCounter(RuleBasedStateMachine):
    """A cashier, a till on a real disk, and the model that watches both."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="till-machine-")
        self.starts = 0
        self.till = Counter.open(self.place).log_in()
        self.model = TillModel()
        self.sales: list[Sale] = []

    def teardown(self) -> None:
        try:
            self.everything_was_written_down()
        finally:
            self.till.close()
            self.folder.cleanup()

    # ------------------------------------------------------------ goods

    @rule(number=st.sampled_from(sorted(PIECE_CENTS)))
    def scan_a_piece(self, number: int) -> None:
        self.till.register.scan(sample.gtin(number))
        self.model.put(pieces(number, 1))

    @rule(number=st.sampled_from(sorted(PIECE_CENTS)), count=st.integers(1, 9))
    def key_in_several(self, number: int, count: int) -> None:
        (product,) = self.till.register.search(sample.gtin(number))
        self.till.register.add(product, Quantity.pieces(count))
        self.model.put(pieces(number, count))

    @rule(item=st.sampled_from(sorted(DELI_CENTS)), printed=st.integers(10, 99_999))
    def scan_a_pack(self, item: int, printed: int) -> None:
        self.till.register.scan(sample.price_label(item, printed))
        self.model.put(pack(item, printed))

    @rule(item=st.sampled_from(sorted(FRUIT_CENTS)), grams=st.integers(5, 9_999))
    def scan_a_bag(self, item: int, grams: int) -> None:
        self.till.register.scan(sample.weight_label(item, grams))
        self.model.put(weighed(item, grams))

    @rule(item=st.sampled_from(sorted(FRUIT_CENTS)), grams=st.integers(5, 9_999))
    def weigh_loose_goods(self, item: int, grams: int) -> None:
        self.till.scale.grams = grams
        self.till.register.scan(sample.weight_label(item, 0))
        self.model.put(weighed(item, grams))

    @rule(code=st.sampled_from(REFUSED_CODES))
    def scan_what_cannot_be_sold(self, code: str) -> None:
        with pytest.raises(DomainError):
            self.till.register.scan(code)
        assert self.till.message.kind is MessageKind.ERROR

    @rule(item=st.sampled_from(sorted(FRUIT_CENTS)))
    def weigh_nothing(self, item: int) -> None:
        self.till.scale.grams = 0
        with pytest.raises(DomainError, match="scale is empty"):
            self.till.register.scan(sample.weight_label(item, 0))

    # ------------------------------------------------------------ second thoughts

    @precondition(lambda self: self.model.ticket)
    @rule(at=PLACES, count=st.integers(1, 20))
    def change_a_quantity(self, at: int, count: int) -> None:
        place = at % len(self.model.ticket)
        line, wanted = self.till.register.basket.lines[place], self.model.ticket[place]
        if wanted.by_piece:
            needed = self.model.change(place, count * 1_000)
            quantity = Quantity.pieces(count)
            self.do(partial(self.till.register.set_quantity, line.id, quantity), needed)
        elif wanted.printed_cents is None:
            needed = self.model.change(place, count)
            quantity = Quantity.grams(count)
            self.do(partial(self.till.register.set_quantity, line.id, quantity), needed)
        else:
            with pytest.raises(LineRefused, match="scan each pack"):
                self.till.register.set_quantity(line.id, Quantity.grams(wanted.thousandths + count))

    @precondition(lambda self: self.model.ticket)
    @rule(at=PLACES)
    def ask_for_none_of_a_line(self, at: int) -> None:
        line = self.till.register.basket.lines[at % len(self.model.ticket)]
        with pytest.raises(LineRefused):
            self.till.register.set_quantity(line.id, Quantity(0, line.quantity.unit))

    @precondition(lambda self: self.model.ticket)
    @rule(at=PLACES)
    def void_a_line(self, at: int) -> None:
        place = at % len(self.model.ticket)
        line = self.till.register.basket.lines[place]
        needed = self.model.take_off(place)
        self.do(partial(self.till.register.void_line, line.id), needed)

    @rule()
    def void_a_line_that_is_not_there(self) -> None:
        with pytest.raises(NoSuchLine):
            self.till.register.void_line(new_id())

    @rule()
    def void_the_ticket(self) -> None:
        if self.model.ticket:
            needed = self.model.drop()
            self.do(self.till.register.void_ticket, needed)
        else:
            with pytest.raises(NothingOnTicket):
                self.till.register.void_ticket()

    def do(self, act: Callable[[], object], needed: bool) -> None:
        """Do something, with the manager's approval exactly where the model says so."""
        if not needed:
            act()
            return
        with pytest.raises(ApprovalNeeded) as raised:
            act()
        asked = raised.value.asked
        with pytest.raises(ApprovalRefused):
            self.till.register.approve(asked, Pin(asked.requested_by, sample.PIN), act)
        self.till.register.approve(asked, Badge(sample.badge("oliver")), act)

    # ------------------------------------------------------------ two customers at once

    @rule(label=st.text("abc ☕", max_size=4))
    def hold(self, label: str) -> None:
        if not self.model.ticket:
            with pytest.raises(NothingOnTicket):
                self.till.register.hold(label)
            return
        self.till.clock.advance(1)
        self.till.register.hold(label)
        self.model.hold(label)

    @precondition(lambda self: self.model.held)
    @rule(at=PLACES)
    def recall(self, at: int) -> None:
        place = at % len(self.model.held)
        basket_id = self.till.register.held()[place].basket_id
        if self.model.ticket:
            with pytest.raises(TicketOpen):
                self.till.register.recall(basket_id)
            return
        self.till.register.recall(basket_id)
        self.model.recall(place)

    @rule(label=st.text("xyz", max_size=2), number=st.sampled_from(sorted(PIECE_CENTS)))
    def serve_somebody_in_between(self, label: str, number: int) -> None:
        self.scan_a_piece(number)
        self.hold(label)
        self.scan_a_piece(number)
        self.pay(0)
        self.recall(len(self.model.held) - 1)

    @precondition(lambda self: not self.model.ticket)
    @rule()
    def recall_what_nobody_held(self) -> None:
        with pytest.raises(NoSuchTicket):
            self.till.register.recall(new_id())

    # ------------------------------------------------------------ money

    @precondition(lambda self: self.model.ticket)
    @rule(over=st.integers(0, 10_000))
    def pay(self, over: int) -> None:
        due = cents(self.model.ticket)
        sale = self.till.register.pay(Money(due + over, "EUR"))
        self.model.pay()
        assert (sale.total, sale.change) == (Money(due, "EUR"), Money(over, "EUR"))
        assert sale.receipt_number == self.model.numbers[-1]
        self.sales.append(sale)

    @precondition(lambda self: cents(self.model.ticket) > 0)
    @rule(short=st.integers(1, 10_000))
    def pay_too_little(self, short: int) -> None:
        given = max(cents(self.model.ticket) - short, 0)
        with pytest.raises(NotEnoughMoney) as raised:
            self.till.register.pay(Money(given, "EUR"))
        assert raised.value.missing == Money(cents(self.model.ticket) - given, "EUR")

    @precondition(lambda self: not self.model.ticket)
    @rule()
    def pay_for_nothing(self) -> None:
        with pytest.raises(NothingOnTicket):
            self.till.register.pay(euros("5.00"))

    # ------------------------------------------------------------ people and programs

    @rule(person=st.sampled_from(["anna", "deniz", "marta"]), badge=st.booleans())
    def somebody_else_takes_over(self, person: str, badge: bool) -> None:
        if badge:
            self.till.register.log_in_by(Badge(sample.badge(person)))
        else:
            self.till.log_in(person)
        self.model.role = "supervisor" if person == "marta" else "cashier"

    @rule(back=st.sampled_from(["anna", "marta"]))
    def the_till_is_left_alone(self, back: str) -> None:
        self.till.register.lock()
        with pytest.raises(TillIsLocked):
            self.till.register.scan(sample.gtin(1))
        self.somebody_else_takes_over(back, badge=True)

    @rule(person=st.sampled_from(["anna", "deniz"]))
    def mistype_the_pin(self, person: str) -> None:
        with pytest.raises(WrongPin):
            self.till.register.log_in(person, "000000")
        with pytest.raises(UnknownBadge):
            self.till.register.log_in_by(Badge("TFB0"))
        self.till.log_in(person)
        self.model.role = "cashier"

    @rule()
    def log_out(self) -> None:
        if self.model.ticket:
            with pytest.raises(StillOpen):
                self.till.register.log_out()
        else:
            self.till.register.log_out()
            self.till.log_in()
            self.model.role = "cashier"

    @rule()
    def restart(self) -> None:
        self.till.close()
        self.come_up_again()

    @rule()
    def pull_the_plug(self) -> None:
        """Go on from a copy of the disk taken while the program runs; paper is out by then."""
        until(lambda: len(self.printed()) == len(self.sales))
        before = self.place
        self.starts += 1
        shutil.copytree(before, self.place)
        self.till.close()
        self.come_up_again()

    def come_up_again(self) -> None:
        now = self.till.clock.now()
        self.till = Counter.open(self.place)
        self.till.clock.set(now)
        self.till.log_in()
        self.model.role = "cashier"

    # ------------------------------------------------------------ what always holds

    @invariant()
    def the_ticket_is_the_models(self) -> None:
        lines = self.till.register.basket.lines
        view = self.till.register.view()

        found = [(line.sku, line.quantity.thousandths) for line in lines]
        assert found == [(line.sku, line.thousandths) for line in self.model.ticket]
        totals = [euros(line.total).minor for line in view.lines]
        assert totals == [line.cents for line in self.model.ticket]
        assert euros(view.total).minor == cents(self.model.ticket)

    @invariant()
    def the_disk_has_the_ticket_too(self) -> None:
        draft = self.till.journal.draft()

        assert (draft.lines if draft else ()) == self.till.register.basket.lines

    @invariant()
    def the_tickets_put_aside_are_the_models(self) -> None:
        held = self.till.register.held()

        assert [(own.label, euros(own.total).minor) for own in held] == [
            (label, cents(ticket)) for label, ticket in self.model.held
        ]
        assert self.till.register.view().held == len(held)

    @invariant()
    def the_tally_is_the_models(self) -> None:
        counted = [(tally.sales, tally.total_minor) for tally in self.till.journal.tally()]

        sold = self.model.sold_cents
        assert counted == ([(len(sold), sum(sold))] if sold else [])

    def everything_was_written_down(self) -> None:
        told = [self.till.journal.event_of(entry) for entry in self.till.entries()]
        sales = [event for event in told if isinstance(event, Sale)]

        assert verify_journal(self.till.journal).first_bad is None
        assert sales == self.sales
        assert [sale.receipt_number for sale in sales] == self.model.numbers
        for sale in sales:
            check(sale)
        labels: dict[UUID, str] = {}  # a ticket may be held again under another label
        seen = [word for event in told if (word := _word(event, labels))]
        assert seen == self.model.written
        given = [event for event in told if isinstance(event, ApprovalGiven)]
        assert [(own.action, own.amount.minor) for own in given] == self.model.approvals
        assert self.till.drawer.opened <= len(sales)

    def printed(self) -> list[ReceiptPrinted]:
        reports = self.till.events(ReceiptPrinted)
        return [report for report in reports if report.state is JobState.PRINTED]

    @property
    def place(self) -> Path:
        return Path(self.folder.name) / str(self.starts)


def _word(event: Event, labels: dict[UUID, str]) -> tuple[str, object] | None:
    """Say of an entry what the model says, nothing of those that change no ticket."""
    match event:
        case LineVoided():
            assert event.amount is not None
            approved, off = event.approval_id is not None, event.amount.minor
            return "line_voided", (event.sku, event.quantity.thousandths, off, approved)
        case TicketVoided():
            approved = event.approval_id is not None
            return "ticket_voided", (event.lines, event.total.minor, approved)
        case TicketHeld():
            labels[event.basket.id] = event.label
            return "ticket_held", (event.label, len(event.basket.lines))
        case TicketRecalled():
            return "ticket_recalled", labels[event.basket_id]
        case Sale():
            return "sale", event.total.minor
        case _:
            return None


TestAnyOrderOfWhatCashiersDo = AtTheCounter.TestCase
# Not shrunk: on a real disk that takes longer than a test may run, and would hide what failed.
TestAnyOrderOfWhatCashiersDo.settings = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
)
