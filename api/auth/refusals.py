"""What the door says to those it does not let in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from activities.db.standing import signed
from api.problems import Problem, problem_of, respond
from domain.errors import DomainError
from domain.journal import Signer
from domain.lease import Lease, SignedLease, Standing
from domain.tokens import ALGORITHM

_CHALLENGE = f'DPoP algs="{ALGORITHM}"'


class NotProven(DomainError):
    """A request whose sender is not known; `error` is RFC 6750's or RFC 9449's word for it."""

    status = 401

    def __init__(self, why: str, error: str = "invalid_token") -> None:
        super().__init__(f"{why} Nothing was done.")
        self.error = error


class TillNotTrading(DomainError):
    """A till that was revoked or frozen; `lease` is the office's signed word on it."""

    status = 403

    def __init__(self, lease: SignedLease) -> None:
        told = lease.lease
        super().__init__(
            f"Till {told.till_id} is {told.standing} and may not trade: "
            f"{told.why or 'the office gave no reason'}. Nothing was done."
        )
        self.lease = lease


class LeaseOver(DomainError):
    """A till whose permission to trade has ended and was not renewed."""

    status = 403

    def __init__(self, till_id: str, until: dt.datetime) -> None:
        super().__init__(
            f"The lease of till {till_id} ended at {until:%Y-%m-%d %H:%M:%S} UTC. Renew it first; "
            "until then the office takes its journal and nothing else."
        )


@dataclass(frozen=True, slots=True)
class NotTradingProblem(Problem):
    """A problem with the office's signed word, for the till to keep."""

    lease: SignedLease | None = None


def not_trading(till_id: str, standing: Standing, why: str, signer: Signer) -> TillNotTrading:
    """Sign the office's word that this till may not trade from now on."""
    now = dt.datetime.now(dt.UTC)
    return TillNotTrading(signed(signer, Lease(till_id, standing, now, now, why)))


def install(app: FastAPI) -> None:
    """Answer those refusals that carry more than a sentence."""

    @app.exception_handler(NotProven)
    async def not_proven(_: Request, error: NotProven) -> JSONResponse:
        return respond(problem_of(error), challenge(error.error))

    @app.exception_handler(TillNotTrading)
    async def till_not_trading(_: Request, error: TillNotTrading) -> JSONResponse:
        told = problem_of(error)
        said = NotTradingProblem(told.type, told.title, told.status, told.detail, lease=error.lease)
        return respond(said)


def challenge(error: str) -> dict[str, str]:
    """Say by which ways one may prove oneself, and what was wrong with the one taken."""
    wrong = f', error="{error}"' if error else ""
    return {"WWW-Authenticate": f"{_CHALLENGE}{wrong}, Bearer"}
