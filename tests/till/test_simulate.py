"""Simulated cashiers sell on real tills: everything that happens at a counter, by the seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from domain.basket import PriceSource
from domain.quantity import Unit
from domain.sale import Sale, check
from till_kivy import sample
from till_kivy.hardware.protocols import Devices
from till_kivy.hardware.simulated import SimulatedScale
from till_kivy.simulate import Cashier
from till_kivy.till import Till, create

CUSTOMERS = 150


@contextmanager
def cashier(folder: Path, seed: int) -> Iterator[tuple[Cashier, Till]]:
    create(folder, sample.TILL.id, sample.TILL.series)
    scale = SimulatedScale()
    till = Till.open(folder, devices=Devices(scale=scale))
    till.catalog.replace(sample.snapshot())
    served_by = Cashier(till, scale, Random(seed))
    served_by.log_in("anna", sample.PIN)
    yield served_by, till
    till.close()


@pytest.fixture(scope="module")
def busy_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Sale], Counter[str]]:
    with cashier(tmp_path_factory.mktemp("till"), seed=1) as (anna, till):
        sales = [anna.serve() for _ in range(CUSTOMERS)]
        kinds = Counter(entry.kind for entry in till.journal.entries(0, 10_000))
    return sales, kinds


def test_somebody_whose_pin_is_another_by_now_leaves_the_till_to_a_colleague(
    tmp_path: Path,
) -> None:
    with cashier(tmp_path, seed=1) as (simulated, till):
        till.register.log_out()
        there, another = sample.snapshot(), sample.hash_pin("135791")
        changed = [
            own if own.id == "deniz" else replace(own, pin_hash=another) for own in there.people
        ]
        till.catalog.replace(replace(there, people=tuple(changed), version=there.version + 1))

        simulated.log_in_as_any([own.id for own in there.people], sample.PIN)

        person = till.register.view().person
        assert person is not None
        assert person.name == "Deniz Kaya"


def test_every_customer_becomes_a_sale_that_adds_up(
    busy_day: tuple[list[Sale], Counter[str]],
) -> None:
    sales, kinds = busy_day

    for sale in sales:
        check(sale)

    assert len({sale.id for sale in sales}) == kinds["sale"] == CUSTOMERS


def test_labels_loose_goods_several_pieces_and_second_thoughts_all_occur(
    busy_day: tuple[list[Sale], Counter[str]],
) -> None:
    sales, kinds = busy_day
    lines = [line for sale in sales for line in sale.lines]

    assert any(line.price_source is PriceSource.EMBEDDED for line in lines)
    assert any(line.quantity.unit is Unit.KILOGRAM for line in lines)
    assert any(line.quantity.thousandths > 1000 for line in lines)
    assert any(sale.change for sale in sales)
    second_thoughts = {"line_voided", "ticket_voided", "ticket_held", "ticket_recalled"}
    assert second_thoughts | {"approval_given"} <= kinds.keys()


def test_the_same_seed_brings_the_same_customers(tmp_path: Path) -> None:
    totals = []
    for day in ("monday", "tuesday"):
        with cashier(tmp_path / day, seed=3) as (anna, _):
            totals.append([anna.serve().total for _ in range(20)])

    assert totals[0] == totals[1]


def test_a_cashier_finishes_the_ticket_that_a_crash_left_open(tmp_path: Path) -> None:
    with cashier(tmp_path, seed=1) as (anna, till):
        till.register.scan(sample.gtin(1))

    with cashier(tmp_path, seed=1) as (anna, _):
        sale = anna.serve()

    assert [line.sku for line in sale.lines] == ["P001"]
