"""Asks a server whether it is ready."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import aiohttp

_POLL_EVERY: Final = timedelta(milliseconds=50)
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)


def open_client() -> aiohttp.ClientSession:
    """Return a client for `is_ready`."""
    return aiohttp.ClientSession(timeout=_TIMEOUT)


async def is_ready(client: aiohttp.ClientSession, url: str) -> bool:
    """Return whether /readyz returns 200."""
    try:
        async with client.get(f"{url}/readyz") as reply:
            return reply.status == HTTPStatus.OK
    except (aiohttp.ClientError, TimeoutError):
        return False


async def wait_until_ready(url: str) -> None:
    """Return when /readyz returns 200; there is no timeout."""
    async with open_client() as client:
        while True:
            if await is_ready(client, url):
                return
            await asyncio.sleep(_POLL_EVERY.total_seconds())
