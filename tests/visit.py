"""Somebody works at the manager's page: each secret that they gave the office or got from it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from browsing import HasSettings, Visitor, code_on, sent_on_to
from canaries import Canary

from api.clients import CLI
from api.pages.browser import COOKIE
from domain.tokens import TOKEN_PATH, base64url

_CALLBACK = "http://127.0.0.1:51234/callback"


def secrets_of_a_visit(place: HasSettings, login: str, password: str, store: str) -> list[Canary]:
    """Do everything at the page that needs or makes a secret, as an admin of that shop."""
    chosen = Canary("a password", secrets.token_urlsafe(18).encode())
    fields = {"id": "visitor", "name": "Visitor", "role": "manager", "store_id": store}
    with Visitor(place) as admin, Visitor(place) as visitor:
        assert admin.log_in(login, password).is_success
        assert admin.send("/users", **fields, password=chosen.secret.decode()).status_code == 303
        assert visitor.log_in("visitor", chosen.secret.decode()).is_success
        wrong = visitor.send("/people/new", pin=chosen.secret.decode(), store_id=store)
        assert wrong.is_client_error
        return [
            chosen,
            Canary("a cookie", visitor.http.cookies[COOKIE].encode()),
            *_of_a_person(visitor, store),
            *_of_a_till(visitor, store),
            *_of_a_program(visitor),
        ]


def _of_a_person(visitor: Visitor, store: str) -> Iterator[Canary]:
    """A PIN and a badge."""
    pin = f"{secrets.randbelow(10**6):06}"
    yield Canary("a PIN given at the page", pin.encode(), word=True)
    fields = {"store_id": store, "id": "7070", "name": "Cashier", "role": "cashier", "pin": pin}
    assert visitor.send("/people/new", **fields).status_code == 303
    page = f"/people/{store}/7070"
    yield Canary("a badge", code_on(visitor.send(page, f"{page}/badge")).encode())


def _of_a_till(visitor: Visitor, store: str) -> Iterator[Canary]:
    """A code by which a device becomes a till."""
    assert visitor.send("/tills", store_id=store, id="T9", series="V9").status_code == 303
    code = code_on(visitor.send("/tills/T9", "/tills/T9/code")).encode()
    yield Canary("an enrolment code", code)
    yield Canary("an enrolment code without hyphens", code.replace(b"-", b""))


def _of_a_program(visitor: Visitor) -> Iterator[Canary]:
    """What a program gets that acts for the visitor (RFC 6749, 7636)."""
    verifier = secrets.token_urlsafe(48)
    asked = {
        "response_type": "code",
        "client_id": CLI,
        "redirect_uri": _CALLBACK,
        "code_challenge": base64url(hashlib.sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
    }
    sent_to = sent_on_to(visitor.answer(asked, "allow"))
    (code,) = parse_qs(urlsplit(sent_to).query)["code"]
    form = {"code": code, "code_verifier": verifier, "redirect_uri": _CALLBACK}
    first = _given(visitor, grant_type="authorization_code", **form)
    second = _given(visitor, grant_type="refresh_token", refresh_token=first["refresh_token"])
    yield Canary("a code for a program", code.encode())
    yield Canary("its verifier", verifier.encode())
    for number, given in enumerate((first, second), start=1):
        yield Canary(f"refresh token {number}", given["refresh_token"].encode())
        yield Canary(f"access token {number}", given["access_token"].encode())


def _given(visitor: Visitor, **form: str) -> dict[str, str]:
    answer = visitor.http.post(TOKEN_PATH, data={"client_id": CLI, **form})
    given: dict[str, str] = answer.raise_for_status().json()
    return given
