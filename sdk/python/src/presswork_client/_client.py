"""The two clients: the same calls, blocking and for asyncio."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import httpx2

from presswork_client._generated.resources import AsyncResources, Resources
from presswork_client._log import set_up_logging
from presswork_client._not_given import NOT_GIVEN, NotGiven
from presswork_client._transport import (
    DEFAULT_MAX_RETRIES,
    DEFAULT_TIMEOUT_SECONDS,
    AsyncTransport,
    Settings,
    Transport,
    checked_http_client,
    opened,
)


class Presswork(Resources):
    """Client of the Presswork API. Thread-safe; create one and reuse it, or use it in a `with` block.

    Calls are retried after a lost connection, 429 and 5xx, at most `max_retries` times. Every write has an idempotency
    key, and all retries of a call send the same one: nothing is done twice.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout_seconds: float | None = DEFAULT_TIMEOUT_SECONDS,
        max_retries: int = DEFAULT_MAX_RETRIES,
        http_client: httpx2.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Create a client. The defaults are PRESSWORK_API_KEY, and PRESSWORK_BASE_URL or this machine.

        Pass `http_client` to configure proxies or certificates; you close it. `sleep` is for tests.
        Raises PressworkError if there is no key, and InvalidArgumentError for a wrong argument.
        """
        set_up_logging()
        settings = Settings.of(api_key, base_url, timeout_seconds, max_retries)
        self._is_own = http_client is None
        http = opened(httpx2.Client) if http_client is None else checked_http_client(http_client, httpx2.Client)
        self._transport = Transport(settings, http, sleep)
        super().__init__(self._transport)

    def with_options(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
    ) -> Self:
        """Return a client with other settings on the same connections: `presswork.with_options(max_retries=0)`.

        Close the client that it was made from, which closes the connections of both.
        """
        settings = self._transport.settings
        return type(self)(
            api_key=settings.api_key if api_key is None else api_key,
            base_url=settings.base_url if base_url is None else base_url,
            timeout_seconds=settings.timeout_seconds if isinstance(timeout_seconds, NotGiven) else timeout_seconds,
            max_retries=settings.max_retries if max_retries is None else max_retries,
            http_client=self._transport.http,
            sleep=self._transport.sleep,
        )

    def close(self) -> None:
        """Close the open connections."""
        if self._is_own:
            self._transport.http.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        self.close()

    def __repr__(self) -> str:
        """Show the server, never the key."""
        return f"Presswork({self._transport.settings!r})"


class AsyncPresswork(AsyncResources):
    """Client of the Presswork API for asyncio. Create one and reuse it, or use it in an `async with` block.

    It has the methods of Presswork; each call is awaited.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout_seconds: float | None = DEFAULT_TIMEOUT_SECONDS,
        max_retries: int = DEFAULT_MAX_RETRIES,
        http_client: httpx2.AsyncClient | None = None,
    ) -> None:
        """Create a client. The defaults are PRESSWORK_API_KEY, and PRESSWORK_BASE_URL or this machine.

        Pass `http_client` to configure proxies or certificates; you close it. Raises PressworkError if there is no key,
        and InvalidArgumentError for a wrong argument.
        """
        set_up_logging()
        settings = Settings.of(api_key, base_url, timeout_seconds, max_retries)
        self._is_own = http_client is None
        is_given = http_client is not None
        http = checked_http_client(http_client, httpx2.AsyncClient) if is_given else opened(httpx2.AsyncClient)
        self._transport = AsyncTransport(settings, http)
        super().__init__(self._transport)

    def with_options(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
    ) -> Self:
        """Return a client with other settings on the same connections: `presswork.with_options(max_retries=0)`.

        Close the client that it was made from, which closes the connections of both.
        """
        settings = self._transport.settings
        return type(self)(
            api_key=settings.api_key if api_key is None else api_key,
            base_url=settings.base_url if base_url is None else base_url,
            timeout_seconds=settings.timeout_seconds if isinstance(timeout_seconds, NotGiven) else timeout_seconds,
            max_retries=settings.max_retries if max_retries is None else max_retries,
            http_client=self._transport.http,
        )

    async def close(self) -> None:
        """Close the open connections."""
        if self._is_own:
            await self._transport.http.aclose()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        await self.close()

    def __repr__(self) -> str:
        """Show the server, never the key."""
        return f"AsyncPresswork({self._transport.settings!r})"
