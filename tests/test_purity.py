"""The inside is told; the outside finds out (rule 2)."""

import ast
from pathlib import Path

import pytest
from purity import DOMAIN, WORKFLOWS, Room, imported_names

ROOT = Path(__file__).resolve().parent.parent

# Plumbing that API and worker share; workflow code never imports it (ADR-0003).
PLUMBING = {"codec", "client", "schedules"}


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def workflow_code() -> list[Path]:
    return [path for path in files("workflows") if path.stem not in PLUMBING]


def impure(room: Room, paths: list[Path]) -> list[str]:
    return [f"{path.name} {line}" for path in paths for line in room.impurities(path.read_text())]


def plumbing_imports(source: str) -> list[str]:
    barred = {f"workflows.{name}" for name in PLUMBING}
    names = [name for node in ast.walk(ast.parse(source)) for name in imported_names(node)]
    return [name for name in names if name in barred or name.rpartition(".")[0] in barred]


def test_the_domain_knows_no_clock_no_chance_no_file_and_no_float() -> None:
    assert files("domain") != []
    assert impure(DOMAIN, files("domain")) == []


def test_workflow_code_knows_temporal_and_the_domain_and_nothing_else() -> None:
    assert workflow_code() != []
    assert impure(WORKFLOWS, workflow_code()) == []


def test_workflow_code_never_imports_the_plumbing() -> None:
    users = [path.name for path in workflow_code() if plumbing_imports(path.read_text())]

    assert users == []


@pytest.mark.parametrize(
    "bad",
    [
        "import time",
        "import os.path",
        "from pathlib import Path",
        "from random import randint",
        "import sqlalchemy",
        "from temporalio import workflow",
        "from activities.db import engine",
        "from decimal import Decimal",
        "import secrets as s",
        "def later():\n    import socket",
        "import datetime as dt\nx = dt.datetime.now()",
        "from datetime import date\nx = date.today()",
        "from datetime import datetime\nclock = datetime.utcnow",
        "import uuid\nx = uuid.uuid4()",
        "f = open('journal')",
        "print('sold')",
        "price = 3.5",
        "price = float('3.5')",
        "half = total / 2",
        "total /= 2",
    ],
)
def test_the_domain_is_stopped_from_finding_out(bad: str) -> None:
    assert DOMAIN.impurities(bad) != []


@pytest.mark.parametrize(
    "good",
    [
        "from biip.gtin import Gtin",
        "from domain.money import Money",
        "import datetime as dt\nx = dt.datetime(2026, 1, 1)",
        "from uuid import UUID",
        "import hashlib, json, re",
        "half, rest = divmod(total, 2)",
    ],
)
def test_the_domain_may_calculate(good: str) -> None:
    assert DOMAIN.impurities(good) == []


@pytest.mark.parametrize(
    "bad",
    [
        "import time",
        "import cryptography",
        "from pydantic import BaseModel",
        "import uuid\nx = uuid.uuid4()",
        "import datetime as dt\nx = dt.datetime.now()",
        "from activities.ledger import post_sale",
    ],
)
def test_a_workflow_is_stopped_from_finding_out(bad: str) -> None:
    assert WORKFLOWS.impurities(bad) != []


def test_a_workflow_asks_temporal_for_the_time_and_for_ids() -> None:
    asked = "from temporalio import workflow\nx = workflow.now()\ny = workflow.uuid4()"

    assert WORKFLOWS.impurities(asked) == []


@pytest.mark.parametrize(
    "bad",
    [
        "from workflows.codec import Codec",
        "from workflows import client",
        "import workflows.codec",
    ],
)
def test_the_plumbing_in_workflow_code_is_noticed(bad: str) -> None:
    assert plumbing_imports(bad) != []
