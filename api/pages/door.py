"""Logging in and out of the manager's page."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from activities import secrets
from activities.db import sessions, users
from activities.db.users import Try
from api.callers import EVERYBODY
from api.deps import Office, OpenOffice
from api.pages.browser import COOKIE, LOG_IN, fields, insist_on_own_page, let_in, session_of
from api.pages.render import done, draw, first_page
from domain.errors import DomainError

router = APIRouter(include_in_schema=False, dependencies=[EVERYBODY])


class WrongPassword(DomainError):
    """A log-in name and a password that do not fit; which of them is wrong is not told."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__(
            "That log-in name and password do not fit. After five wrong ones in a row nothing is "
            "looked at for half an hour."
        )


@router.get("/")
def begin(request: Request) -> Response:
    """Go to the first page that the user may see, or to log in."""
    return done(first_page(request) if session_of(request) else LOG_IN)


@router.get(LOG_IN)
def ask(request: Request, office: OpenOffice, next: str = "/") -> Response:  # noqa: A002 -- the address's word
    """Show the form; who is logged in already goes on."""
    if session_of(request):
        return done(_within(next))
    return _asked(request, office, next)


@router.post(LOG_IN)
def log_in(request: Request, office: OpenOffice) -> Response:
    """Let somebody in whose password is right; the try is counted before it is looked at."""
    insist_on_own_page(request)
    sent = fields(request)
    now = dt.datetime.now(dt.UTC)
    with office.database.begin() as connection:
        found = users.count_try(connection, sent.get("login", ""), now)
    if not _is_right(office, found, sent.get("password", "")):
        return _asked(request, office, sent.get("next", "/"), WrongPassword())
    assert found is not None
    with office.database.begin() as connection:
        users.forgive(connection, found.user.id)
        cookie = sessions.begin(connection, found.user.id, now)
    return enter(request, cookie, sent.get("next", "/"))


@router.post("/log-out")
def log_out(request: Request, office: OpenOffice) -> Response:
    """End the session; harmless for who is not logged in."""
    insist_on_own_page(request)
    with office.database.begin() as connection:
        sessions.end(connection, request.cookies.get(COOKIE, ""))
    answer = done(LOG_IN)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/nothing")
def nothing(request: Request) -> Response:
    """Tell somebody whose role has no page here where they are at home."""
    return draw(request, "nothing.html") if session_of(request) else done(LOG_IN)


def enter(request: Request, cookie: str, wanted: str) -> Response:
    """Begin a session and go where the user wanted to.

    Not by a redirect: browsers would not follow it from a form to the program that asked for a
    token, nor send a strict cookie along after coming from an external issuer.
    """
    answer = draw(request, "enter.html", next=_within(wanted))
    let_in(request, answer, cookie)
    return answer


def _asked(
    request: Request, office: Office, wanted: str, error: DomainError | None = None
) -> Response:
    shown = {"next": _within(wanted), "issuer": office.issuer_name}
    return draw(request, "log_in.html", error, **shown)


def _is_right(office: Office, found: Try | None, password: str) -> bool:
    """Look at the password, and take as long for a name that nobody has."""
    looked_at = found is not None and found.locked_until is None and found.user.active
    kept = found.password_hash if found is not None and looked_at else ""
    return secrets.verify_password(office.pepper.office, kept, password)


def _within(address: str) -> str:
    """Return an address of this office; anywhere else would be somebody's trap."""
    parts = urlsplit(address)
    inside = not parts.scheme and not parts.netloc and address.startswith("/")
    return address if inside and not address.startswith(("//", "/\\")) else "/"
