"""Invoices of a file as sales of a real register and journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from replays import WillingOffice, odd_file, planned

from domain.basket import PriceSource
from domain.money import UnitPrice
from domain.sale import Sale, check
from till_kivy.replay.folder import Folder
from till_kivy.replay.plan import Plan
from till_kivy.replay.sell import ReplayTill


@contextmanager
def replay_till(folder: Path, plan: Plan, office: WillingOffice) -> Iterator[ReplayTill]:
    till = ReplayTill(folder, plan, office)
    yield till
    till.close()


def test_an_invoice_is_sold_at_its_time_its_prices_and_under_its_number(tmp_path: Path) -> None:
    folder, plan, shop = planned(odd_file(tmp_path), tmp_path, tills=1)
    with replay_till(tmp_path / "R1", plan, WillingOffice(shop)) as till:
        sell_all(till, folder, plan)

        sale = sales_of(till)[0]

    assert sale.reference == "1001"
    assert sale.sold_at == dt.datetime(2011, 3, 1, 9, tzinfo=dt.UTC)
    assert sale.business_date == dt.date(2011, 3, 1)
    assert [line.price_source for line in sale.lines] == [PriceSource.OVERRIDE] * 2
    assert sale.lines[1].unit_price == UnitPrice(125_000, "GBP")
    assert sale.total.minor == 713
    check(sale)


def test_a_mixed_invoice_sells_its_good_lines(tmp_path: Path) -> None:
    folder, plan, shop = planned(odd_file(tmp_path), tmp_path, tills=1)
    with replay_till(tmp_path / "R1", plan, WillingOffice(shop)) as till:
        sell_all(till, folder, plan)

        sale = sales_of(till)[-1]

    assert sale.reference == "1007"
    assert [line.name for line in sale.lines] == ["Jar"]
    assert sale.total.minor == 2


def test_a_second_run_finds_its_sales_in_the_journal_and_sells_the_rest(tmp_path: Path) -> None:
    folder, plan, shop = planned(odd_file(tmp_path), tmp_path, tills=1)
    with replay_till(tmp_path / "R1", plan, WillingOffice(shop)) as till:
        first = next(folder.invoices(plan))
        assert till.sell(first)

    with replay_till(tmp_path / "R1", plan, WillingOffice(shop)) as till:
        made = sell_all(till, folder, plan)

        assert made == 2
        assert [sale.reference for sale in sales_of(till)] == ["1001", "1002", "1007"]


def test_a_ticket_that_a_kill_left_half_collected_is_dropped(tmp_path: Path) -> None:
    folder, plan, shop = planned(odd_file(tmp_path), tmp_path, tills=1)
    with replay_till(tmp_path / "R1", plan, WillingOffice(shop)) as till:
        line = next(folder.invoices(plan)).sold[0]
        till.register.add_lines([till.basket_line(line)])

    with replay_till(tmp_path / "R1", plan, WillingOffice(shop)) as till:
        sell_all(till, folder, plan)

        assert [len(sale.lines) for sale in sales_of(till)] == [2, 1, 1]


def test_the_same_file_gives_the_same_sale_ids_on_any_till(tmp_path: Path) -> None:
    ids = []
    for run in ("one", "two"):
        place = tmp_path / run
        place.mkdir()
        folder, plan, shop = planned(odd_file(tmp_path), place, tills=1)
        with replay_till(place / "R1", plan, WillingOffice(shop)) as till:
            sell_all(till, folder, plan)
            ids.append([sale.id for sale in sales_of(till)])

    assert ids[0] == ids[1]


def test_everything_reaches_the_office_and_nothing_twice(tmp_path: Path) -> None:
    folder, plan, shop = planned(odd_file(tmp_path), tmp_path, tills=1)
    office = WillingOffice(shop)
    with replay_till(tmp_path / "R1", plan, office) as till:
        sell_all(till, folder, plan)
        till.drain()
        till.drain()

        assert [entry.sequence for entry in office.taken] == [1, 2, 3, 4]
        assert till.journal.unsent.count == 0


def sell_all(till: ReplayTill, folder: Folder, plan: Plan) -> int:
    return sum(till.sell(invoice) for invoice in folder.invoices(plan) if invoice.sold)


def sales_of(till: ReplayTill) -> list[Sale]:
    entries = till.journal.entries()
    return [till.journal.sale_of(entry) for entry in entries if entry.kind == "sale"]
