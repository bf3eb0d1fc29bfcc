"""What every answer tells a browser: take nothing from elsewhere, guess nothing, keep nothing."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DOCUMENTATION = ("/docs", "/docs/oauth2-redirect")
_NOWHERE = "default-src 'none'; frame-ancestors 'none'"
_PAGE = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
# Swagger's page starts itself by a script that stands in it, and draws with styles and pictures
# that do; it is the same for everybody and shows nothing that somebody has sent.
_DOCUMENTATION = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
_TWO_YEARS = "max-age=63072000; includeSubDomains"
_KEPT = ("text/css", "text/javascript", "application/javascript", "image/", "font/")
"""What may stay in a browser: the same for everybody."""


class SecurityHeaders:
    """ASGI middleware; what a route has set itself stays as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Complete the headers of each answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                complete(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, completed)


def complete(headers: MutableHeaders, scope: Scope) -> None:
    """Add what is missing to the headers of an answer."""
    kind = headers.get("content-type", "")
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", _policy(scope["path"], kind))
    if not kind.startswith(_KEPT):
        headers.setdefault("Cache-Control", "no-store")
    if scope.get("scheme") == "https":
        headers.setdefault("Strict-Transport-Security", _TWO_YEARS)


def _policy(path: str, kind: str) -> str:
    if path in DOCUMENTATION:
        return _DOCUMENTATION
    return _PAGE if kind.startswith("text/html") else _NOWHERE
