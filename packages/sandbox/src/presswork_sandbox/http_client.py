"""The HTTP client of the fake platforms, which fetches media and sends callbacks."""

import asyncio
import ssl
from typing import Final

import aiohttp

FETCH_SECONDS: Final = 60.0


class HTTPClient:
    """A client session that opens at the first use."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def session(self) -> aiohttp.ClientSession:
        """Return the session; a call ends after 60 seconds unless it says otherwise.

        Raises ClientConnectionError after `close`: a new session would never be closed.
        """
        async with self._opening:
            if self._session is None:
                # The default context reads SSL_CERT_FILE, and hundreds of certificates: not on the event loop.
                context = await asyncio.to_thread(ssl.create_default_context)
                if self._is_closed:
                    raise aiohttp.ClientConnectionError("The sandbox is closing.")
                self._session = aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(ssl=context, limit=64),
                    timeout=aiohttp.ClientTimeout(total=FETCH_SECONDS),
                    headers={"User-Agent": "PressworkSandbox/1", "Accept-Encoding": "identity"},
                )
            return self._session

    async def close(self) -> None:
        """Close the session, if one was opened."""
        self._is_closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None
