"""Who asks the API, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from forging import Forger
from offices import RunningOffice, api_client

from api.auth.commands import CommandToken
from domain.roles import Role


@pytest.fixture
def forger(office: RunningOffice) -> Forger:
    return Forger.at(office)


@pytest.fixture
def manager(office: RunningOffice) -> Iterator[httpx.Client]:
    """The API as a manager of store S1."""
    token = CommandToken(office.settings, "max", Role.MANAGER, "S1")
    with api_client(office.settings, token) as client:
        yield client
