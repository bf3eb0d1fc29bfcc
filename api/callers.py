"""Who calls a route, and the rule that every route has: `may` one action, or open to all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from anyio import from_thread
from fastapi import Depends, FastAPI, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.staticfiles import StaticFiles
from starlette.routing import Mount

from activities.db import callers
from activities.db.callers import KnownTill, SpentBefore
from api.auth.access import Access, verified
from api.auth.proofs import WRONG_PROOF, Proven, proof_of
from api.auth.refusals import LeaseOver, NotProven, not_trading
from api.deps import Office, OpenOffice
from domain.audit import Actor
from domain.errors import DomainError
from domain.lease import Standing
from domain.roles import Action, Role, insist
from domain.tokens import OFFICE_CLIENT

WITHOUT_LEASE = frozenset({Action.RENEW_LEASE, Action.SEND_JOURNAL})
"""What a till may do whose lease is over: get another, and tell what it sold."""

OPEN_PAGES = frozenset({"/docs", "/docs/oauth2-redirect", "/openapi.json"})
OPEN_FOLDERS = frozenset({"/static-offline-docs", "/static"})
"""What FastAPI serves by itself, open to everybody: it says how to ask and holds no data."""

_FRAMEWORK = frozenset({"fastapi.applications", "fastapi_offline.core"})


class OtherStore(DomainError):
    """Something of a store that the caller does not work for."""

    status = 403

    def __init__(self, caller: Caller, store_id: str) -> None:
        super().__init__(
            f"{caller.id} works for store {caller.store_id!r}, not for {store_id!r}. "
            "Nothing was changed."
        )


class OtherTill(DomainError):
    """A till that speaks for another one."""

    status = 403

    def __init__(self, caller: Caller, till_id: str) -> None:
        super().__init__(f"Till {caller.id} may not speak for till {till_id}. Nothing was changed.")


class RouteWithoutRule(Exception):
    """A route that does not say who may ask it; the application does not start with one."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A person or a till whose identity was proven; `store_id` None is every store.

    `address` is where the request came from, for the audit.
    """

    id: str
    role: Role
    store_id: str | None = None
    address: str = ""

    @property
    def actor(self) -> Actor:
        """The caller as the audit names it."""
        return Actor(self.id, self.role.value, self.address)

    def insist_on_store(self, store_id: str) -> None:
        """Raise `OtherStore` unless the caller works for this store."""
        if self.store_id not in {None, store_id}:
            raise OtherStore(self, store_id)


class Browsers(Protocol):
    """Who is logged in by browser; the manager's pages bring theirs."""

    def caller(self, request: Request) -> Caller | None:
        """Return who is logged in there, None for nobody."""
        ...


class NoBrowsers:
    """An office without pages: nobody is logged in."""

    def caller(self, request: Request) -> Caller | None:
        return None


BEARER = HTTPBearer(auto_error=False, description="A token of `POST /oauth/token`.")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route asks of its caller; `browser` lets in who is logged in at the manager's page.

    A route with `browser` must not change anything by itself: its request may have been forged.
    """

    action: Action
    browser: bool = False

    def __call__(
        self,
        request: Request,
        office: OpenOffice,
        _documented: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
    ) -> Caller:
        """Let the caller in or raise `NotProven`, `NotAllowed` or what else stands in the way."""
        caller = self._proven(request, office)
        request.state.caller = caller
        from_thread.run(request.app.state.rates.admit, caller)
        insist(caller.role, self.action)
        return caller

    def _proven(self, request: Request, office: Office) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "dpop" and token:
            return _till(request, office, token, self.action)
        if scheme.lower() == "bearer" and token:
            return _user(request, office, token)
        caller = browsers_of(request).caller(request) if self.browser else None
        if caller is None:
            raise NotProven("This needs a token: `Authorization: Bearer …`, or a till's proof.", "")
        return caller


def may(action: Action, *, browser: bool = False) -> Any:  # noqa: ANN401 -- what Depends returns
    """Make the rule of a route out of what its caller must be allowed to do."""
    return Depends(Rule(action, browser))


def everybody() -> None:
    """Ask nothing."""


EVERYBODY = Depends(everybody)
"""The rule of a route that is open to everybody, said on purpose."""


def browsers_of(request: Request) -> Browsers:
    """Return who knows the browsers that are logged in."""
    browsers: Browsers = request.app.state.browsers
    return browsers


def insist_on_rules(app: FastAPI) -> None:
    """Raise `RouteWithoutRule` if any route lacks a rule: what is not said is denied."""
    wrong = [str(route.path) for route in iter_route_contexts(app.routes) if not _is_ruled(route)]
    if wrong:
        raise RouteWithoutRule(
            f"{', '.join(wrong)}: each route needs exactly one rule, `may(Action.…)` or EVERYBODY."
        )


def rules_of(route: RouteContext) -> set[Rule | None]:
    """Return the rules of a route; None stands for everybody."""
    found = _calls(route.dependant) if hasattr(route, "dependant") else []
    return {None if call is everybody else call for call in found if _is_rule(call)}


def is_frameworks(route: RouteContext) -> bool:
    """Tell what FastAPI serves by itself: its own functions, and folders of files."""
    mounted = route.original_route
    if isinstance(mounted, Mount):
        return route.path in OPEN_FOLDERS and type(mounted.app) is StaticFiles
    made_by = getattr(route.endpoint, "__module__", "")
    return route.path in OPEN_PAGES and made_by in _FRAMEWORK


def _is_ruled(route: RouteContext) -> bool:
    return is_frameworks(route) or len(rules_of(route)) == 1


def _is_rule(call: object) -> bool:
    return isinstance(call, Rule) or call is everybody


def _calls(dependant: Dependant) -> list[Any]:
    below = [call for one in dependant.dependencies for call in _calls(one)]
    return [dependant.call, *below]


def _till(request: Request, office: Office, token: str, action: Action) -> Caller:
    """Check token, proof, books and lease of a till, and that it speaks for itself."""
    access = verified(office.token_keys, token)
    proof = proof_of(request.headers.get("dpop"), Proven(request.method, request.url.path, token))
    if proof.thumbprint != access.thumbprint:
        raise NotProven("The token is bound to another key than the proof's.", WRONG_PROOF)
    try:
        with office.database.begin() as connection:
            till = callers.calling_till(connection, access.subject, proof.once)
    except SpentBefore as error:
        raise NotProven(
            "The proof was used before; make one for each request.", WRONG_PROOF
        ) from error
    if till is None or till.public_key != proof.public_key:
        raise NotProven(f"Till {access.subject} is not enrolled with this key.")
    _insist_on_trading(till, office, action)
    caller = Caller(till.id, Role.TILL, till.store_id, _address(request))
    asked = request.path_params.get("till_id", till.id)
    if asked != till.id:
        raise OtherTill(caller, asked)
    return caller


def _insist_on_trading(till: KnownTill, office: Office, action: Action) -> None:
    if till.standing is not Standing.TRADING:
        raise not_trading(till.id, till.standing, till.why, office.key)
    over = till.lease_until is not None and till.lease_until <= dt.datetime.now(dt.UTC)
    if over and action not in WITHOUT_LEASE:
        assert till.lease_until is not None
        raise LeaseOver(till.id, till.lease_until)


def _user(request: Request, office: Office, token: str) -> Caller:
    """Check the token of a user or of one of this machine's own commands."""
    access = verified(office.token_keys, token)
    if access.thumbprint:
        raise NotProven("The token is bound to a till's key: send it with `DPoP` and a proof.")
    if access.client_id == OFFICE_CLIENT:
        return Caller(access.subject, access.role, access.store_id, _address(request))
    return _known_user(request, office, access)


def _known_user(request: Request, office: Office, access: Access) -> Caller:
    with office.database.begin() as connection:
        user = callers.calling_user(connection, access.subject)
    if user is None:
        raise NotProven(f"User {access.subject} may not log in (any more).")
    return Caller(user.id, Role(user.role), user.store_id, _address(request))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
