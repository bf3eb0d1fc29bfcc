"""A refused form as a person sees it in a browser."""

from __future__ import annotations

from chromium import Browser


def test_a_refused_form_takes_the_person_to_the_field_that_is_wrong(manager_at: Browser) -> None:
    for _ in range(2):
        manager_at.open("/people/new")
        manager_at.fill(name="Ada", id="7", pin="135791")
        manager_at.press("Add")

    name, read_out = manager_at.focus()
    assert name == "id"
    assert read_out[0] == "The number '7' is taken in this store. Choose another one."
    assert read_out[1].startswith("What stands on receipts")
    assert manager_at.value("name") == "Ada"
    assert manager_at.value("pin") == ""
    assert manager_at.too_small_for_a_thumb() == []


def test_the_way_to_the_field_stands_above_the_page(manager_at: Browser) -> None:
    for name in ("browser-1", "browser-2"):
        manager_at.open("/tills")
        manager_at.fill(id=name, series="BR")
        manager_at.press("Add")

    told = manager_at.read("#tills-series-error")
    assert told.startswith("Receipts of another till")
    assert manager_at.read("[role=alert] a[href='#tills-series']") == told
