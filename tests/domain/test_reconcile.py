"""Holding books against each other: equal to the cent, or the till and both figures are named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.reconcile import Reconciliation, Tally, reconcile

tallies = st.lists(
    st.builds(
        Tally,
        till_id=st.sampled_from(["T1", "T2", "T3"]),
        currency=st.sampled_from(["EUR", "JPY"]),
        sales=st.integers(1, 10**6),
        total_minor=st.integers(0, 10**12),
    ),
    max_size=6,
    unique_by=lambda tally: (tally.till_id, tally.currency),
).map(tuple)

TILL = (Tally("T1", "EUR", 3, 1_050), Tally("T2", "EUR", 1, 350))


def test_equal_books_end_in_one_line_of_equals() -> None:
    outcome = reconcile({"journals": TILL, "ledger": TILL, "warehouse": TILL})

    assert outcome.balanced
    assert outcome.line == (
        "journals 4 sales 14.00 EUR = ledger 4 sales 14.00 EUR = warehouse 4 sales 14.00 EUR"
    )


def test_a_cent_too_little_is_found_with_its_till() -> None:
    short = (Tally("T1", "EUR", 3, 1_049), TILL[1])

    outcome = reconcile({"journals": TILL, "ledger": short})

    assert not outcome.balanced
    assert [str(own) for own in outcome.differences] == [
        "T1: journals 3 sales 10.50 EUR ≠ ledger 3 sales 10.49 EUR"
    ]
    assert " ≠ " in outcome.line


def test_a_till_that_one_book_does_not_know_is_a_difference() -> None:
    outcome = reconcile({"journals": TILL, "ledger": TILL[:1]})

    assert [own.till_id for own in outcome.differences] == ["T2"]
    assert outcome.differences[0].right == "ledger nothing"


def test_two_errors_that_cancel_out_are_still_two() -> None:
    swapped = (Tally("T1", "EUR", 3, 1_049), Tally("T2", "EUR", 1, 351))

    outcome = reconcile({"journals": TILL, "ledger": swapped})

    assert len(outcome.differences) == 2
    assert not outcome.balanced


def test_currencies_are_added_apart() -> None:
    books = {"journals": (Tally("T1", "EUR", 1, 100), Tally("T1", "JPY", 1, 100))}

    assert reconcile(books).line == "journals 2 sales 1.00 EUR + 100 JPY"


def test_nothing_sold_is_nothing() -> None:
    assert reconcile({"journals": (), "ledger": ()}).line == (
        "journals 0 sales nothing = ledger 0 sales nothing"
    )


@given(book=tallies)
def test_a_book_always_agrees_with_itself_in_any_order(book: tuple[Tally, ...]) -> None:
    outcome = reconcile({"one": book, "other": tuple(reversed(book))})

    assert outcome.balanced


@given(book=tallies.filter(bool), pick=st.data(), by=st.integers(-100, 100).filter(bool))
def test_any_change_of_any_figure_is_found(
    book: tuple[Tally, ...], pick: st.DataObject, by: int
) -> None:
    at = pick.draw(st.integers(0, len(book) - 1))
    own = book[at]
    other = Tally(own.till_id, own.currency, own.sales, own.total_minor + by)

    outcome: Reconciliation = reconcile(
        {"one": book, "other": (*book[:at], other, *book[at + 1 :])}
    )

    assert [difference.till_id for difference in outcome.differences] == [own.till_id]
