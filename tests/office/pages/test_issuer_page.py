"""Logging in by an external issuer's word: for who was linked, with a word that holds."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from browsing import Visitor, error_on, make_user
from joserfc.jwk import RSAKey
from little_issuer import SECRET, LittleIssuer, issuer
from loops import Loop
from offices import RunningOffice, settings_for
from quiet_ports import quiet_port

from activities.db import shop, users
from activities.db.users import Acting, User
from activities.keys import OfficeKey
from api.engines.temporal import EmbeddedTemporal
from api.issuer import ExternalIssuer, IssuerAway
from domain.audit import Actor
from domain.catalog import Shop, Store
from domain.roles import Role


@pytest.fixture(scope="module")
def little() -> Iterator[LittleIssuer]:
    with issuer() as running:
        yield running


@pytest.fixture(autouse=True)
def _honest(little: LittleIssuer) -> None:
    little.subject, little.changed, little.signed_by = "sub-1", {}, None


@pytest.fixture(scope="module")
def office(
    temporal: EmbeddedTemporal,
    postgres_url: str,
    loop: Loop,
    little: LittleIssuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RunningOffice]:
    """An office that believes the issuer, and in which Mia is linked to its `sub-1`."""
    folder: Path = tmp_path_factory.mktemp("office")
    secret = folder / "oidc.secret"
    secret.write_text(SECRET)
    settings = settings_for(folder, postgres_url, temporal.ports.grpc).model_copy(
        update={"oidc_issuer": little.url, "oidc_client_secret_file": secret}
    )
    running = RunningOffice.open(settings, loop)
    make_user(running, User("mia", "Mia", Role.ADMIN))
    acting = Acting(OfficeKey.at(settings.office_key_file), Actor("owner", Role.ADMIN.value))
    with running.database.begin() as connection:
        users.link(connection, acting, "mia", "sub-1")
    yield running
    running.close()


@pytest.fixture
def visitor(office: RunningOffice) -> Iterator[Visitor]:
    with Visitor(office) as opened:
        yield opened


def come_back(visitor: Visitor, wanted: str = "/people") -> httpx.Response:
    """Go to the issuer and let it send the browser back."""
    there = visitor.http.get("/log-in/issuer", params={"next": wanted})
    assert there.status_code == 303, there.text
    back = httpx.get(there.headers["location"], trust_env=False)
    parts = urlsplit(back.headers["location"])
    return visitor.http.get(f"{parts.path}?{parts.query}")


def test_the_form_offers_the_issuer(visitor: Visitor) -> None:
    assert "Log in with 127.0.0.1" in visitor.http.get("/log-in").text


def test_who_was_linked_is_let_in_and_goes_where_they_wanted_to(visitor: Visitor) -> None:
    answer = come_back(visitor)

    assert 'content="0; url=/people"' in answer.text
    assert visitor.http.get("/people").is_success


def test_a_stranger_with_a_good_word_of_the_issuer_is_refused(
    visitor: Visitor, little: LittleIssuer
) -> None:
    little.subject = "sub-stranger"

    answer = come_back(visitor)

    assert answer.status_code == 403
    assert "nobody here is known as 'sub-stranger'" in error_on(answer)
    assert visitor.http.get("/people").status_code == 303


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://evil.example"},
        {"aud": "another-client"},
        {"nonce": "another"},
        {"exp": int(time.time()) - 600},
    ],
)
def test_a_word_for_somebody_else_or_of_long_ago_lets_nobody_in(
    visitor: Visitor, little: LittleIssuer, changed: dict[str, Any]
) -> None:
    little.changed = changed

    answer = come_back(visitor)

    assert answer.status_code == 403
    assert visitor.http.get("/people").status_code == 303


def test_a_word_signed_by_another_key_lets_nobody_in(
    visitor: Visitor, little: LittleIssuer
) -> None:
    little.signed_by = RSAKey.generate_key(2048, {"kid": "k1"})

    assert come_back(visitor).status_code == 403


def test_the_answer_to_another_browsers_log_in_lets_nobody_in(
    visitor: Visitor, office: RunningOffice
) -> None:
    there = visitor.http.get("/log-in/issuer")
    back = httpx.get(there.headers["location"], trust_env=False)
    parts = urlsplit(back.headers["location"])

    with Visitor(office) as victim:
        victim.http.get("/log-in/issuer")
        answer = victim.http.get(f"{parts.path}?{parts.query}")
        inside = victim.http.get("/people").status_code

    assert (answer.status_code, inside) == (403, 303)


def test_what_the_issuer_refuses_is_told(visitor: Visitor) -> None:
    there = visitor.http.get("/log-in/issuer")
    state = urlsplit(there.headers["location"]).query.split("state=")[1].split("&")[0]

    answer = visitor.http.get(
        "/log-in/issuer/back", params={"state": state, "error": "access_denied"}
    )

    assert "access_denied" in error_on(answer)


def test_an_issuer_that_is_away_is_told() -> None:
    away = ExternalIssuer(f"http://127.0.0.1:{quiet_port()}", "tillflow", None)

    with pytest.raises(IssuerAway, match="Try again, or a password"):
        away.begin("http://127.0.0.1/back", "/")


def test_a_password_lets_people_in_beside_the_issuer(visitor: Visitor) -> None:
    assert visitor.log_in("mia").is_success


# ---------------------------------------------------------------- linking


@pytest.fixture
def admin(office: RunningOffice) -> Iterator[Visitor]:
    with Visitor(office) as opened:
        assert opened.log_in("mia").is_success
        yield opened


def save(admin: Visitor, user_id: str, **fields: str) -> httpx.Response:
    """Send a user's own form as it is, but for these fields."""
    return admin.send("/users", f"/users/{user_id}", active="yes", **fields)


def test_somebody_who_is_there_already_is_linked_and_let_in_and_unlinked_and_kept_out(
    visitor: Visitor, admin: Visitor, office: RunningOffice, little: LittleIssuer
) -> None:
    make_user(office, User("old", "Old", Role.MANAGER, None))
    little.subject = "sub-old"

    linked = save(admin, "old", role="manager", subject=" sub-old ")
    shown = admin.http.get("/users").text
    let_in = come_back(visitor).status_code
    save(admin, "old", role="manager", subject="")

    assert linked.status_code == 303
    assert re.search(r'name="subject"[^>]* value="sub-old"', shown)
    assert let_in == 200
    assert visitor.http.get("/people").status_code == 303
    assert come_back(visitor).status_code == 403


def test_the_owner_is_linked_like_everybody_and_a_form_without_the_field_leaves_the_link(
    visitor: Visitor, admin: Visitor, office: RunningOffice, little: LittleIssuer
) -> None:
    make_user(office, User("owner", "Owner", Role.ADMIN))
    little.subject = "sub-owner"

    save(admin, "owner", role="admin", subject="sub-owner")
    save(admin, "owner", role="admin")

    assert come_back(visitor).is_success


def test_a_subject_that_another_user_has_is_refused(admin: Visitor, office: RunningOffice) -> None:
    make_user(office, User("late", "Late", Role.MANAGER))

    answer = save(admin, "late", role="ops", subject="sub-1")

    assert answer.status_code == 409
    assert "linked to another user already" in answer.text
    with office.database.begin() as connection:
        assert users.user(connection, "late").role is Role.MANAGER


def test_who_is_let_in_by_the_issuer_alone_obeys_the_roles_too(
    admin: Visitor, office: RunningOffice
) -> None:
    with office.database.begin() as connection:
        shop.load_shop(connection, Shop(stores=(Store("S1", "Corner shop", "EUR"),)))

    answer = admin.send(
        "/users", id="odd", name="Odd", role="ops", store_id="S1", subject="sub-odd"
    )

    assert answer.status_code == 422
    assert "The role ops is for every store" in answer.text
