"""Who asks too often has to wait, and nobody else: not the till behind the same address."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Annotated, Any, TypeVar

import httpx
import pytest
from doors import Door
from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from activities.settings import Settings
from api import problems, rates
from api.callers import Caller
from api.rates import Bucket, RateLimits, Rates, TooManyRequests, address_of
from domain.roles import Role

SIZES = {
    Bucket.LOG_IN: "3/minute",
    Bucket.ADDRESS: "5/minute",
    Bucket.PERSON: "4/minute",
    Bucket.TILL: "8/minute",
}
STORE = "192.0.2.1"
ELSEWHERE = "198.51.100.1"
T = TypeVar("T")


class OneForAll(Rates):
    """The sabotage of promise 44: one bucket for everybody."""

    async def count(self, bucket: Bucket, who: str) -> None:
        await super().count(Bucket.LOG_IN, "all")


async def proving(request: Request) -> Caller:
    """Let in who says so, and nobody else: what a rule does once a token was verified."""
    kind, _, who = request.headers.get("authorization", "").partition(" ")
    if kind not in {"Till", "Person"}:
        raise HTTPException(401, "No valid token was sent")
    caller = Caller(who, Role.TILL if kind == "Till" else Role.CASHIER)
    request.state.caller = caller
    await request.app.state.rates.admit(caller)
    return caller


def an_app(kind: type[Rates] = Rates) -> FastAPI:
    """Routes of each kind behind the limits: proven, open, log-in, token."""
    app = FastAPI()
    problems.install(app)
    app.state.rates = kind(SIZES)
    app.add_middleware(RateLimits, rates=app.state.rates)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts="10.0.0.0/8")

    @app.post("/journal")
    async def journal(caller: Annotated[Caller, Depends(proving)]) -> str:
        return caller.id

    @app.get("/health")
    async def health() -> str:
        return "ok"

    @app.post("/log-in")
    @app.post("/api/v1/enrolments")
    async def log_in() -> None:
        raise HTTPException(401, "Wrong password")

    @app.post("/oauth/token")
    async def token(request: Request) -> str:
        if request.headers.get("dpop") != "signed":
            raise HTTPException(400, "invalid_client")
        return "token"

    return app


class Street:
    """People and tills who ask an app from their addresses."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def ask(
        self, path: str, address: str = STORE, method: str = "POST", **headers: str
    ) -> httpx.Response:
        return await Door(self.app, address=address).ask(path, method, **headers)

    async def statuses(self, times: int, path: str, *words: str, **headers: str) -> list[int]:
        return [(await self.ask(path, *words, **headers)).status_code for _ in range(times)]


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def till(name: str) -> Mapping[str, str]:
    return {"authorization": f"Till {name}"}


def test_a_log_in_too_many_is_told_when_to_come_back() -> None:
    async def story() -> httpx.Response:
        street = Street(an_app())
        assert await street.statuses(3, "/log-in") == [401] * 3
        return await street.ask("/log-in")

    answer = run(story())

    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.json()["type"] == "urn:tillflow:problem:too-many-requests"
    assert f"{STORE} asked more often than 3 per 1 minute" in answer.json()["detail"]


@pytest.mark.parametrize(("kind", "starved"), [(Rates, False), (OneForAll, True)])
def test_tries_to_log_in_do_not_keep_a_till_of_the_same_address_from_delivering(
    kind: type[Rates], *, starved: bool
) -> None:
    async def story() -> tuple[list[int], list[int]]:
        street = Street(an_app(kind))
        await street.statuses(20, "/log-in")
        await street.statuses(20, "/api/v1/enrolments")
        await street.statuses(20, "/oauth/token")
        await street.statuses(20, "/oauth/token", dpop="forged")
        tokens = await street.statuses(2, "/oauth/token", dpop="signed")
        return tokens, await street.statuses(8, "/journal", **till("T1"))

    tokens, journal = run(story())

    assert (429 in journal) is starved
    assert 429 not in tokens


def test_requests_that_prove_nothing_do_not_keep_a_till_of_the_same_address_out() -> None:
    async def story() -> tuple[list[int], list[int], list[int]]:
        street = Street(an_app())
        forged = await street.statuses(7, "/journal", authorization="DPoP forged")
        bare = await street.statuses(2, "/journal")
        return forged, bare, await street.statuses(8, "/journal", **till("T1"))

    forged, bare, journal = run(story())

    assert forged == [401] * 5 + [429] * 2
    assert bare == [429] * 2
    assert journal == [200] * 8


def test_each_till_and_each_person_has_a_bucket_of_its_own() -> None:
    async def story() -> list[list[int]]:
        street = Street(an_app())
        return [
            await street.statuses(9, "/journal", **till("T1")),
            await street.statuses(1, "/journal", **till("T2")),
            await street.statuses(5, "/journal", authorization="Person T1"),
        ]

    first, second, person = run(story())

    assert first == [200] * 8 + [429]
    assert second == [200]
    assert person == [200] * 4 + [429]


def test_a_till_is_counted_wherever_it_is() -> None:
    async def story() -> list[int]:
        street = Street(an_app())
        await street.statuses(8, "/journal", STORE, **till("T1"))
        return await street.statuses(1, "/journal", ELSEWHERE, **till("T1"))

    assert run(story()) == [429]


def test_an_open_route_is_counted_by_address_also_for_who_shows_a_cookie() -> None:
    async def story() -> tuple[list[int], list[int]]:
        street = Street(an_app())
        there = await street.statuses(6, "/health", STORE, "GET", cookie="session=guess")
        return there, await street.statuses(1, "/health", ELSEWHERE, "GET")

    assert run(story()) == ([200] * 5 + [429], [200])


def test_the_window_moves() -> None:
    async def story() -> None:
        counting = Rates({Bucket.LOG_IN: "2/second"})
        for _ in range(2):
            await counting.count(Bucket.LOG_IN, "x")
        with pytest.raises(TooManyRequests) as refused:
            await counting.count(Bucket.LOG_IN, "x")
        assert refused.value.retry_after_s == 1
        async with asyncio.timeout(10):
            while True:
                try:
                    await counting.count(Bucket.LOG_IN, "x")
                except TooManyRequests:
                    await asyncio.to_thread(lambda: None)
                else:
                    return

    run(story())


def test_only_a_proxy_of_the_settings_says_who_asks() -> None:
    async def story() -> tuple[list[int], list[int]]:
        street = Street(an_app())
        spoofed = [
            (await street.ask("/log-in", **{"x-forwarded-for": f"203.0.113.{n}"})).status_code
            for n in range(4)
        ]
        proxied = [
            (await street.ask("/log-in", "10.1.2.3", **{"x-forwarded-for": f"203.0.113.{n}"}))
            for n in range(4)
        ]
        return spoofed, [answer.status_code for answer in proxied]

    assert run(story()) == ([401, 401, 401, 429], [401] * 4)


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (("192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("testclient", 1), "testclient"),
        (None, "unknown"),
    ],
)
def test_an_address_is_what_one_host_cannot_change_at_will(client: object, address: str) -> None:
    assert address_of({"type": "http", "client": client}) == address


@pytest.mark.parametrize("bucket", Bucket)
def test_every_size_is_a_setting_with_a_default(bucket: Bucket) -> None:
    size = Settings.model_fields[f"rate_{bucket}"].default

    asyncio.run(Rates({bucket: size}).count(bucket, "x"))


def test_paths_that_only_begin_alike_are_no_log_ins() -> None:
    scope = {"type": "http", "method": "POST", "path": "/log-in-later", "headers": []}

    assert rates.bucket_of(scope) is Bucket.ADDRESS
    assert rates.bucket_of({**scope, "path": "/log-in/again"}) is Bucket.LOG_IN
