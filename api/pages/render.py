"""Drawing pages: one environment of templates, and what every page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.pages.browser import CookieBrowsers, LogInFirst, session_of
from api.pages.forms import Forms
from api.problems import refusal
from domain.catalog import Store
from domain.errors import DomainError
from domain.roles import Action, Verdict, verdict

STATIC = "/static"
_PAGES = (
    ("/inbox", "Inbox", Action.READ_TASKS),
    ("/people", "People", Action.READ_PEOPLE),
    ("/tills", "Tills", Action.READ_TILLS),
    ("/stores", "Stores", Action.MANAGE_STORES),
    ("/users", "Users", Action.MANAGE_USERS),
    ("/audit", "Audit", Action.READ_AUDIT),
)
_NO_PAGE = "There is no such page. Nothing was changed."
_templates = Environment(
    loader=PackageLoader("api.pages"), autoescape=True, undefined=StrictUndefined
)


class _Told(DomainError):
    """What is told on a page of its own, where no field of a form could tell it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def _when(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def _age(moment: dt.datetime) -> str:
    minutes = int((dt.datetime.now(dt.UTC) - moment).total_seconds() // 60)
    if minutes < 60:  # noqa: PLR2004 -- minutes of an hour
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"  # noqa: PLR2004 -- two days


def _choices(options: Iterable[str | Store]) -> list[tuple[str, str]]:
    """Return what a form sends for each option, and what a person reads."""
    return [
        (option, option) if isinstance(option, str) else (option.id, option.name)
        for option in options
    ]


_templates.filters |= {
    "when": _when,
    "age": _age,
    "words": lambda text: text.replace("_", " "),
    "choices": _choices,
}


def draw(
    request: Request, template: str, error: DomainError | None = None, **shown: object
) -> HTMLResponse:
    """Draw a page for who is logged in, or for nobody; `error` is why their form was refused."""
    session = session_of(request)
    pages = [
        (path, name)
        for path, name, action in _PAGES
        if session and verdict(session.role, action) is Verdict.ALLOW
    ]
    form = Forms(request, error)
    given = {"session": session, "pages": pages, "here": request.url.path, "form": form}
    text = _templates.get_template(template).render(given | shown)
    return HTMLResponse(text, error.status if error else HTTPStatus.OK)


def done(path: str) -> RedirectResponse:
    """Send the browser on after a form, so that reloading sends nothing twice."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def first_page(request: Request) -> str:
    """Return where somebody begins: the first page that they may see."""
    session = session_of(request)
    allowed = (
        path
        for path, _, action in _PAGES
        if session and verdict(session.role, action) is Verdict.ALLOW
    )
    return next(allowed, "/nothing")


def install(app: FastAPI) -> None:
    """Serve what pages are drawn with, and answer browsers in pages instead of problems."""
    app.mount(STATIC, StaticFiles(packages=[("api.pages", "static")]), name="static")

    @app.exception_handler(LogInFirst)
    async def log_in_first(request: Request, _: LogInFirst) -> Response:
        return CookieBrowsers().log_in(request)

    @app.exception_handler(DomainError)
    async def refused(request: Request, error: DomainError) -> Response:
        if not is_page(request):
            return refusal(error)
        return await _refused(request, error.status, str(error))

    def in_words(kind: type[Exception], status: int, words: str) -> None:
        """Tell a browser in a page what a program is told as before."""
        before = app.exception_handlers[kind]
        for_programs = cast("Callable[[Request, Exception], Awaitable[Response]]", before)

        @app.exception_handler(kind)
        async def told(request: Request, error: Exception) -> Response:
            if not is_page(request):
                return await for_programs(request, error)
            return await _refused(request, getattr(error, "status_code", status), words)

    in_words(HTTPException, HTTPStatus.NOT_FOUND, _NO_PAGE)
    in_words(RequestValidationError, HTTPStatus.UNPROCESSABLE_ENTITY, _NO_PAGE)


async def _refused(request: Request, status: int, words: str) -> Response:
    told = _Told(status, words)
    return await run_in_threadpool(partial(draw, request, "refused.html", told))


def is_page(request: Request) -> bool:
    """Tell a person's request from a program's."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(
        ("/api/", "/oauth/", "/codec/", "/.well-known/")
    )
