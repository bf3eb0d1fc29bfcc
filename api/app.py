"""The application: routes, limits and problems put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from activities.settings import Settings
from api import codec, enrolment, health, oauth, problems, products, stores, tills, transactions
from api.access import AccessLog
from api.auth import refusals
from api.callers import insist_on_rules
from api.deps import open_office
from api.headers import SecurityHeaders
from api.limits import BodyLimits
from api.pages import audit, consent, door, elsewhere, inbox, people, render, users
from api.pages import stores as stores_page
from api.pages import tills as tills_page
from api.pages.browser import CookieBrowsers
from api.rates import Bucket, RateLimits, Rates

ABOUT = """The office of Tillflow. Every write carries the client's id: repeat it as often as you
like. Errors are `application/problem+json`; on 503 come back after `Retry-After` seconds."""
LARGE_BYTES = 10_000
PAGES = (door, elsewhere, consent, inbox, people, tills_page, stores_page, users, audit)


def create_app(settings: Settings) -> FastAPI:
    """Build the application; it opens PostgreSQL and Temporal when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_office(settings) as office:
            app.state.office = office
            yield

    # FastAPI's own documentation page loads its scripts from the internet; a shop may have none.
    app = FastAPIOffline(
        title="Tillflow", description=ABOUT, version="1", redoc_url=None, lifespan=lifespan
    )
    app.include_router(_version_1())
    app.include_router(codec.router)
    app.include_router(oauth.router)
    for page in PAGES:
        app.include_router(page.router)
    app.state.browsers = CookieBrowsers()
    problems.install(app)
    refusals.install(app)
    render.install(app)
    insist_on_rules(app)
    app.add_middleware(BodyLimits)
    app.add_middleware(GZipMiddleware, minimum_size=LARGE_BYTES)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=_ui_origins(settings),
        allow_methods=["POST"],
        allow_headers=["*"],
        allow_credentials=True,
    )
    app.state.rates = Rates({bucket: getattr(settings, f"rate_{bucket}") for bucket in Bucket})
    app.add_middleware(RateLimits, rates=app.state.rates)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    app.add_middleware(AccessLog)
    return app


def _version_1() -> APIRouter:
    version_1 = APIRouter(prefix="/api/v1")
    for room in (tills, enrolment, transactions, products, stores, health):
        version_1.include_router(room.router)
    return version_1


def _ui_origins(settings: Settings) -> list[str]:
    """Temporal's UI asks from the browser for what it shows to be decrypted."""
    return [f"http://{host}:{settings.temporal_ui_port}" for host in ("127.0.0.1", "localhost")]
