"""Cash in other shops: coins that are missing, currencies without cents, amounts to choose from."""

from dataclasses import replace
from pathlib import Path

import pytest
from till.window_harness import Hands, window

from domain.cash import Counted
from domain.catalog import Snapshot
from domain.money import Money, UnitPrice
from till_kivy import sample


def shop_in(currency: str, step_minor: int = 1) -> Snapshot:
    """The sample shop in another country, everything at 2.98 or 298 of its money."""
    made = sample.snapshot()
    price = "298" if currency == "JPY" else "2.98"
    return replace(
        made,
        store=replace(made.store, currency=currency, cash_step_minor=step_minor),
        products=tuple(
            replace(product, price=UnitPrice.parse(price, currency)) for product in made.products
        ),
    )


def test_the_total_is_rounded_to_the_smallest_coin(tmp_path: Path) -> None:
    with window(tmp_path, shop=shop_in("CHF", 5)) as hands:
        hands.log_in()
        hands.wedge(sample.gtin(1))
        assert hands.sees("2.98")

        hands.tap("Pay")

        assert hands.sees("To pay CHF rounded")
        assert hands.sees("3.00")
        hands.press("f1", "enter")
        assert hands.till.view().last_sale is not None
        assert hands.sees("Given 3.00")


def test_a_currency_without_cents_takes_whole_amounts(tmp_path: Path) -> None:
    with window(tmp_path, shop=shop_in("JPY")) as hands:
        hands.log_in()
        hands.wedge(sample.gtin(1))
        hands.tap("Pay")

        hands.type("1000")

        assert hands.sees("702")
        hands.press("enter")
        assert hands.sees("Change JPY")


def test_likely_amounts_stand_on_keys_of_their_own(selling: Hands) -> None:
    selling.wedge(sample.gtin(2))
    selling.tap("Pay")

    for key, given, change in (("f1", "4.20", "0.00"), ("f2", "5.00", "0.80")):
        selling.press(key)

        assert selling.sees(given)
        assert selling.sees(change)


def test_what_is_still_missing_is_shown_while_digits_are_typed(selling: Hands) -> None:
    selling.wedge(sample.gtin(2))
    selling.tap("Pay")

    selling.type("400")

    assert selling.sees("Still to pay")
    assert selling.sees("0.20")
    selling.press("backspace")
    assert selling.sees("3.80")


def test_more_digits_than_cash_can_have_are_not_taken(selling: Hands) -> None:
    selling.wedge(sample.gtin(2))
    selling.tap("Pay")

    selling.type("1234567890123")

    assert selling.sees("1\u00a0234\u00a0567.89")


def test_going_back_from_payment_forgets_the_amount(selling: Hands) -> None:
    selling.wedge(sample.gtin(2))
    selling.tap("Pay")
    selling.type("400")

    selling.tap("Back")
    selling.tap("Pay")

    assert selling.sees("4.00") is False


@pytest.mark.parametrize(
    ("given", "missing", "change"), [(0, 420, 0), (419, 1, 0), (420, 0, 0), (500, 0, 80)]
)
def test_cash_is_either_short_or_over(given: int, missing: int, change: int) -> None:
    counted = Counted(Money(420, "EUR"), Money(given, "EUR"))

    assert counted.missing == Money(missing, "EUR")
    assert counted.change == Money(change, "EUR")


@pytest.mark.parametrize("page", ["sell", "search", "held", "tender"])
def test_the_total_of_an_open_ticket_stands_on_every_page(selling: Hands, page: str) -> None:
    selling.wedge(sample.gtin(2))
    selling.wedge(sample.gtin(1))

    selling.app.desk.go(page)
    selling.app.settle()

    assert selling.sees("5.60")


def test_the_total_stays_in_sight_while_a_quantity_is_typed(selling: Hands) -> None:
    selling.wedge(sample.gtin(2))

    selling.press("f3")
    selling.type("3")

    assert "4.20" in selling.texts()


@pytest.mark.parametrize("page", ["search", "held"])
def test_without_an_open_ticket_no_total_is_shown(selling: Hands, page: str) -> None:
    selling.app.desk.go(page)
    selling.app.settle()

    assert not selling.sees("Total")
