"""What the screens are told: ready text, and nothing that they would have to work out."""

from __future__ import annotations

from builders import AT
from counter import BREAD, CROISSANT, Counter, euros, with_lines
from tills import acknowledgement

from domain.journal import Refusal, RefusedEntry
from domain.quantity import Quantity, Unit
from till_kivy import sample
from till_kivy.view import LineView


def test_a_fresh_till_shows_its_shop_and_who_may_log_in(counter: Counter) -> None:
    view = counter.register.view()

    assert (view.till_id, view.store_name, view.currency) == ("corner-1", "Corner Market", "EUR")
    assert len(view.people) == 4
    assert (view.person, view.lines, view.total, view.last_sale) == (None, (), "0.00", None)


def test_lines_are_text_ready_to_draw(counter: Counter) -> None:
    with_lines(counter, CROISSANT, CROISSANT, sample.weight_label(10001, 500))

    pieces, weighed = counter.register.view().lines

    assert pieces == LineView(
        id=pieces.id,
        sku="P001",
        name="Croissant",
        quantity="2",
        unit=Unit.PIECE,
        unit_price="1.40 EUR",
        discount="",
        total="2.80",
    )
    assert (weighed.quantity, weighed.unit_price) == ("0.500 kg", "1.89 EUR/kg")


def test_items_count_pieces_and_one_for_each_weighing(counter: Counter) -> None:
    with_lines(counter, CROISSANT, BREAD, sample.weight_label(10001, 2_500))
    line = counter.register.basket.lines[0]

    counter.register.set_quantity(line.id, Quantity.pieces(6))

    assert counter.register.view().items == 8


def test_the_last_sale_stays_until_the_next_one_begins(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    counter.register.pay(euros("2.00"))
    shown = counter.register.view().last_sale

    counter.register.scan(BREAD)

    assert shown is not None
    assert shown.change == "0.60"
    assert counter.register.view().last_sale is None


def test_the_connection_says_what_waits_and_since_when(counter: Counter) -> None:
    counter.log_in()

    connection = counter.register.view().connection

    assert not connection.online
    assert connection.unsent == len(counter.entries())
    assert connection.text == "Offline, 2 unsent since 2026-11-21 10:30"
    assert AT.hour == 9


def test_the_connection_is_content_when_the_office_has_everything(counter: Counter) -> None:
    counter.log_in()
    counter.journal.acknowledge(acknowledgement(counter.journal.head))

    connection = counter.register.view(online=True).connection

    assert connection.text == "Online, all sent"


def test_entries_the_office_refused_stay_in_sight(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    counter.register.pay(euros("1.40"))
    refused = RefusedEntry(3, Refusal.CONFLICT, "another content")
    counter.journal.acknowledge(acknowledgement(counter.journal.head, refused))

    connection = counter.register.view(online=True).connection

    assert connection.refused == 1
    assert connection.text.endswith("1 refused by the office")


def test_looking_changes_nothing(counter: Counter) -> None:
    with_lines(counter, CROISSANT)
    entries, basket = counter.entries(), counter.register.basket

    views = {repr(counter.register.view()) for _ in range(3)}

    assert len(views) == 1
    assert (counter.entries(), counter.register.basket) == (entries, basket)
