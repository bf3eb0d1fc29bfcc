"""The API does what its OpenAPI document says, whatever is sent (schemathesis, seeded)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from doors import Door
from fastapi import FastAPI, HTTPException
from hypothesis import HealthCheck, Phase, given, seed, settings
from offices import RunningOffice, settings_for
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from activities.token_keys import TokenKeys
from api.app import create_app
from api.auth.access import Access, issue
from domain.roles import Role
from domain.tokens import OFFICE_CLIENT

EXAMPLES = 10
SEED = 20261121
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
MODES = {"as documented": GenerationMode.POSITIVE, "otherwise": GenerationMode.NEGATIVE}
Operation = APIOperation[Any, Any, Any, Any]
AnyCase = Case[Any]


def operations(document: dict[str, Any]) -> dict[str, Operation]:
    found = schemathesis.openapi.from_dict(document).get_all_operations()
    sound = [one.ok() for one in found if isinstance(one, Ok)]
    return {operation.label: operation for operation in sound}


def the_document() -> dict[str, Any]:
    return create_app(settings_for(Path("nowhere"), "postgresql://nobody@/none", 1)).openapi()


OPERATIONS = operations(the_document())


def tried(operation: Operation, mode: GenerationMode, send: Callable[[AnyCase], Response]) -> int:
    """Send a bounded number of cases and check each answer; return how many were sent."""
    sent = 0

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def whatever_is_sent(case: AnyCase) -> None:
        nonlocal sent
        sent += 1
        case.validate_response(send(case), checks=CHECKS)

    whatever_is_sent()
    return sent


def can_be(operation: Operation, mode: GenerationMode) -> bool:
    """Tell whether there is anything to be sent that is not as documented."""
    asked = [*operation.path_parameters, *operation.query, *operation.body]
    return mode is GenerationMode.POSITIVE or bool(asked)


@pytest.mark.parametrize(
    ("label", "mode"),
    [
        pytest.param(label, mode, id=f"{label} {name}")
        for label, operation in OPERATIONS.items()
        for name, mode in MODES.items()
        if can_be(operation, mode)
    ],
)
def test_every_answer_is_one_that_the_document_knows(
    office: RunningOffice, label: str, mode: GenerationMode
) -> None:
    keys = TokenKeys(office.settings.token_keys_dir)
    token = issue(keys, Access("a test", Role.ADMIN, OFFICE_CLIENT))
    headers = {"Authorization": f"Bearer {token}"}
    url = office.settings.api_url

    sent = tried(OPERATIONS[label], mode, lambda case: case.call(base_url=url, headers=headers))

    assert sent >= 1


def a_little_app() -> FastAPI:
    app = FastAPI()

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("of the shop")

    @app.get("/teapot")
    def teapot() -> str:
        raise HTTPException(418)

    @app.get("/wrong", response_model=None, responses={200: {"model": int}})
    def wrong() -> str:
        return "no number"

    return app


@pytest.mark.parametrize(
    ("label", "said"),
    [("GET /broken", "Server error"), ("GET /teapot", "Undocumented"), ("GET /wrong", "schema")],
)
def test_an_answer_that_the_document_does_not_know_is_found(label: str, said: str) -> None:
    app = a_little_app()
    operation = operations(app.openapi())[label]

    def send(case: AnyCase) -> Response:
        answer = Door(app).get(case.formatted_path)
        return Response.from_httpx(answer, verify=True)

    with pytest.raises((Failure, FailureGroup)) as found:
        tried(operation, GenerationMode.POSITIVE, send)

    texts = [str(one) for one in getattr(found.value, "exceptions", [found.value])]
    assert any(said in text for text in texts), texts
