"""One line in the log for each request: which route, how it ended, how long it took, who asked."""

from __future__ import annotations

import logging
import time
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.rates import proven

NO_ROUTE = "none"
REQUEST_ID = "X-Request-ID"
_log = logging.getLogger(__name__)


class AccessLog:
    """ASGI middleware; paths, queries, headers and bodies stay out of the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with an id by which the line is found again."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, begun = uuid4().hex, time.perf_counter()
        # Until the application has answered: whatever is raised becomes the server's 500.
        status = 500

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        try:
            await self._app(scope, receive, numbered)
        finally:
            caller = proven(scope)
            line = {
                "method": scope["method"],
                "route": _route(scope),
                "status": status,
                "ms": round(1000 * (time.perf_counter() - begun)),
                "caller": caller.id if caller else None,
                "request_id": request_id,
            }
            _log.info("request", extra=line)


def _route(scope: Scope) -> str:
    """Return the path as it was declared; FastAPI keeps that of a router in a router beside it."""
    whole = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(whole or scope.get("route"), "path", NO_ROUTE))
