"""Every page of the manager's, as the application itself lists them, for tests that walk them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from roles_page import an_application, routes

from api.callers import Rule, rules_of
from api.pages.browser import PageRule


@dataclass(frozen=True)
class Page:
    """One method of one path, and its rule; None is open to everybody."""

    method: str
    path: str
    rule: Rule | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def at(self, filled: Mapping[str, str]) -> str:
        """Return the path with its names filled in."""
        return re.sub(r"{(\w+)}", lambda found: filled[found[1]], self.path)


def ruled() -> list[Page]:
    found = []
    for method, path, route in routes(an_application()):
        (rule,) = rules_of(route)
        found.append(Page(method, path, rule))
    return found


ALL = ruled()
PAGES = [page for page in ALL if isinstance(page.rule, PageRule)]
