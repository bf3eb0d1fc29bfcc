"""Logging in by the word of an external issuer."""

from __future__ import annotations

import datetime as dt
import hmac

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError

from activities.db import sessions, users
from api.callers import EVERYBODY
from api.deps import OpenOffice
from api.issuer import ExternalIssuer, IssuerRefused, Waiting
from api.pages.browser import LOG_IN
from api.pages.door import enter
from domain.errors import NotFound

PATH = f"{LOG_IN}/issuer"
WAITING = "tillflow_issuer"
WAITS_S = 600
_WAITING = TypeAdapter(Waiting)

router = APIRouter(include_in_schema=False, dependencies=[EVERYBODY])


class NoIssuer(NotFound):
    """An office where people log in by password alone."""

    def __init__(self) -> None:
        super().__init__("No external log-in is set up here (TILLFLOW_OIDC_ISSUER).")


@router.get(PATH)
def begin(request: Request, office: OpenOffice, next: str = "/") -> Response:  # noqa: A002 -- the address's word
    """Send the browser to the issuer."""
    url, waiting = _issuer(office.issuer).begin(_back(request), next)
    answer = RedirectResponse(url, 303)
    answer.set_cookie(
        WAITING,
        _WAITING.dump_json(waiting).hex(),
        max_age=WAITS_S,
        httponly=True,
        samesite="lax",  # it has to come along when the issuer sends the browser back
        secure=request.url.scheme == "https",
        path=PATH,
    )
    return answer


@router.get(f"{PATH}/back")
def finish(
    request: Request, office: OpenOffice, state: str = "", code: str = "", error: str = ""
) -> Response:
    """Let in whom the issuer vouches for, if an admin has linked a user to that subject."""
    waiting = _waiting(request)
    if not hmac.compare_digest(waiting.state.encode(), state.encode()):
        raise IssuerRefused("it belongs to another browser or was begun long ago")
    if error or not code:
        raise IssuerRefused(f"the issuer said {error or 'nothing'}")
    subject = _issuer(office.issuer).finish(waiting, code, _back(request))
    with office.database.begin() as connection:
        user = users.user_of_subject(connection, subject)
        if user is None:
            raise IssuerRefused(
                f"nobody here is known as {subject!r}; an admin links users to subjects"
            )
        cookie = sessions.begin(connection, user.id, dt.datetime.now(dt.UTC))
    answer = enter(request, cookie, waiting.next)
    answer.delete_cookie(WAITING, path=PATH)
    return answer


def _issuer(found: ExternalIssuer | None) -> ExternalIssuer:
    if found is None:
        raise NoIssuer
    return found


def _back(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}{PATH}/back"


def _waiting(request: Request) -> Waiting:
    try:
        kept = bytes.fromhex(request.cookies.get(WAITING, ""))
        return _WAITING.validate_json(kept)
    except (ValueError, ValidationError) as error:
        raise IssuerRefused("it was not begun in this browser") from error
