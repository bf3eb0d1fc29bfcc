"""How a command on the office's own machine proves itself to the API: by the office's key files."""

from __future__ import annotations

from collections.abc import Generator

import httpx

from activities.settings import Settings
from activities.token_keys import TokenKeys
from api.auth.access import Access, issue
from domain.roles import Role
from domain.tokens import OFFICE_CLIENT


class CommandToken(httpx.Auth):
    """Gives each request a token of its own; who can read the keys could sign any.

    For `httpx.get(…, auth=…)`; `name` is what audit and refusals call the command.
    """

    def __init__(
        self, settings: Settings, name: str, role: Role, store_id: str | None = None
    ) -> None:
        self._keys = TokenKeys(settings.token_keys_dir)
        self._access = Access(name, role, OFFICE_CLIENT, store_id)

    @property
    def header(self) -> str:
        """What stands behind `Authorization:` for ten minutes."""
        return f"Bearer {issue(self._keys, self._access)}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put a fresh token on the request."""
        request.headers["Authorization"] = self.header
        yield request
