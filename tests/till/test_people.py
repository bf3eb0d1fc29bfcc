"""Who works here: by PIN or badge, each try written down; taking over, and the lock."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from counter import CROISSANT, Counter, euros

from domain.events import LoggedIn, LoggedOut, LogInRefused, Proof, TillLocked
from domain.pins import BADGE_PREFIX
from domain.quantity import Quantity
from domain.roles import NotAllowed
from till_kivy import sample
from till_kivy.hardware.protocols import Cue
from till_kivy.people import Badge, NotLoggedIn, TillIsLocked, UnknownBadge, WrongPin
from till_kivy.register import BadgeIsNoProduct


def test_the_right_pin_lets_a_person_work(counter: Counter) -> None:
    counter.register.log_in("anna", sample.PIN)

    person = counter.register.view().person

    assert person is not None
    assert (person.id, person.name) == ("anna", "Anna Berger")
    assert counter.events(LoggedIn) == [LoggedIn("anna")]


@pytest.mark.parametrize(
    "pin",
    ["246811", "000000", "24681", "2468100", "", "\uff12\uff14\uff16\uff18\uff11\uff10", "abcdef"],
)
def test_a_wrong_pin_is_refused_and_written_down(counter: Counter, pin: str) -> None:
    with pytest.raises(WrongPin, match="does not fit"):
        counter.register.log_in("anna", pin)

    assert counter.register.view().person is None
    assert counter.events(LogInRefused) == [LogInRefused("anna")]
    assert counter.sound.played[-1] is Cue.REFUSED


def test_an_unknown_person_hears_the_same_sentence_as_a_wrong_pin(counter: Counter) -> None:
    with pytest.raises(WrongPin) as unknown:
        counter.register.log_in("nobody", sample.PIN)
    with pytest.raises(WrongPin) as wrong:
        counter.register.log_in("anna", "000000")

    assert str(unknown.value) == str(wrong.value)


def test_a_hash_that_cannot_be_read_fits_no_pin(tmp_path: Path) -> None:
    shop = sample.snapshot()
    spoiled = tuple(replace(person, pin_hash="$argon2id$broken") for person in shop.people)
    counter = Counter.open(tmp_path, replace(shop, people=spoiled))

    with pytest.raises(WrongPin):
        counter.log_in()

    assert counter.events(LogInRefused) == [LogInRefused("anna")]
    counter.close()


def test_a_failed_log_in_leaves_the_one_who_works_there(counter: Counter) -> None:
    counter.log_in()

    with pytest.raises(WrongPin):
        counter.register.log_in("marta", "000000")

    counter.register.scan(CROISSANT)
    assert counter.register.view().items == 1


def test_another_person_takes_over(counter: Counter) -> None:
    counter.log_in("anna")
    counter.register.log_out()

    counter.log_in("marta")

    person = counter.register.view().person
    assert person is not None
    assert person.role == "Supervisor"
    assert counter.events(LoggedOut) == [LoggedOut("anna")]


def test_logging_out_twice_is_harmless(counter: Counter) -> None:
    counter.log_in()
    counter.register.log_out()

    counter.register.log_out()

    assert len(counter.events(LoggedOut)) == 1


def test_the_screen_never_gets_a_pin_hash(counter: Counter) -> None:
    view = counter.register.view()

    assert [person.id for person in view.people] == ["anna", "deniz", "marta", "oliver"]
    assert "argon2" not in repr(view)


def test_a_badge_lets_its_owner_work_and_its_code_is_nowhere(counter: Counter) -> None:
    counter.register.log_in_by(Badge(sample.badge("marta")))

    person = counter.register.view().person

    assert person is not None
    assert person.id == "marta"
    assert counter.events(LoggedIn) == [LoggedIn("marta", Proof.BADGE)]
    assert BADGE_PREFIX not in told(counter)


@pytest.mark.parametrize("code", ["TFB", "TFBSAMPLENOBODY", "TFBSAMPLEanna", ""])
def test_a_badge_of_nobody_is_refused_without_a_word_of_its_code(
    counter: Counter, code: str
) -> None:
    with pytest.raises(UnknownBadge, match="Nobody here has this badge") as refused:
        counter.register.log_in_by(Badge(code))

    assert counter.register.view().person is None
    assert not code or code not in str(refused.value)
    assert BADGE_PREFIX not in told(counter)


def test_nobody_without_a_badge_is_found_by_any(tmp_path: Path) -> None:
    shop = sample.snapshot()
    people = tuple(replace(person, badge_mark="") for person in shop.people)
    counter = Counter.open(tmp_path, replace(shop, people=people))

    with pytest.raises(UnknownBadge):
        counter.register.log_in_by(Badge(sample.badge("anna")))

    counter.close()


def test_a_badge_is_never_looked_up_as_a_product(counter: Counter) -> None:
    code = sample.badge("anna")
    shop = sample.snapshot(version=2)
    trap = replace(shop.products[0], sku="TRAP", name=code, barcodes=(code,))
    counter.catalog.replace(replace(shop, products=(*shop.products, trap)))
    counter.log_in()

    with pytest.raises(BadgeIsNoProduct, match="not a product") as refused:
        counter.register.scan(code)

    assert counter.register.search(code) == []
    assert not counter.register.basket
    assert code not in str(refused.value)
    assert BADGE_PREFIX not in told(counter)


def told(counter: Counter) -> str:
    """All that the journal and the screen say."""
    return "".join(entry.body for entry in counter.entries()) + repr(counter.register.view())


def test_another_person_takes_over_and_the_ticket_stays(counter: Counter) -> None:
    counter.log_in("anna")
    counter.register.scan(CROISSANT)

    counter.register.log_in_by(Badge(sample.badge("deniz")))
    sale = counter.register.pay(euros("5.00"))

    assert (sale.cashier_id, len(sale.lines)) == ("deniz", 1)
    assert counter.events(LoggedIn) == [LoggedIn("anna"), LoggedIn("deniz", Proof.BADGE)]
    assert counter.events(LoggedOut) == []


def test_a_locked_till_keeps_its_ticket_and_does_nothing_else(counter: Counter) -> None:
    counter.log_in()
    line = counter.register.scan(CROISSANT)
    counter.register.lock()

    for act in (
        partial(counter.register.scan, CROISSANT),
        partial(counter.register.void_line, line.id),
        partial(counter.register.set_quantity, line.id, Quantity.pieces(2)),
        partial(counter.register.hold, "later"),
        partial(counter.register.recall, line.id),
        partial(counter.register.pay, euros("5.00")),
        partial(counter.register.print_again, line.id),
        counter.register.void_ticket,
    ):
        with pytest.raises(TillIsLocked, match="locked by Anna Berger"):
            act()

    view = counter.register.view()
    assert (view.locked, view.items) == (True, 1)
    assert counter.kinds()[-1] == "till_locked"


@pytest.mark.parametrize("who", ["anna", "deniz"])
def test_whoever_was_here_or_somebody_else_opens_the_lock(counter: Counter, who: str) -> None:
    counter.log_in()
    counter.register.scan(CROISSANT)
    counter.register.lock()

    counter.log_in(who)

    view = counter.register.view()
    assert view.person is not None
    assert (view.person.id, view.locked, view.items) == (who, False, 1)
    assert counter.kinds()[-2:] == ["till_locked", "logged_in"]


def test_a_wrong_pin_leaves_the_lock_closed(counter: Counter) -> None:
    counter.log_in()
    counter.register.lock()

    with pytest.raises(WrongPin):
        counter.register.log_in("anna", "000000")

    assert counter.register.view().locked


def test_locking_twice_or_with_nobody_there_writes_nothing(counter: Counter) -> None:
    counter.register.lock()
    counter.log_in()
    counter.register.lock()
    counter.register.lock()

    assert counter.events(TillLocked) == [TillLocked("anna")]


def test_a_restart_of_a_locked_till_asks_everybody(counter: Counter) -> None:
    counter.log_in()
    counter.register.scan(CROISSANT)
    counter.register.lock()

    again = counter.restart()

    view = again.register.view()
    assert (view.person, view.locked, view.items) == (None, False, 1)
    again.close()


def test_whom_the_office_takes_off_the_list_is_nobody_from_then_on(counter: Counter) -> None:
    counter.log_in()
    counter.register.scan(CROISSANT)
    shop = sample.snapshot(version=2)
    people = tuple(person for person in shop.people if person.id != "anna")

    counter.catalog.replace(replace(shop, people=people))

    assert counter.register.view().person is None
    with pytest.raises(NotLoggedIn):
        counter.register.scan(CROISSANT)
    counter.log_in("deniz")
    assert counter.register.view().items == 1


@pytest.mark.parametrize("role", ["analyst", "ops", "admin", "till", "Cashier", ""])
def test_a_role_that_does_not_sell_is_not_let_in(tmp_path: Path, role: str) -> None:
    shop = sample.snapshot()
    people = tuple(replace(person, role=role) for person in shop.people)
    counter = Counter.open(tmp_path, replace(shop, people=people))

    with pytest.raises(NotAllowed, match="may not sell"):
        counter.log_in()

    assert counter.register.view().person is None
    counter.close()


def test_a_role_that_changes_while_somebody_works_counts_at_once(counter: Counter) -> None:
    counter.log_in()
    shop = sample.snapshot(version=2)
    people = tuple(replace(person, role="analyst") for person in shop.people)

    counter.catalog.replace(replace(shop, people=people))

    with pytest.raises(NotAllowed):
        counter.register.scan(CROISSANT)
