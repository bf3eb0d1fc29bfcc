"""The audit, the newest act first."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from activities.db import audit
from api.deps import OpenOffice
from api.pages.browser import page
from api.pages.render import draw
from domain.roles import Action

router = APIRouter(include_in_schema=False)
AT_ONCE = 100


@router.get("/audit", dependencies=[page(Action.READ_AUDIT)])
def acts(request: Request, office: OpenOffice, before: int = 2**62) -> Response:
    """Show a hundred acts, and the way to those before them."""
    with office.database.begin() as connection:
        found = audit.latest(connection, before, AT_ONCE + 1)
    older = found[AT_ONCE - 1].sequence if len(found) > AT_ONCE else 0
    return draw(request, "audit.html", acts=found[:AT_ONCE], older=older)
