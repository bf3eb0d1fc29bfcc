"""Every function has a key, and lists are walked with arrows."""

from till.window_harness import Hands

from till_kivy import sample


def chosen(hands: Hands) -> list[str]:
    """The titles of the rows that are drawn as chosen."""
    from till_kivy.widgets.rows import Row
    from till_kivy.widgets.theme import CHOSEN

    rows = [seen.widget for seen in hands.touchable() if isinstance(seen.widget, Row)]
    return [row.title.text for row in rows if row.pair == CHOSEN]


def test_every_action_of_the_selling_page_has_the_key_it_names(selling: Hands) -> None:
    from till.window_harness import texts_on

    captions = [texts_on(seen.widget) for seen in selling.touchable()]
    hinted = {texts[1].lower() for texts in captions if len(texts) > 1 and texts[1][0] == "F"}

    assert {key for key in hinted if key[1:].isdigit()} == {
        "f2", "f3", "f4", "f5", "f6", "f8", "f9", "f10", "f12",
    }  # fmt: skip
    assert {key for key in hinted if key[1:].isdigit()} <= selling.app.desk.page.keys.keys()


def test_arrows_walk_the_ticket(selling: Hands) -> None:
    for number in (1, 2, 3):
        selling.wedge(sample.gtin(number))

    selling.press("up")
    assert chosen(selling) == ["Pretzel"]
    selling.press("up", "up", "up")
    assert chosen(selling) == ["Croissant"]
    selling.press("down")
    assert chosen(selling) == ["Farmhouse bread 1 kg"]
    selling.press("f4")

    assert [line.name for line in selling.till.view().lines] == ["Croissant", "Pretzel"]


def test_arrows_walk_what_was_found(selling: Hands) -> None:
    selling.press("f2")
    selling.type("ap")
    assert chosen(selling) == ["Apple juice 1 l"]

    selling.press("down")
    assert chosen(selling) == ["Apples Gala"]
    selling.press("up", "enter")

    assert selling.till.view().lines[0].name == "Apple juice 1 l"


def test_arrows_walk_the_tickets_on_hold(selling: Hands) -> None:
    for number in (1, 2):
        selling.wedge(sample.gtin(number))
        selling.press("f5")

    selling.press("f6", "down", "up", "down", "enter")

    assert selling.till.view().lines[0].name == "Farmhouse bread 1 kg"


def test_an_empty_list_of_held_tickets_says_so(selling: Hands) -> None:
    selling.press("f6")
    assert selling.sees("No ticket is on hold.")

    selling.press("enter", "escape")

    assert selling.app.desk.page_name == "sell"


def test_letters_can_be_swapped_for_digits_and_hidden(selling: Hands) -> None:
    selling.tap("Search")
    selling.tap("123")
    for digit in sample.gtin(8):
        selling.tap(digit)
    assert selling.sees("Apple juice 1 l")

    selling.tap("Hide")
    assert selling.sees("Space") is False
    selling.tap("Keys")
    assert selling.sees("Space")


def test_letters_are_taken_back_one_by_one(selling: Hands) -> None:
    selling.press("f2")
    selling.type("apx")
    assert selling.sees("Apple juice") is False

    selling.press("backspace")

    assert selling.sees("Apple juice 1 l")


def test_a_quantity_can_be_mistyped_and_left(selling: Hands) -> None:
    selling.wedge(sample.gtin(1))
    selling.press("f3")
    selling.type("7.5")
    selling.press("backspace", "backspace")
    selling.type("4")
    selling.press("enter")
    assert selling.till.view().lines[0].quantity == "4"

    selling.press("f3")
    selling.type("9")
    selling.press("escape")

    assert selling.till.view().lines[0].quantity == "4"


def test_a_label_with_its_own_price_refuses_another_quantity(selling: Hands) -> None:
    selling.wedge(sample.price_label(20001, 734))
    selling.press("f3")
    selling.type("2")

    selling.press("enter")

    assert selling.sees("carries its price on the label")


def test_the_pin_can_be_cleared_and_left(hands: Hands) -> None:
    hands.tap("Anna Berger")
    hands.type("12345")
    hands.tap("Clear")
    hands.press("escape")
    hands.type("2" + sample.PIN)

    assert hands.sees("Deniz Kaya")
    assert hands.sees("Ready for the next customer")
