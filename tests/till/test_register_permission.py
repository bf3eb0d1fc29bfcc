"""A till that may not trade begins no ticket and takes no money, and loses nothing by it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from counter import CROISSANT, Counter, euros, with_lines

from domain.basket import Basket
from till_kivy.permission import NotTrading
from till_kivy.view import MessageKind


@dataclass
class Says:
    """A permission that is what it is told to be."""

    problem: str = ""
    notice: str = ""

    def insist(self) -> None:
        if self.problem:
            raise NotTrading(self.problem)

    def warning(self, timezone: str) -> str:
        return self.problem or self.notice

    def brief(self, timezone: str) -> str:
        return "Sells until noon" if self.notice else ""


def test_no_ticket_is_begun(counter: Counter) -> None:
    counter.log_in().register.permission = Says("This till is stopped.")

    with pytest.raises(NotTrading, match="stopped"):
        counter.register.scan(CROISSANT)

    assert not counter.register.basket.lines


def test_an_open_ticket_stays_and_is_paid_once_the_till_may_trade_again(counter: Counter) -> None:
    register = with_lines(counter, CROISSANT).register
    open_ticket: Basket = register.basket
    register.permission = Says("This till is stopped.")

    with pytest.raises(NotTrading):
        register.pay(euros("5"))

    assert register.basket == open_ticket
    assert "sale" not in counter.kinds()
    register.permission = Says()
    assert register.pay(euros("5")).lines


def test_a_warning_stands_on_the_screen_while_nothing_else_is_said(counter: Counter) -> None:
    counter.register.permission = Says(notice="Connect it to the network.")

    view = counter.register.view()

    assert view.message is not None
    assert view.message.kind is MessageKind.WARNING
    assert view.message.text == "Connect it to the network."


def test_what_the_lease_allows_stands_in_the_state_bar_whatever_was_said_last(
    counter: Counter,
) -> None:
    register = with_lines(counter, CROISSANT).register
    register.permission = Says(notice="Connect it to the network.")

    view = register.view()

    assert view.message is not None
    assert "Croissant" in view.message.text
    assert view.connection.text.startswith("Sells until noon, ")
    assert view.connection.limited
