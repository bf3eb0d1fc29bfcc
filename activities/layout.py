"""Where exported rows lie: a file per store and day, or per store and month that is long over."""

from __future__ import annotations

import calendar
import datetime as dt
import logging
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from activities.exchange import can_exchange
from activities.parquet import SUFFIX, Place
from domain.facts import STORES, TABLES
from workflows.steps import StoreDay

OVER_FOR = dt.timedelta(days=7)
"""So long after its end a month goes into one file: most late sales have come by then."""

_log = logging.getLogger(__name__)

Month = tuple[str, str]
"""A store and a month, as in `2017-03`."""

# What every day with sales has; `sales` last, because they are put in place last.
_TELLING = ("sale_lines", "sales")


def month_of(day: StoreDay) -> Month:
    """Return the store's month that a day is in."""
    return (day.store_id, f"{day.business_date:%Y-%m}")


def days_of(month: Month) -> list[StoreDay]:
    """Return every day of a store's month."""
    first = dt.date.fromisoformat(f"{month[1]}-01")
    length = calendar.monthrange(first.year, first.month)[1]
    return [StoreDay(month[0], first + dt.timedelta(days=n)) for n in range(length)]


def is_over(month: Month, today: dt.date) -> bool:
    """Tell whether a month ended long ago."""
    return days_of(month)[-1].business_date + OVER_FOR < today


class Layout:
    """The folders of an export."""

    def __init__(self, export_dir: Path) -> None:
        self._export_dir = export_dir

    def store(self, store_id: str) -> Place:
        """Return the place of what is known of a store."""
        return Place(self._store_folder(STORES, store_id), f"part{SUFFIX}")

    def day(self, table: str, day: StoreDay) -> Place:
        """Return the place of one day."""
        return Place(self._folder(table, month_of(day)), f"{day.business_date}{SUFFIX}")

    def month(self, table: str, month: Month) -> Place:
        """Return the place of a whole month."""
        return Place(self._folder(table, month), f"{month[1]}{SUFFIX}")

    def is_whole(self, month: Month, today: dt.date) -> bool:
        """Tell whether a month is in one file, or is to be.

        Once it is, it stays so. Where folders cannot be exchanged, days stay what they are.
        """
        places = [self.month(table, month) for table in TABLES]
        if any(place.path.exists() for place in places):
            return True
        return is_over(month, today) and (
            self._can_exchange or not any(place.replaced() for place in places)
        )

    def lacks(self, month: Month, days: list[StoreDay], today: dt.date) -> list[StoreDay]:
        """Find those of a month's days with sales that are not in the files where they belong.

        A month that has something left beside it is to be looked after once more.
        """
        if not self.is_whole(month, today):
            return [
                day for day in days if not all(self.day(t, day).path.exists() for t in _TELLING)
            ]
        places = [self.month(table, month) for table in TABLES]
        there = all(self.month(table, month).path.exists() for table in _TELLING)
        left = any(place.beside.exists() for place in places)
        return days if left or not there else []

    @cached_property
    def _can_exchange(self) -> bool:
        possible = can_exchange(self._export_dir)
        if not possible:
            _log.warning(
                "The file system of %s cannot exchange folders: days keep files of their own.",
                self._export_dir,
            )
        return possible

    def _folder(self, table: str, month: Month) -> Path:
        return self._store_folder(table, month[0]) / f"business_month={month[1]}"

    def _store_folder(self, table: str, store_id: str) -> Path:
        """DuckDB reads odd letters back as they were."""
        return self._export_dir / table / f"store_id={quote(store_id, safe=' ')}"
