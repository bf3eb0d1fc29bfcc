"""A person at the manager's page, without a browser: cookies, forms and their keys."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import httpx
from offices import RunningOffice

from activities import secrets
from activities.db import users
from activities.db.users import Acting, User
from activities.keys import OfficeKey, PinPepper
from activities.settings import Settings
from domain.audit import Actor
from domain.roles import Role

PASSWORD = "correct horse battery"
_KEY = re.compile(r'name="form_key" value="([^"]+)"')
_CODE = re.compile(r'class="code[^"]*">([^<]+)<')
_SENT_ON = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)">')
_ERROR = re.compile(r'<p class="error" role="alert">([^<]+)</p>')


class HasSettings(Protocol):
    """Somewhere an office runs: in this process or in others."""

    @property
    def settings(self) -> Settings: ...


@dataclass
class Visitor:
    """Keeps cookies, fills in forms as their page has drawn them, and follows nothing by itself."""

    office: HasSettings
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=self.office.settings.api_url,
            headers={"accept": "text/html"},
            timeout=20,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def log_in(self, user_id: str, password: str = PASSWORD) -> httpx.Response:
        return self.http.post("/log-in", data={"login": user_id, "password": password})

    def send(self, page: str, action: str = "", **fields: str) -> httpx.Response:
        """Open a page and send one of its forms."""
        key = form_key(self.http.get(page))
        return self.http.post(action or page, data={"form_key": key, **fields})

    def answer(self, asked: Mapping[str, str], said: str, /, **changed: str) -> httpx.Response:
        """Say `allow` or `refuse` to a program that wants to act for the user."""
        page = self.http.get("/oauth/authorize", params=asked)
        sent = {**asked, "form_key": form_key(page), "answer": said, **changed}
        return self.http.post("/consent", data=sent)


def form_key(page: httpx.Response) -> str:
    found = _KEY.search(page.text)
    assert found, page.text[:2000]
    return found[1]


def sent_on_to(page: httpx.Response) -> str:
    """Return where a page sends the browser by itself."""
    found = _SENT_ON.search(page.text)
    assert found, page.text[:2000]
    return html.unescape(found[1])


def error_on(page: httpx.Response) -> str:
    """What stands above the page."""
    found = _ERROR.search(page.text)
    return html.unescape(found[1]) if found else ""


def error_at(page: httpx.Response, field: str) -> str:
    """What stands at a field, if browsers and screen readers are told that it belongs there."""
    described = re.search(
        rf'name="{field}" aria-invalid="true" autofocus aria-describedby="([^" ]+)', page.text
    )
    found = described and re.search(rf'<p class="wrong" id="{described[1]}">([^<]+)<', page.text)
    return html.unescape(found[1]) if found else ""


def code_on(page: httpx.Response) -> str:
    """A badge's code or an enrolment code, which its page shows once."""
    found = _CODE.search(page.text)
    assert found, page.text[:2000]
    return html.unescape(found[1]).strip()


def make_user(office: RunningOffice, new: User, password: str = PASSWORD) -> None:
    """Let somebody log in, as the owner would; one who is there already stays."""
    settings = office.settings
    hashed = secrets.hash_password(PinPepper.at(settings.pin_pepper_file).office, password)
    acting = Acting(OfficeKey.at(Path(settings.office_key_file)), Actor("owner", Role.ADMIN))
    with office.database.begin() as connection:
        if new.id not in {user.id for user in users.users(connection)}:
            users.add(connection, acting, new, hashed)
