"""Asks a server whether it is ready."""

import asyncio
from datetime import timedelta
from typing import Final

import httpx2

_POLL_EVERY: Final = timedelta(milliseconds=100)
_TIMEOUT: Final = timedelta(seconds=5)


def open_client() -> httpx2.AsyncClient:
    """Return a client for `is_ready`."""
    return httpx2.AsyncClient(timeout=_TIMEOUT.total_seconds(), trust_env=False)


async def is_ready(client: httpx2.AsyncClient, url: str) -> bool:
    """Return whether /readyz returns 200."""
    try:
        return (await client.get(f"{url}/readyz")).status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False


async def wait_until_ready(url: str) -> None:
    """Return when /readyz returns 200; there is no timeout."""
    async with open_client() as client:
        while True:
            if await is_ready(client, url):
                return
            await asyncio.sleep(_POLL_EVERY.total_seconds())
