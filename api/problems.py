"""Every refusal is `application/problem+json` (RFC 9457) with a sentence for a person."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api import headers
from domain.errors import DomainError
from domain.sale import SaleDoesNotAddUp

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
LONGEST_VALUE = 200
MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class WrongField:
    """One field that cannot be taken: where it is, what it held, what is expected there."""

    field: str
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, after RFC 9457; `detail` is the sentence to show."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[WrongField, ...] = ()


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description, "content": {MEDIA_TYPE: {}}}
    for status, description in {
        400: "The body is cut off, or not what its headers say.",
        401: "Nobody proved who asks: `WWW-Authenticate` names the ways.",
        403: "Who asks may not do this, or not there.",
        404: "There is no such thing.",
        413: "The body is larger than anything a shop sends.",
        415: "The body is neither JSON nor gzip of it.",
        422: "A field cannot be taken; nothing was stored.",
        429: "Asked too often; come back after `Retry-After` seconds.",
        503: "PostgreSQL or Temporal is away; repeat after `Retry-After` seconds.",
    }.items()
}


class _ProblemResponse(JSONResponse):
    """A problem as JSON, even when it quotes half a character that was sent."""

    media_type = MEDIA_TYPE

    def render(self, content: object) -> bytes:
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def respond(problem: Problem, more: Mapping[str, str] | None = None) -> JSONResponse:
    """Send a problem; the client is told when to come back if it may."""
    sent = dict(more or {})
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        sent["Retry-After"] = str(RETRY_AFTER_S)
    return _ProblemResponse(jsonable_encoder(problem), problem.status, headers=sent)


def refusal(error: DomainError) -> JSONResponse:
    """Send a domain error; who has to wait is told how long."""
    wait_s = getattr(error, "retry_after_s", None)
    return respond(problem_of(error), {"Retry-After": str(wait_s)} if wait_s else None)


def problem_of(error: DomainError) -> Problem:
    """Tell a domain error with its own status and sentence."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__)
    return Problem(
        type=f"urn:tillflow:problem:{words.lower().replace(' ', '-')}",
        title=words.capitalize(),
        status=error.status,
        detail=str(error),
        errors=_wrong_sale(error),
    )


def _wrong_sale(error: DomainError) -> tuple[WrongField, ...]:
    """Name the sale as what is wrong, where its figures contradict each other."""
    if not isinstance(error, SaleDoesNotAddUp):
        return ()
    named, _, what = str(error).partition(" does not add up: ")
    return (WrongField("sale", named, what),)


def plain_problem(status: int, detail: str) -> Problem:
    """Tell what HTTP itself has a word for."""
    return Problem("about:blank", HTTPStatus(status).phrase, status, detail)


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""

    @app.exception_handler(DomainError)
    async def refused(_: Request, error: DomainError) -> JSONResponse:
        return refusal(error)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        return respond(_malformed(error))

    @app.exception_handler(HTTPException)
    async def not_served(request: Request, error: HTTPException) -> JSONResponse:
        detail = f"{request.method} {request.url.path}: {error.detail}."
        return respond(plain_problem(error.status_code, detail), error.headers)

    @app.exception_handler(Exception)
    async def broken(request: Request, __: Exception) -> JSONResponse:
        # The server's log has the error; the client gets no inside of ours.
        detail = "The office made a mistake and has logged it. Whether all was stored is not known."
        answer = respond(plain_problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail))
        # This answer is made outside of all middleware.
        headers.complete(answer.headers, request.scope)
        return answer


def _malformed(error: RequestValidationError) -> Problem:
    wrong = tuple(_wrong(one) for one in error.errors()[:MOST_FIELDS])
    first = wrong[0]
    return Problem(
        type="urn:tillflow:problem:malformed",
        title="Malformed request",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        detail=f"{first.field} is {first.value}: {first.expected}. Nothing was stored.",
        errors=wrong,
    )


def _wrong(error: Mapping[str, Any]) -> WrongField:
    value = repr(error.get("input"))
    if len(value) > LONGEST_VALUE:
        value = f"{value[:LONGEST_VALUE]}…"
    return WrongField(
        field=".".join(str(part) for part in error["loc"]),
        value="missing" if error["type"] == "missing" else value,
        expected=str(error["msg"]),
    )
