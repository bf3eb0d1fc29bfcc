"""How a device becomes a till, gets its permission to trade, and loses it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from activities.db import queries, standing
from activities.db.standing import Device, EnrolmentRefused, NewCode
from api.bounds import IdInPath
from api.callers import EVERYBODY, Caller, may
from api.deps import OpenOffice
from api.problems import RESPONSES, Problem
from domain.lease import SignedLease, Standing
from domain.roles import Action

LONGEST_WHY = 500

router = APIRouter(tags=["tills"], responses=RESPONSES)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A device that asks to become a till.

    `proof` is the Ed25519 signature, in hex, over the SHA-256 of the canonical JSON of `code` and
    `public_key`, by that key.
    """

    code: Annotated[str, Field(max_length=40, examples=["K7QM-4T9X-2HRP"])]
    public_key: Annotated[str, Field(pattern="^[0-9a-f]{64}$", max_length=64)]
    proof: Annotated[str, Field(pattern="^[0-9a-f]{128}$", max_length=128)]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the device is from now on; `pin_pepper` is its store's, in hex."""

    till_id: str
    store_id: str
    series: str
    office_key: str
    pin_pepper: str
    lease: SignedLease


@dataclass(frozen=True, slots=True)
class LeaseAsked:
    """A till's request for another lease; the answer repeats its id under the signature."""

    request_id: Annotated[str, Field(max_length=36)] = ""


@dataclass(frozen=True, slots=True)
class StandingAsked:
    """How a till is to stand from now on, and why."""

    standing: Standing
    why: Annotated[str, Field(min_length=1, max_length=LONGEST_WHY)]


_LEASE_ASKED = LeaseAsked()


@router.post(
    "/enrolments",
    status_code=HTTPStatus.CREATED,
    summary="Become a till",
    dependencies=[EVERYBODY],
    responses={HTTPStatus.FORBIDDEN: {"model": Problem, "description": "The code is not good."}},
)
def enrol(asked: Enrolment, office: OpenOffice, request: Request) -> Enrolled:
    """Make the device the till that its code is for; repeating it gives the same answer.

    A code is good for ten minutes and one device; ten wrong tries end it.
    """
    device = Device(asked.code, asked.public_key, asked.proof)
    address = request.client.host if request.client else ""
    with office.database.begin() as connection:
        found = standing.enrol(connection, office.desk(), device, address)
    # Only now, so that the wrong try is counted.
    if isinstance(found, EnrolmentRefused):
        raise found
    till, lease = found
    return Enrolled(
        till_id=till.id,
        store_id=till.store_id,
        series=till.series,
        office_key=office.key.public_key,
        pin_pepper=office.pepper.of_store(till.store_id).hex(),
        lease=lease,
    )


@router.post(
    "/tills/{till_id}/enrolment-code",
    status_code=HTTPStatus.CREATED,
    summary="Make an enrolment code",
)
def make_code(
    till_id: IdInPath, office: OpenOffice, caller: Annotated[Caller, may(Action.MANAGE_TILLS)]
) -> NewCode:
    """Make a code to be typed at the new device; it ends the till's codes before it."""
    with office.database.begin() as connection:
        caller.insist_on_store(queries.store_of_till(connection, till_id))
        return standing.make_code(connection, office.desk(), caller.actor, till_id)


@router.post(
    "/tills/{till_id}/lease",
    summary="Renew the permission to trade",
    dependencies=[may(Action.RENEW_LEASE)],
)
def renew(till_id: IdInPath, office: OpenOffice, asked: LeaseAsked = _LEASE_ASKED) -> SignedLease:
    """Give the till another 72 hours, signed."""
    with office.database.begin() as connection:
        return standing.renew(connection, office.desk(), till_id, asked.request_id)


@router.put("/tills/{till_id}/standing", summary="Revoke or reinstate a till")
def change(
    till_id: IdInPath,
    asked: StandingAsked,
    office: OpenOffice,
    caller: Annotated[Caller, may(Action.MANAGE_TILLS)],
) -> StandingAsked:
    """Let a till trade or not; it takes effect on its next request."""
    with office.database.begin() as connection:
        caller.insist_on_store(queries.store_of_till(connection, till_id))
        wanted = (asked.standing, asked.why)
        standing.change(connection, office.desk(), caller.actor, till_id, wanted)
    return asked
