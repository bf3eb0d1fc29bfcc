"""Browsers: who is logged in there, whether a form is really ours, and what a page asks of both."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from anyio import from_thread
from fastapi import Depends, Request, Response, Security
from fastapi.responses import RedirectResponse
from fastapi.security import HTTPAuthorizationCredentials
from starlette.datastructures import URL, FormData

from activities.db import sessions
from activities.db.sessions import Session
from api.auth.refusals import NotProven
from api.callers import BEARER, Caller, Rule
from api.deps import Office, OpenOffice
from domain.errors import DomainError
from domain.roles import Action

COOKIE = "tillflow_session"
LOG_IN = "/log-in"
FORM_KEY = "form_key"
_READING = frozenset({"GET", "HEAD"})


class LogInFirst(Exception):
    """A page that nobody may see who has not logged in."""


class ForgedForm(DomainError):
    """A form that did not come from a page of this office."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(
            "This form did not come from a page that this office has sent to you. Nothing was "
            "changed; open the page again and repeat it there."
        )


class CookieBrowsers:
    """Knows who is logged in by the cookie of their browser."""

    def caller(self, request: Request) -> Caller | None:
        """Return who is logged in there, None for nobody."""
        session = session_of(request)
        if session is None:
            return None
        address = request.client.host if request.client else ""
        return Caller(session.user_id, session.role, session.store_id, address)

    def log_in(self, request: Request) -> Response:
        """Send the browser to log in, and back to this page or the form's page afterwards."""
        asked = request.url if request.method in _READING else _sent_from(request)
        query = f"?{asked.query}" if asked.query else ""
        wanted = quote(asked.path + query, safe="")
        return RedirectResponse(f"{LOG_IN}?next={wanted}", HTTPStatus.SEE_OTHER)


@dataclass(frozen=True, slots=True)
class PageRule(Rule):
    """The rule of a page: sends strangers to log in, and takes no form that is not ours."""

    def __call__(
        self,
        request: Request,
        office: OpenOffice,
        _documented: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
    ) -> Caller:
        """Let the caller in; raise `LogInFirst`, `ForgedForm`, or what the rule itself does."""
        session = session_of(request)
        if session is None:
            raise LogInFirst
        if request.method not in _READING:
            insist_on_own_form(request, session)
        try:
            return Rule.__call__(self, request, office, _documented)
        except NotProven as error:
            raise LogInFirst from error


def page(action: Action) -> Any:  # noqa: ANN401 -- what Depends returns
    """Make the rule of a page out of what its user must be allowed to do."""
    return Depends(PageRule(action, browser=True))


def session_of(request: Request) -> Session | None:
    """Return the session of this request's cookie, None when nobody is logged in."""
    if not hasattr(request.state, "session"):
        office, cookie = request.app.state.office, request.cookies.get(COOKIE, "")
        assert isinstance(office, Office)
        request.state.session = None
        if cookie:
            with office.database.begin() as connection:
                now = dt.datetime.now(dt.UTC)
                request.state.session = sessions.find(connection, cookie, now)
    found: Session | None = request.state.session
    return found


def insist_on_own_page(request: Request) -> None:
    """Raise `ForgedForm` when the browser says that another site sent this."""
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if origin is not None and origin != own:
        raise ForgedForm
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise ForgedForm


def insist_on_own_form(request: Request, session: Session) -> None:
    """Raise `ForgedForm` unless a page that was drawn for this session has sent this."""
    insist_on_own_page(request)
    given = fields(request).get(FORM_KEY, "")
    if not hmac.compare_digest(given.encode(), session.form_key.encode()):
        raise ForgedForm


def fields(request: Request) -> Mapping[str, str]:
    """Return the fields of the form that was sent, of two with one name the last."""
    form: FormData = from_thread.run(_form, request)
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _sent_from(request: Request) -> URL:
    """Return the page whose form was sent: what it was sent to cannot be opened."""
    page = URL(request.headers.get("referer", ""))
    return page if page.netloc == request.headers.get("host") else URL("/")


async def _form(request: Request) -> FormData:
    return await request.form()


def let_in(request: Request, response: Response, cookie: str) -> None:
    """Give the browser its cookie: no script reads it, no other site sends it."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int(sessions.LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
