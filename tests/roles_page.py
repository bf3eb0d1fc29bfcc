"""Writes docs/roles.md from domain/roles.py and from the rules of the routes: `make roles`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from activities.settings import Settings
from api.app import create_app
from api.callers import WITHOUT_LEASE, is_frameworks, rules_of
from domain.roles import GRANTS, Action, Role, Rule, Verdict, rows

PAGE = Path(__file__).parents[1] / "docs" / "roles.md"
_HEAD = """# Who may do what

Made by `make roles` from [domain/roles.py](../domain/roles.py) and the rules of the routes; a test
holds this page against both, and every role against every route. What is not listed is denied, and
the API does not start with a route that names no rule.
"""
_SCOPE = """A till has its own `till_id` alone; who works for one store has its things. Admin and
ops work for every store.
"""
_NOBODY = "–"
_WORDS = {Verdict.ALLOW: "yes", Verdict.APPROVE: "with approval", Verdict.DENY: _NOBODY}


def page(app: FastAPI) -> str:
    """Put the whole page together."""
    roles = " | ".join(role.value for role in Role)
    return "\n".join(
        [
            _HEAD,
            "## At the till and in the office\n",
            "Amounts are in whole units of the store's currency.\n",
            f"| action | {roles} |",
            f"|---|{'---|' * len(Role)}",
            *_actions(),
            "",
            "## Whom one may make\n",
            *(f"- {role.value}: {_names(given)}" for role, given in GRANTS.items()),
            "",
            "## Routes\n",
            _SCOPE,
            "| route | asks for |",
            "|---|---|",
            *_routes(app),
            "",
        ]
    )


def routes(app: FastAPI) -> Iterator[tuple[str, str, RouteContext]]:
    """Walk every route of the application, by method and path, but for what FastAPI serves itself.

    What is mounted there has no methods to be walked: its application does not start.
    """
    for route in iter_route_contexts(app.routes):
        if not is_frameworks(route):
            assert route.methods, f"{route.path} has no method by which a test could ask for it."
            for method in sorted(route.methods):
                yield method, str(route.path), route


def an_application() -> FastAPI:
    """Build the API of an office that is never opened."""
    return create_app(Settings(database_url="postgresql://nowhere"))


def _actions() -> Iterator[str]:
    cells: dict[Action, list[str]] = {action: [] for action in Action}
    for action, _, rule in rows():
        cells[action].append(_words(rule))
    for action, told in cells.items():
        yield f"| {action.value.replace('_', ' ')} | {' | '.join(told)} |"


def _words(rule: Rule) -> str:
    if rule.up_to is None:
        return _WORDS[rule.verdict]
    return f"up to {rule.up_to}, above {_WORDS[rule.above]}"


def _names(given: frozenset[Role]) -> str:
    return ", ".join(role.value for role in Role if role in given)


def _routes(app: FastAPI) -> Iterator[str]:
    for method, path, route in sorted(routes(app), key=lambda one: (one[1], one[0])):
        (rule,) = rules_of(route)
        asked = "open to everybody" if rule is None else rule.action.value.replace("_", " ")
        late = rule is not None and rule.action in WITHOUT_LEASE
        browser = rule is not None and rule.browser
        notes = [", also after the lease's end"] * late + [", also by browser"] * browser
        yield f"| `{method} {path}` | {asked}{''.join(notes)} |"


if __name__ == "__main__":
    PAGE.write_text(page(an_application()), encoding="utf-8")
    sys.stdout.write(f"{PAGE} is written.\n")
