"""A program wants to act for a user: nothing without the user's consent (RFC 8252 §8.6)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from activities.db import tokens
from activities.db.tokens import CodeAsked
from api.bounds import LONGEST_TEXT
from api.callers import EVERYBODY, Caller
from api.clients import place_of
from api.deps import Office, OpenOffice
from api.oauth import AUTHORIZE_PATH, NOT_KEPT
from api.pages.browser import CookieBrowsers, LogInFirst, insist_on_own_form, session_of
from api.pages.render import draw
from api.problems import RESPONSES
from domain.audit import Act
from domain.errors import DomainError
from domain.tokens import ISSUER

CONSENT_PATH = "/consent"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

router = APIRouter(tags=["tokens"], dependencies=[EVERYBODY])


class NoWayBack(DomainError):
    """A request for a code that names nobody who may be sent one."""

    status = 400

    def __init__(self, client_id: str, redirect_uri: str) -> None:
        super().__init__(
            f"No program {client_id!r} with the address {redirect_uri!r} is known here. "
            "TILLFLOW_OAUTH_CLIENTS lists programs and their addresses. No code was given."
        )


Short = Annotated[str, Field(max_length=LONGEST_TEXT)]


class CodeWanted(BaseModel):
    """What a program asks of a user who is logged in at the manager's page."""

    response_type: Short = Field(description="`code`, and nothing else.")
    client_id: Short
    redirect_uri: Short
    code_challenge: Short = Field(default="", description="SHA-256 of the verifier (RFC 7636).")
    code_challenge_method: Short = Field(default="", description="`S256`, and nothing else.")
    state: Short = ""


class Answered(CodeWanted):
    """What the user was asked, and what they said."""

    answer: Literal["allow", "refuse"]


@router.get(
    AUTHORIZE_PATH,
    summary="Ask the user for a code",
    response_class=HTMLResponse,
    responses={
        **RESPONSES,
        HTTPStatus.OK: {"description": "The page that asks the user."},
        HTTPStatus.SEE_OTHER: {"description": "To the log-in, or back with RFC 6749's `error`."},
    },
)
def ask(request: Request, wanted: Annotated[CodeWanted, Query()], office: OpenOffice) -> Response:
    """Ask a user who is logged in whether the program may act for them; others log in first."""
    _insist_on_way_back(office, wanted)
    if wrong := _wrong(wanted):
        return RedirectResponse(_back(wanted, error=wrong), HTTPStatus.SEE_OTHER, headers=NOT_KEPT)
    if session_of(request) is None:
        raise LogInFirst
    place = place_of(wanted.redirect_uri)
    return draw(request, "consent.html", wanted=wanted, asked=wanted.model_dump(), place=place)


@router.post(CONSENT_PATH, include_in_schema=False)
def answer(request: Request, answered: Annotated[Answered, Form()], office: OpenOffice) -> Response:
    """Send the browser back to the program: with a code for it, or with the user's refusal."""
    session, user = session_of(request), CookieBrowsers().caller(request)
    if session is None or user is None:
        raise LogInFirst
    insist_on_own_form(request, session)
    _insist_on_way_back(office, answered)
    wrong = _wrong(answered) or ("access_denied" if answered.answer == "refuse" else "")
    said = {"error": wrong} if wrong else {"code": _code(office, user, answered)}
    # Not by a redirect, which browsers would not follow from a form to another origin.
    return draw(request, "go_on.html", next=_back(answered, **said))


def _code(office: Office, user: Caller, wanted: CodeWanted) -> str:
    """Make a code, and write down who has allowed which program to act for them."""
    asked = CodeAsked(wanted.client_id, wanted.redirect_uri, wanted.code_challenge)
    after = {"redirect_uri": wanted.redirect_uri}
    act = Act("program_allowed", wanted.client_id, user.store_id or "", after=after)
    with office.database.begin() as connection:
        office.acting(user.actor).record(connection, act)
        return tokens.make_code(connection, user.id, asked)


def _insist_on_way_back(office: Office, wanted: CodeWanted) -> None:
    if not office.clients.may_be_sent_to(wanted.client_id, wanted.redirect_uri):
        raise NoWayBack(wanted.client_id, wanted.redirect_uri)


def _wrong(wanted: CodeWanted) -> str:
    """Return RFC 6749's word for what cannot be answered with a code, empty if nothing is wrong."""
    if wanted.response_type != "code":
        return "unsupported_response_type"
    sound = wanted.code_challenge_method == "S256" and _CHALLENGE.fullmatch(wanted.code_challenge)
    return "" if sound else "invalid_request"


def _back(wanted: CodeWanted, **said: str) -> str:
    told = said | {"iss": ISSUER} | ({"state": wanted.state} if wanted.state else {})
    mark = "&" if "?" in wanted.redirect_uri else "?"
    return f"{wanted.redirect_uri}{mark}{urlencode(told)}"
