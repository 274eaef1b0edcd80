"""Waits until a server is ready."""

import asyncio
from datetime import timedelta
from typing import Final

import httpx2

_POLL_EVERY: Final = timedelta(milliseconds=100)
_TIMEOUT: Final = timedelta(seconds=5)


async def wait_until_ready(url: str) -> None:
    """Return when /readyz returns 200; there is no timeout."""
    async with httpx2.AsyncClient(base_url=url, timeout=_TIMEOUT.total_seconds(), trust_env=False) as client:
        while True:
            if await _is_ready(client):
                return
            await asyncio.sleep(_POLL_EVERY.total_seconds())


async def _is_ready(client: httpx2.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False
