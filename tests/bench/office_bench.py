"""A real office for benchmarks: PostgreSQL, Temporal, worker and API, each a process of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import builders
import httpx
from fixtures_office import TEMPLATE
from fixtures_temporal import a_temporal
from offices import Program, api_client, is_well, run_program, settings_for
from waiting import until

from activities.db.engine import Database
from activities.db.shop import load_shop
from activities.settings import Settings
from api.engines.postgres import EmbeddedPostgres
from domain.catalog import Employee, Shop, Till
from domain.sale import Sale

READY_S = 60


@dataclass(frozen=True)
class BenchOffice:
    """Where the office listens and where its books are."""

    settings: Settings
    database: Database
    http: httpx.Client

    @property
    def url(self) -> str:
        """The database's address for a bare client."""
        return self.database.url


@contextmanager
def bench_office(folder: Path) -> Iterator[BenchOffice]:
    """Run a whole office in a folder and stop it afterwards."""
    with ExitStack() as opened:
        postgres = EmbeddedPostgres(folder / "postgres")
        postgres.start()
        opened.callback(postgres.stop)
        temporal = opened.enter_context(a_temporal(folder))
        settings = settings_for(folder, postgres.url(TEMPLATE), temporal.ports.grpc)
        begun = run_program("activities", "begin", settings=settings)
        assert begun.returncode == 0, begun.stderr
        database = Database(postgres.url(TEMPLATE))
        opened.callback(database.close)
        opened.enter_context(Program("activities", "work", settings=settings))
        opened.enter_context(Program("api", settings=settings))
        http = api_client(settings)
        opened.callback(http.close)
        until(lambda: is_well(http), READY_S)
        yield BenchOffice(settings, database, http)


def load_till(office: BenchOffice, till_id: str, public_key: str = "") -> None:
    """Tell the office of the test store and one till."""
    shop = Shop(
        stores=(builders.STORE,),
        tills=(Till(till_id, "S1", till_id, public_key),),
        people=(Employee("S1", builders.ADA),),
    )
    with office.database.begin() as connection:
        load_shop(connection, shop)


def sales(count: int, till_id: str, lines: int = 6) -> Sequence[Sale]:
    """Make sales of some lines, each with its own ids and receipt number."""
    products = [builders.product(f"Tea {number}") for number in range(lines)]
    made = []
    for number in range(count):
        basket = builders.basket(*(builders.line(of) for of in products))
        sale = builders.sale(f"{till_id}-{number:06d}", basket, till_id=till_id)
        made.append(dataclasses.replace(sale, cashier_id="p1"))
    return made
