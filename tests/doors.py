"""Asking an application at its door, in this process and without a server."""

from __future__ import annotations

import asyncio

import httpx
from fastapi import FastAPI


class Door:
    """Sends one request after the other; what the application raises is answered, not raised."""

    def __init__(self, app: FastAPI, *, address: str = "192.0.2.1", scheme: str = "http") -> None:
        self._way = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
        self._office = f"{scheme}://office"

    async def ask(self, path: str, method: str = "POST", **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._way, base_url=self._office) as client:
            return await client.request(method, path, headers=headers)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return asyncio.run(self.ask(path, "GET", **headers))
