"""A cashier and their customers, played by a seeded die on a real till with simulated devices."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Annotated

import typer

from domain.approval import ApprovalNeeded
from domain.barcode import InStoreRule, check_digit
from domain.basket import BasketLine
from domain.catalog import Product
from domain.errors import DomainError
from domain.quantity import Quantity, Unit
from domain.sale import Sale
from till_kivy.errors import OfficeAway, TillError
from till_kivy.hardware.protocols import Devices
from till_kivy.hardware.simulated import (
    SimulatedDisplay,
    SimulatedDrawer,
    SimulatedPrinter,
    SimulatedScale,
    SimulatedSound,
)
from till_kivy.people import Pin
from till_kivy.pins import PinIsLocked, WrongPin
from till_kivy.till import Till

PIN = "246810"
CATALOG_WITHIN_S = 60.0
LEASE_WITHIN_S = 10.0
DRAIN_WITHIN_S = 120.0
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_MOST_PRODUCTS = 2_000
_LABEL_LENGTH = 13


class NotDrained(TillError):
    """Some entries have not reached the office; the journal keeps them."""


class Cashier:
    """Serves one customer after the other; the same seed gives the same customers."""

    def __init__(self, till: Till, scale: SimulatedScale, dice: Random) -> None:
        self._register = till.register
        self._scale = scale
        self._dice = dice
        self._pin = PIN
        self._rules = till.catalog.store.in_store_rules
        self._products = _products(till)

    def log_in(self, person_id: str, pin: str = PIN) -> None:
        """Begin to work; everybody here has the same PIN."""
        self._pin = pin
        self._register.log_in(person_id, pin)

    def log_in_as_any(self, people: Sequence[str], pin: str = PIN) -> None:
        """Begin to work as one of these; some may have another PIN by now.

        Raises `WrongPin` or `PinIsLocked` when all have.
        """
        person_id = self._dice.choice(people)
        try:
            self.log_in(person_id, pin)
        except (WrongPin, PinIsLocked):
            others = [other for other in people if other != person_id]
            if not others:
                raise
            self.log_in_as_any(others, pin)

    def serve(self) -> Sale:
        """Scan a customer's goods, with what happens on the way, and take the money."""
        held = self._register.held()
        if held and not self._register.basket and self._happens(0.5):
            self._register.recall(held[0].basket_id)
        elif not self._register.basket:
            self._collect()
            self._interrupted()
        return self._register.pay(self._dice.choice(self._register.view().quick_cash))

    def _interrupted(self) -> None:
        """Now and then somebody has forgotten their purse, or changes their mind altogether."""
        if self._happens(0.03):
            self._register.hold("back in a minute")
        elif self._happens(0.02):
            self._with_approval(self._register.void_ticket)
        if not self._register.basket:
            self._collect()

    def _collect(self) -> None:
        wanted = 1 + min(int(self._dice.expovariate(1 / 4)), 30)
        while len(self._register.basket.lines) < wanted:
            line = self._scan(self._dice.choice(self._products))
            self._reconsider(line)

    def _scan(self, product: Product) -> BasketLine:
        if self._happens(0.03):
            self._misread(product)
        self._scale.grams = self._dice.randint(80, 2500)
        return self._register.scan(self._code(product))

    def _reconsider(self, line: BasketLine) -> None:
        """Take several of a thing, or put it back."""
        loose = line.quantity.unit is Unit.PIECE and line.embedded_total is None
        if loose and self._happens(0.15):
            count = Quantity.pieces(self._dice.randint(2, 6))
            self._with_approval(partial(self._register.set_quantity, line.id, count))
        elif self._happens(0.04):
            self._with_approval(partial(self._register.void_line, line.id))

    def _with_approval(self, act: Callable[[], None]) -> None:
        """Call a supervisor where one is needed; where there is none, things stay as they are."""
        try:
            act()
        except ApprovalNeeded as needed:
            if approvers := self._register.approvers(needed.asked):
                approver = self._dice.choice(approvers)
                self._register.approve(needed.asked, Pin(approver.id, self._pin), act)

    def _misread(self, product: Product) -> None:
        """Scan a code that is cut off or wrong in its last digit: the till must shrug."""
        code = product.barcodes[0]
        wrong = str((int(code[-1]) + self._dice.randint(1, 9)) % 10)
        with suppress(DomainError):
            self._register.scan(self._dice.choice((code[:-2], code[:-1] + wrong)))

    def _code(self, product: Product) -> str:
        """Return what stands on the pack: the shop's own labels carry a price or a weight."""
        code = product.barcodes[0]
        label = code[-_LABEL_LENGTH:]
        for rule in self._rules:
            if rule.matches(label) and rule.item_code(label) == label:
                return _label(rule, label, self._dice)
        return code

    def _happens(self, probability: float) -> bool:
        return self._dice.random() < probability


def _label(rule: InStoreRule, item_code: str, dice: Random) -> str:
    """Print a label: 0.80 to 25.00 of money, or 80 g to 2.5 kg."""
    number = str(dice.randint(80, 2500)).zfill(sum(rule.pattern.count(letter) for letter in "PW"))
    digits = iter(number)
    payload = "".join(
        next(digits) if letter in "PW" else digit
        for letter, digit in zip(rule.pattern[:-1], item_code[:-1], strict=True)
    )
    return payload + check_digit(payload)


def _products(till: Till) -> list[Product]:
    """Find everything that can be scanned, by way of the till's own search."""
    found = (p for letter in _LETTERS for p in till.catalog.search(letter, _MOST_PRODUCTS))
    sellable = {p.sku: p for p in found if p.barcodes and not p.blocked and p.price.micros > 0}
    return [sellable[sku] for sku in sorted(sellable)]


def simulate(
    folder: Annotated[Path, typer.Option("--dir", help="The till's folder.")],
    office: Annotated[str, typer.Option(help="The office's address.")],
    *,
    sales: Annotated[int, typer.Option(min=0, help="How many; 0 is until told to stop.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same customers.")] = 1,
    pace: Annotated[float, typer.Option(min=0, help="Seconds between customers, about.")] = 0,
    pin: Annotated[str, typer.Option(help="The PIN of the demo shop's staff.")] = PIN,
) -> None:
    """Sell like a cashier, without a window, and leave once the office has everything."""
    told_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())
    scale = SimulatedScale()
    till = Till.open(folder, office, _devices(scale))
    # Other customers after a restart, and still the same ones in the same journal.
    dice = Random(f"{seed}/{till.journal.head.sequence}")  # noqa: S311 -- repeatable on purpose
    try:
        _open_for_business(till)
        cashier = Cashier(till, scale, dice)
        cashier.log_in_as_any([person.id for person in till.catalog.people()], pin)
        served = 0
        while not told_to_stop.is_set() and (served < sales or not sales):
            cashier.serve()
            till.nudge()
            served += 1
            told_to_stop.wait(dice.uniform(0.5, 1.5) * pace)
        _close_business(till, served, told_to_stop)
    finally:
        till.close()


def _devices(scale: SimulatedScale) -> Devices:
    return Devices(
        printer=SimulatedPrinter(),
        drawer=SimulatedDrawer(),
        display=SimulatedDisplay(),
        scale=scale,
        sound=SimulatedSound(),
    )


def _open_for_business(till: Till) -> None:
    """Wait for today's catalogue and lease, or go on with those that are here."""
    assert till.uplink is not None
    till.uplink.renewal.wait(LEASE_WITHIN_S)
    if not till.uplink.sync.wait(CATALOG_WITHIN_S) and not till.catalog.version:
        raise OfficeAway(f"no catalogue within {CATALOG_WITHIN_S:.0f} s")


def _close_business(till: Till, served: int, told_to_stop: threading.Event) -> None:
    """Let the printer finish, then the outbox."""
    till.register.stop()
    typer.echo(f"Till {till.journal.till_id} served {served} customers.")
    if not told_to_stop.is_set() and not till.drain(DRAIN_WITHIN_S):
        unsent = till.journal.unsent.count
        raise NotDrained(f"{unsent} entries of till {till.journal.till_id} are still unsent.")
