"""Every answer tells a browser to trust nothing from elsewhere and to keep nothing of anybody."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from doors import Door
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from offices import settings_for

from api import problems
from api.app import create_app
from api.headers import SecurityHeaders

NOWHERE = "default-src 'none'; frame-ancestors 'none'"


@pytest.fixture
def office(tmp_path: Path) -> Door:
    """The application without its engines: what answers then is its door."""
    return Door(create_app(settings_for(tmp_path, "postgresql://nobody@/none", 1)))


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(SecurityHeaders)

    @app.get("/page", response_class=HTMLResponse)
    def page() -> str:
        return "<p>Tea</p>"

    @app.get("/style.css")
    def style() -> Response:
        return Response("p {}", media_type="text/css")

    @app.get("/own")
    def own() -> Response:
        own = {"Content-Security-Policy": "default-src data:", "Cache-Control": "max-age=5"}
        return Response("", headers=own)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("of the shop")

    return app


@pytest.fixture
def little(app: FastAPI) -> Door:
    return Door(app)


def checked(answer: httpx.Response) -> httpx.Headers:
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    return answer.headers


@pytest.mark.parametrize("path", ["/openapi.json", "/nothing-here", "/api/v1/products"])
def test_an_answer_of_the_api_is_kept_by_nobody_and_loads_nothing(office: Door, path: str) -> None:
    headers = checked(office.get(path))

    assert headers["content-security-policy"] == NOWHERE
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


def test_a_page_runs_no_script_that_stands_in_it_and_stands_in_no_frame(little: Door) -> None:
    policy = checked(little.get("/page"))["content-security-policy"]

    assert "unsafe-inline" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert little.get("/page").headers["cache-control"] == "no-store"


def test_only_the_documentation_may_run_what_stands_in_it(office: Door) -> None:
    policy = checked(office.get("/docs"))["content-security-policy"]

    assert "script-src 'self' 'unsafe-inline'" in policy
    assert "frame-ancestors 'none'" in policy


def test_what_is_the_same_for_everybody_may_be_kept(little: Door) -> None:
    assert "cache-control" not in checked(little.get("/style.css"))


def test_what_a_route_says_itself_stays(little: Door) -> None:
    headers = checked(little.get("/own"))

    assert headers["content-security-policy"] == "default-src data:"
    assert headers["cache-control"] == "max-age=5"


def test_a_mistake_of_the_office_is_answered_with_the_same_care(little: Door) -> None:
    answer = little.get("/broken")

    assert answer.status_code == 500
    assert checked(answer)["content-security-policy"] == NOWHERE
    assert "of the shop" not in answer.text


def test_over_https_a_browser_is_told_to_come_back_that_way(app: FastAPI) -> None:
    answer = Door(app, scheme="https").get("/page")

    assert "max-age=63072000" in checked(answer)["strict-transport-security"]
