"""Whole journeys of a cashier through the real window, compared with what the journal holds."""

from collections.abc import Sequence
from pathlib import Path

from till.window_harness import Hands

from domain.events import (
    Event,
    LineVoided,
    LoggedIn,
    LogInRefused,
    TicketHeld,
    TicketRecalled,
    TicketVoided,
)
from domain.sale import Sale
from till_kivy import sample


def events(hands: Hands) -> Sequence[Event]:
    """What the journal says, the start of the program left out."""
    journal = hands.till.journal
    return [journal.event_of(entry) for entry in journal.entries(0, 100)][1:]


def kinds(hands: Hands) -> list[type]:
    return [type(event) for event in events(hands)]


def sales(hands: Hands) -> list[Sale]:
    return [event for event in events(hands) if isinstance(event, Sale)]


def test_a_cashier_logs_in_with_a_tile_and_six_digits(hands: Hands) -> None:
    hands.tap("Deniz Kaya")
    for digit in sample.PIN:
        hands.tap(digit)

    assert hands.sees("Ready for the next customer")
    assert events(hands) == [LoggedIn("deniz")]


def test_a_wrong_pin_is_said_in_plain_words_and_written_down(hands: Hands) -> None:
    hands.tap("Anna Berger")

    hands.type("111111")

    assert hands.sees("That PIN does not fit.")
    assert hands.sees("PIN, six digits")
    assert events(hands) == [LogInRefused("anna")]


def test_a_sale_is_made_by_touch_and_scanner_alone(selling: Hands) -> None:
    selling.wedge(sample.gtin(7))
    selling.tap("Pretzel")
    selling.tap("Quantity")
    selling.tap("3")
    selling.tap("Set")
    selling.tap("Pay")
    selling.tap("5.00")
    selling.tap("Take cash")

    assert selling.sees("0.81")
    assert selling.sees("Receipt C1-000001")
    (sold,) = sales(selling)
    assert [(line.name, str(line.quantity)) for line in sold.lines] == [
        ("Mineral water 1.5 l", "1"),
        ("Pretzel", "3"),
    ]
    assert (sold.total.minor, sold.change.minor) == (419, 81)


def test_a_sale_is_made_by_keyboard_alone(hands: Hands) -> None:
    hands.type("1" + sample.PIN)
    hands.type("espr")
    hands.press("enter")
    hands.press("f3")
    hands.type("2")
    hands.press("enter", "f12")
    hands.type("500")
    hands.press("enter")

    assert hands.sees("0.60")
    hands.press("enter")
    assert hands.sees("Ready for the next customer")
    (sold,) = sales(hands)
    assert (sold.total.minor, sold.change.minor) == (440, 60)


def test_a_ticket_waits_while_another_customer_pays(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))
    selling.wedge(sample.gtin(2))
    selling.tap("Hold")
    selling.tap("Coffee")
    selling.tap("Espresso")
    selling.press("f12", "f1", "enter", "enter")

    selling.tap("Recall · 1")
    selling.tap("Croissant and 1 more")

    assert selling.sees("5.60")
    assert kinds(selling) == [LoggedIn, TicketHeld, Sale, TicketRecalled]


def test_a_line_is_selected_by_touch_and_voided(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))
    selling.wedge(sample.gtin(8))

    selling.touch(*line_called(selling, "Croissant"))
    selling.tap("Void line")

    assert selling.sees("Apple juice 1 l")
    assert selling.sees("Croissant was taken off.")
    voided = events(selling)[-1]
    assert isinstance(voided, LineVoided)
    assert voided.sku == "P001"


def line_called(hands: Hands, name: str) -> tuple[float, float]:
    from till_kivy.widgets.rows import Row

    rows = [seen for seen in hands.touchable() if isinstance(seen.widget, Row)]
    return next(seen.middle for seen in rows if seen.widget.title.text == name)


def test_voiding_a_ticket_asks_and_enter_is_no_answer(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))

    selling.tap("Void ticket")
    selling.press("enter")
    assert selling.sees("Void this ticket")
    selling.tap("Go back")
    assert selling.sees("1.40")
    selling.press("f8", "f8")

    assert selling.sees("Ready for the next customer")
    assert kinds(selling)[-1] is TicketVoided


def test_a_code_scanned_while_a_question_is_open_does_nothing(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))
    selling.press("f8")

    selling.wedge(sample.gtin(2))

    assert selling.sees("Void this ticket")
    assert selling.till.view().items == 1


def test_a_code_nobody_knows_leaves_the_ticket_as_it_was(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))

    selling.wedge("4006381333931")

    assert selling.sees("No product has the code 4006381333931.")
    assert selling.till.view().total == "1.40"


def test_a_product_is_found_by_the_letters_on_the_screen(selling: Hands) -> None:
    selling.tap("Search")
    for letter in "CAP":
        selling.tap(letter)

    selling.tap("Cappuccino")

    assert selling.sees("Ready") is False
    assert selling.till.view().lines[0].name == "Cappuccino"


def test_a_scan_on_the_search_page_sells_instead_of_searching(selling: Hands) -> None:
    selling.press("f2")

    selling.wedge(sample.gtin(3))

    assert selling.app.desk.page_name == "sell"
    assert selling.till.view().lines[0].name == "Pretzel"


def test_a_scan_does_not_leak_into_the_quantity(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))
    selling.press("f3")

    selling.wedge(sample.gtin(3))
    assert "–" in selling.texts()
    selling.press("enter")

    assert [line.quantity for line in selling.till.view().lines] == ["1", "1"]


def test_too_little_cash_is_refused_and_nothing_is_recorded(selling: Hands) -> None:
    selling.wedge(sample.gtin(2))
    selling.tap("Pay")
    selling.tap("1")
    selling.tap("00")

    selling.tap("Take cash")

    assert selling.sees("3.20 EUR is still to be paid.")
    assert sales(selling) == []


def test_the_next_scan_begins_the_next_ticket(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))
    selling.press("f12", "f1", "enter")
    assert selling.sees("Change EUR")

    selling.wedge(sample.gtin(2))

    assert selling.app.desk.page_name == "sell"
    assert selling.till.view().total == "4.20"


def test_nobody_leaves_the_till_with_an_open_ticket(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))

    selling.tap("Log out")

    assert selling.sees("Finish, hold or void it, then log out.")
    assert selling.app.desk.page_name == "sell"


def test_a_touch_without_a_line_says_what_is_missing(selling: Hands) -> None:
    for caption in ("Quantity", "Void line", "Void ticket", "Pay"):
        selling.tap(caption)

        assert selling.sees("There is no line on this ticket yet")


def test_a_ticket_of_many_lines_shows_the_newest_two_hundred(selling: Hands) -> None:
    for number in range(205):
        selling.till.register.scan(sample.price_label(20001, 100 + number))

    selling.app.desk.refresh()
    selling.app.settle()

    assert selling.longest_list() == 200
    assert selling.sees("3.04")
    assert selling.sees("205 items")


def test_a_till_without_a_catalogue_says_so(tmp_path: Path) -> None:
    from till.window_harness import ensure_window

    ensure_window()
    from till_kivy.app import TillApp
    from till_kivy.till import Till, create

    create(tmp_path, "new-1")
    till = Till.open(tmp_path)
    app = TillApp(till)
    app.appear()
    try:
        app.resize(800, 480)

        assert Hands(app, till).sees("This till has no catalogue yet")
    finally:
        app.vanish()
        till.close()
