"""Requests that the checks make."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import httpx2

_TIMEOUT: Final = timedelta(seconds=5)


async def get(
    url: str, headers: Mapping[str, str] | None = None, *, follow_redirects: bool = True
) -> httpx2.Response | None:
    """Return the response, or None if there is none."""
    try:
        timeout = _TIMEOUT.total_seconds()
        async with httpx2.AsyncClient(timeout=timeout, follow_redirects=follow_redirects) as client:
            return await client.get(url, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL):
        return None
