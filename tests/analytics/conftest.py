"""An exporter over a ledger of its own, and a folder of files made without any office."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from exported import facts_of, write_files
from exporting import Selling
from fixtures_office import fresh_database
from world_shop import STORES, WORLD, Shopping

from activities.db import shop
from activities.db.engine import Database
from api.engines.postgres import EmbeddedPostgres


@pytest.fixture
def selling(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Selling]:
    """The stores of the world on a new ledger, and an exporter of it."""
    database = Database(fresh_database(postgres), as_owner=True)
    with database.begin() as connection:
        shop.load_shop(connection, WORLD)
    yield Selling(database, tmp_path / "export")
    database.close()


@pytest.fixture(scope="session")
def export_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of 300 sales in every store of the world."""
    folder = tmp_path_factory.mktemp("exported")
    write_files(facts_of(Shopping(7).sales(300), STORES), folder)
    return folder
