"""The codec server of Temporal's UI: shows operators of this office what is encrypted.

What is not is shown as it is: the SDK's own markers, and what somebody else sent and was refused.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from starlette.exceptions import HTTPException
from temporalio.api.common.v1 import Payloads

from api.callers import may
from api.deps import OpenOffice
from domain.roles import Action
from workflows.codec import CannotDecrypt

router = APIRouter(prefix="/codec", include_in_schema=False)


@router.post("/decode", dependencies=[may(Action.DECODE_PAYLOADS, browser=True)])
async def decode(request: Request, office: OpenOffice) -> Response:
    """Decrypt payloads in the protobuf JSON that Temporal's UI and CLI send."""
    try:
        sent = Parse(await request.body(), Payloads())
        plain = Payloads(payloads=office.codec.shown(sent.payloads))
    except (ParseError, CannotDecrypt) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, str(error)) from error
    return Response(MessageToJson(plain), media_type="application/json")
