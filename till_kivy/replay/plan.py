"""The plan of a replay: what is replayed, through how many tills, and what was found in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, UUID, uuid5

NO_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Plan:
    """What is replayed, and what was found in it.

    `tills` is 0 when the file itself says which store sold what. `expected_minor` is the sum
    that SQL finds over the file, `total_minor` what the classified lines come to.
    """

    source: str
    source_id: str
    currency: str
    timezone: str
    tills: int
    limit: int
    pin: str = ""
    read: int = 0
    sold: int = 0
    sales: int = 0
    total_minor: int = 0
    expected_minor: int = 0
    aside: dict[str, int] = field(default_factory=dict)

    @property
    def file_id(self) -> UUID:
        """The name space in which this file's sales get their ids."""
        return uuid5(NAMESPACE_URL, f"sha256:{self.source_id}")

    @property
    def set_aside(self) -> int:
        """How many lines are no sale."""
        return sum(self.aside.values())
