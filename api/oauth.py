"""The office as an issuer of tokens: OAuth 2.0 (RFC 6749, 7636, 7523, 9449; RFC 8414 about it)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import WithJsonSchema
from starlette.concurrency import run_in_threadpool

from api.auth import grants
from api.auth.grants import Form, NoToken, Tokens
from api.auth.jose import LONGEST_TOKEN
from api.auth.proofs import Proven, proof_of
from api.auth.refusals import NotProven, challenge
from api.callers import EVERYBODY
from api.deps import Office, OpenOffice
from api.problems import RESPONSES
from domain.tokens import ALGORITHM, ISSUER, TOKEN_PATH

AUTHORIZE_PATH = "/oauth/authorize"
JWKS_PATH = "/.well-known/jwks.json"
NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_PARAMETERS = """
    grant_type client_id client_assertion_type client_assertion
    code redirect_uri code_verifier refresh_token
""".split()
_FORM = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {name: {"type": "string", "maxLength": LONGEST_TOKEN} for name in _PARAMETERS},
}

# Whoever reads a proof looks at its length too, and says why it is refused.
_Proof = Annotated[str, WithJsonSchema({"type": "string", "maxLength": LONGEST_TOKEN})]


@dataclass(frozen=True, slots=True)
class OAuthError:
    """RFC 6749's form of a refusal."""

    error: str
    error_description: str


_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": OAuthError, "description": description}
    for status, description in {
        400: "The request cannot be understood (RFC 6749).",
        401: "What was brought proves nothing (RFC 6749).",
    }.items()
}

router = APIRouter(tags=["tokens"])


@router.post(
    TOKEN_PATH,
    summary="Get a token",
    dependencies=[EVERYBODY],
    response_model=Tokens,
    responses=RESPONSES | _REFUSALS,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": _FORM}},
        }
    },
)
async def token(
    request: Request, office: OpenOffice, dpop: Annotated[_Proof | None, Header()] = None
) -> Response:
    """Give a till a token for its assertion, a program one for a user's code or refresh token."""
    try:
        given = await run_in_threadpool(_given, office, await _form(request), dpop)
    except NoToken as error:
        said = {"error": error.error, "error_description": str(error)}
        unproven = error.status == HTTPStatus.UNAUTHORIZED
        headers = NOT_KEPT | (challenge(error.error) if unproven else {})
        return JSONResponse(said, error.status, headers=headers)
    said = {name: value for name, value in asdict(given).items() if value != ""}
    return JSONResponse(said, headers=NOT_KEPT)


@router.get(JWKS_PATH, summary="The keys that sign tokens", dependencies=[EVERYBODY])
def keys(office: OpenOffice) -> dict[str, list[dict[str, Any]]]:
    """Every public key that is in use (RFC 7517), the one that signs now last."""
    found = office.token_keys.verifying().values()
    return {"keys": [dict(key.as_dict(private=False)) for key in found]}


@router.get(
    "/.well-known/oauth-authorization-server", summary="The issuer", dependencies=[EVERYBODY]
)
def about(request: Request) -> dict[str, Any]:
    """What the issuer can do and where (RFC 8414)."""
    here = str(request.base_url).rstrip("/")
    return {
        "issuer": ISSUER,
        "authorization_endpoint": here + AUTHORIZE_PATH,
        "token_endpoint": here + TOKEN_PATH,
        "jwks_uri": here + JWKS_PATH,
        "response_types_supported": ["code"],
        "grant_types_supported": list(_GRANTS),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": [ALGORITHM],
        "dpop_signing_alg_values_supported": [ALGORITHM],
        "authorization_response_iss_parameter_supported": True,
    }


def _given(office: Office, form: Form, dpop: str | None) -> Tokens:
    asked = form.get("grant_type", "")
    grant = _GRANTS.get(asked)
    if grant is None:
        why = f"grant_type is {asked!r}, expected one of {', '.join(_GRANTS)}."
        raise NoToken("unsupported_grant_type", why, HTTPStatus.BAD_REQUEST)
    return grant(office, form, dpop)


def _for_till(office: Office, form: Form, dpop: str | None) -> Tokens:
    try:
        proof = proof_of(dpop, Proven("POST", TOKEN_PATH))
    except NotProven as error:
        raise NoToken(error.error, str(error)) from error
    return grants.for_till(office, form, proof)


_GRANTS: dict[str, Callable[[Office, Form, str | None], Tokens]] = {
    "client_credentials": _for_till,
    "authorization_code": lambda office, form, _: grants.for_code(office, form),
    "refresh_token": lambda office, form, _: grants.for_refresh(office, form),
}


async def _form(request: Request) -> Form:
    """Read the fields of the body; the same one twice might mean two things."""
    sent = (await request.form()).multi_items()
    form = {name: value for name, value in sent if isinstance(value, str)}
    if len(form) != len(sent):
        raise NoToken("invalid_request", "A field came twice.", HTTPStatus.BAD_REQUEST)
    for name, text in form.items():
        if len(text) > LONGEST_TOKEN:
            why = f"{name[:50]} has {len(text)} letters, expected {LONGEST_TOKEN} at most."
            raise NoToken("invalid_request", why, HTTPStatus.BAD_REQUEST)
    return form
